#include "crypto/public_key.h"

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"

namespace clave {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr int kLeastEcBits = 256;
constexpr std::size_t kShownBytes = 8;

std::string type_name(EVP_PKEY* key) {
    const char* const name = EVP_PKEY_get0_type_name(key);
    return name != nullptr ? name : "unknown";
}

std::string size_name(EVP_PKEY* key) {
    char curve[64] = {};
    if (EVP_PKEY_is_a(key, "EC") == 1 &&
        EVP_PKEY_get_group_name(key, curve, sizeof curve, nullptr) == 1) {
        return curve;
    }
    return std::to_string(EVP_PKEY_get_bits(key));
}

}  // namespace

std::optional<std::string> weakness(EVP_PKEY* key) {
    const ErrorMark mark;
    const bool rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    if (!rsa && EVP_PKEY_is_a(key, "EC") != 1) {
        return type_name(key) + " key, neither RSA nor EC";
    }
    const int bits = EVP_PKEY_get_bits(key);
    if (!guard("key size", bits >= (rsa ? kLeastRsaBits : kLeastEcBits))) {
        return type_name(key) + " key of " + std::to_string(bits) + " bits";
    }
    return std::nullopt;
}

std::string describe_public_key(EVP_PKEY* key) {
    const ErrorMark mark;
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(key, &der);
    if (length <= 0) {
        return type_name(key);
    }
    const Digest digest = sha256(std::as_bytes(std::span(der, static_cast<std::size_t>(length))));
    OPENSSL_free(der);
    return type_name(key) + " " + size_name(key) +
           " sha256:" + hex_encode(std::span(digest).first(kShownBytes));
}

}  // namespace clave
