// The low-level interface is what the hot path needs: its context lives on the stack and nothing in
// it can fail. EVP_DigestInit_ex2 of OpenSSL 3.0 allocates anew on every call, also with a fetched
// method and a context that is used again. Deprecated means here that no provider can replace it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"

namespace clave {

Digest sha256(std::span<const std::byte> bytes) noexcept {
    Digest digest;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes.data(), bytes.size());
    SHA256_Final(octets(digest.data()), &context);
    OPENSSL_cleanse(&context, sizeof context);
    return digest;
}

Digest sha256(std::string_view text) noexcept {
    return sha256(as_bytes(text));
}

}  // namespace clave
