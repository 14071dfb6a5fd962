#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"

namespace clave {
namespace {

using Kdf = std::unique_ptr<EVP_KDF_CTX, OpenSslFree<EVP_KDF_CTX_free>>;

OSSL_PARAM with_sha256() noexcept {
    static char name[] = "SHA256";  // the type wants it mutable; nobody writes to it
    return OSSL_PARAM_construct_utf8_string(OSSL_ALG_PARAM_DIGEST, name, 0);
}

// The parameters are read only, but their type has no const.
OSSL_PARAM input(const char* name, std::span<const std::byte> bytes) noexcept {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::byte*>(bytes.data()),
                                             bytes.size());
}

}  // namespace

void KeyedHash::Free::operator()(evp_mac_ctx_st* context) const noexcept {
    EVP_MAC_CTX_free(context);
}

KeyedHash::KeyedHash(const MasterKey& key) {
    const ErrorMark mark;
    static EVP_MAC* const method = fetched(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    context_.reset(EVP_MAC_CTX_new(method));
    const OSSL_PARAM parameters[] = {with_sha256(), OSSL_PARAM_construct_end()};
    const auto secret = key.reveal();
    require(context_ &&
            EVP_MAC_init(context_.get(), octets(secret.data()), secret.size(), parameters) == 1);
}

Digest KeyedHash::of(std::span<const std::byte> message) const {
    const ErrorMark mark;
    EVP_MAC_CTX* const context = context_.get();
    Digest digest;
    std::size_t size = 0;
    // No key: begin anew with the one it has.
    require(EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
            EVP_MAC_update(context, octets(message.data()), message.size()) == 1 &&
            EVP_MAC_final(context, octets(digest.data()), &size, digest.size()) == 1 &&
            size == digest.size());
    return digest;
}

Digest hmac_sha256(const MasterKey& key, std::span<const std::byte> message) {
    return KeyedHash(key).of(message);
}

MasterKey derive_key(const MasterKey& master, std::string_view purpose) {
    const ErrorMark mark;
    static EVP_KDF* const method = fetched(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    const Kdf kdf(EVP_KDF_CTX_new(method));
    const OSSL_PARAM parameters[] = {with_sha256(), input(OSSL_KDF_PARAM_KEY, master.reveal()),
                                     input(OSSL_KDF_PARAM_INFO, as_bytes(purpose)),
                                     OSSL_PARAM_construct_end()};
    MasterKey derived;
    const auto out = derived.fill();
    require(kdf && EVP_KDF_derive(kdf.get(), octets(out.data()), out.size(), parameters) == 1);
    return derived;
}

}  // namespace clave
