// What every use of OpenSSL here needs: owners, and an error queue left as it was found.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <new>

namespace clave {

template <auto Free>
struct OpenSslFree {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using BioOwner = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;
using KeyOwner = std::unique_ptr<EVP_PKEY, OpenSslFree<EVP_PKEY_free>>;
using CertificateOwner = std::unique_ptr<X509, OpenSslFree<X509_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpenSslFree<EVP_CIPHER_CTX_free>>;

// Nothing fails here but for want of memory: the arguments are ours.
inline void require(bool done) {
    if (!done) {
        throw std::bad_alloc();
    }
}

// An algorithm, for a static: if there was no memory for it, the next call tries again.
template <class Method>
Method* fetched(Method* method) {
    require(method != nullptr);
    return method;
}

// The host's TLS reads the same per-thread queue, and would take our failures for those of a
// connection. Errors raised while one of these is alive are gone afterwards, older ones stay.
class ErrorMark {
  public:
    ErrorMark() noexcept { ERR_set_mark(); }
    ~ErrorMark() { ERR_pop_to_mark(); }
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
};

inline unsigned char* octets(std::byte* bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes);  // unsigned char may alias any object
}
inline const unsigned char* octets(const std::byte* bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes);  // as above
}

}  // namespace clave
