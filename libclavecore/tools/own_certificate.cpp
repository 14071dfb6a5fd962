#include "own_certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

#include "crypto/openssl.h"

namespace clave::tool {
namespace {

constexpr unsigned kBits = 3072;
constexpr int kSerialBytes = 16;

using RequestOwner = std::unique_ptr<X509_REQ, OpenSslFree<X509_REQ_free>>;
using NameOwner = std::unique_ptr<X509_NAME, OpenSslFree<X509_NAME_free>>;
using ExtensionOwner = std::unique_ptr<X509_EXTENSION, OpenSslFree<X509_EXTENSION_free>>;

struct ExtensionsFree {
    void operator()(STACK_OF(X509_EXTENSION) * all) const noexcept {
        sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
    }
};
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsFree>;

bool add(X509_NAME* name, const char* field, const std::string& value) {
    return value.empty() ||
           X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                      // OpenSSL's octets; unsigned char may alias any object
                                      reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
}

NameOwner name_of(const Subject& subject) {
    NameOwner name(X509_NAME_new());
    require(name != nullptr);
    const bool good = add(name.get(), "C", "ES") && add(name.get(), "O", subject.organization) &&
                      add(name.get(), "CN", subject.common_name);
    return good ? std::move(name) : nullptr;
}

bool add(STACK_OF(X509_EXTENSION) * all, int kind, const std::string& value) {
    ExtensionOwner one(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
    if (one == nullptr || sk_X509_EXTENSION_push(all, one.get()) == 0) {
        return false;
    }
    static_cast<void>(one.release());
    return true;
}

Extensions extensions_of(const Subject& subject) {
    Extensions all(sk_X509_EXTENSION_new_null());
    require(all != nullptr);
    const bool good = add(all.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      add(all.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
                      add(all.get(), NID_subject_alt_name, "DNS:" + subject.common_name);
    return good ? std::move(all) : nullptr;
}

template <class Write>
std::string pem(Write write) {
    const BioOwner bio(BIO_new(BIO_s_secmem()));
    require(bio != nullptr && write(bio.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string key_pem(EVP_PKEY* key) {
    return pem([&](BIO* bio) {
        return PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::string request_pem(X509_NAME* name, STACK_OF(X509_EXTENSION) * extensions, EVP_PKEY* key) {
    const RequestOwner request(X509_REQ_new());
    require(request != nullptr && X509_REQ_set_subject_name(request.get(), name) == 1 &&
            X509_REQ_set_pubkey(request.get(), key) == 1 &&
            X509_REQ_add_extensions(request.get(), extensions) == 1 &&
            X509_REQ_sign(request.get(), key, EVP_sha256()) != 0);
    return pem([&](BIO* bio) { return PEM_write_bio_X509_REQ(bio, request.get()); });
}

bool is_host_name(const std::string& text) {
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of(
               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") ==
               std::string::npos;
}

}  // namespace

ConfigResult<OwnCertificate> make_certificate(const Subject& subject, int days) {
    if (!is_host_name(subject.common_name)) {
        return tl::unexpected(ConfigError{"\"" + subject.common_name + "\" is no host name",
                                          "as in sede.example.gob.es"});
    }
    const ErrorMark mark;
    const KeyOwner key(EVP_RSA_gen(kBits));
    require(key != nullptr);
    const NameOwner name = name_of(subject);
    const Extensions extensions = name ? extensions_of(subject) : nullptr;
    if (extensions == nullptr) {
        return tl::unexpected(ConfigError{"no certificate can have that name",
                                          "an organization has up to 64 characters"});
    }

    const CertificateOwner certificate(X509_new());
    unsigned char serial[kSerialBytes];
    require(certificate != nullptr && RAND_bytes(serial, sizeof serial) == 1);
    serial[0] &= 0x7F;  // positive
    std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> number(BN_bin2bn(serial, sizeof serial, nullptr));
    X509* const made = certificate.get();
    require(number != nullptr && X509_set_version(made, X509_VERSION_3) == 1 &&
            BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made)) != nullptr &&
            X509_set_subject_name(made, name.get()) == 1 &&
            X509_set_issuer_name(made, name.get()) == 1 && X509_set_pubkey(made, key.get()) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(made), 0) != nullptr &&
            X509_time_adj_ex(X509_getm_notAfter(made), days, 0, nullptr) != nullptr);
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
        require(X509_add_ext(made, sk_X509_EXTENSION_value(extensions.get(), i), -1) == 1);
    }
    require(X509_sign(made, key.get(), EVP_sha256()) != 0);

    OwnCertificate own;
    own.key = key_pem(key.get());
    own.request = request_pem(name.get(), extensions.get(), key.get());
    own.certificate = pem([&](BIO* bio) { return PEM_write_bio_X509(bio, made); });
    return own;
}

ConfigResult<OwnCertificate> make_successor(const std::string& certificate_file) {
    const auto certificates = Certificate::load(certificate_file);
    if (!certificates) {
        return tl::unexpected(certificates.error());
    }
    const ErrorMark mark;
    const X509* const former = certificates->front().get();
    const Extensions extensions(sk_X509_EXTENSION_new_null());
    require(extensions != nullptr &&
            add(extensions.get(), NID_key_usage, "critical,digitalSignature,keyEncipherment"));
    const int names = X509_get_ext_by_NID(former, NID_subject_alt_name, -1);
    if (names >= 0) {
        ExtensionOwner copied(X509_EXTENSION_dup(X509_get_ext(former, names)));
        require(copied != nullptr && sk_X509_EXTENSION_push(extensions.get(), copied.get()) != 0);
        static_cast<void>(copied.release());
    }
    const KeyOwner key(EVP_RSA_gen(kBits));
    require(key != nullptr);
    OwnCertificate own;
    own.key = key_pem(key.get());
    own.request = request_pem(X509_get_subject_name(former), extensions.get(), key.get());
    return own;
}

}  // namespace clave::tool
