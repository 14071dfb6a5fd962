// What our own keys do: one way for keys from files and from tokens.
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <vector>

#include "clave/encoding.h"
#include "clave/pki.h"
#include "clave/secret.h"
#include "crypto/key_source.h"
#include "crypto/openssl.h"

namespace clave {
namespace {

using DigestContext = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpenSslFree<ECDSA_SIG_free>>;

tl::unexpected<Error> cannot_sign() {
    return fail(Code::key, "our key does not sign");
}

tl::unexpected<Error> cannot_unwrap() {
    return fail(Code::decryption, "not wrapped for this key");
}

Result<std::string> signature_by(EVP_PKEY* key, std::string_view text) {
    const DigestContext context(EVP_MD_CTX_new());
    const auto bytes = as_bytes(text);
    std::size_t size = 0;
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha512(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, octets(bytes.data()), bytes.size()) != 1) {
        return cannot_sign();
    }
    std::vector<std::byte> signature(size);
    if (EVP_DigestSign(context.get(), octets(signature.data()), &size, octets(bytes.data()),
                       bytes.size()) != 1) {
        return cannot_sign();
    }
    return std::string(as_text(signature).substr(0, size));
}

// OpenSSL makes ECDSA signatures a DER sequence of two numbers.
Result<std::string> without_der(std::string_view der, std::size_t number_size) {
    const auto bytes = as_bytes(der);
    const unsigned char* at = octets(bytes.data());
    const EcdsaSignature both(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(bytes.size())));
    std::vector<std::byte> out(2 * number_size);
    const int size = static_cast<int>(number_size);
    if (!both || BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), octets(out.data()), size) != size ||
        BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), octets(out.data() + number_size), size) !=
            size) {
        return cannot_sign();
    }
    return std::string(as_text(out));
}

// SHA-1 is what OpenSSL takes unless told otherwise, for both. Telling an ENGINE is an error, even
// if it is that.
bool set_digests(EVP_PKEY_CTX* context, OaepDigest digest) {
    if (digest == OaepDigest::sha1) {
        return true;
    }
    const EVP_MD* const md = digest == OaepDigest::sha256 ? EVP_sha256() : EVP_sha512();
    return EVP_PKEY_CTX_set_rsa_oaep_md(context, md) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1;
}

Result<std::string> unwrapped_by(EVP_PKEY* key, std::string_view wrapped, OaepDigest digest) {
    const KeyContext context(EVP_PKEY_CTX_new(key, nullptr));
    if (!context || EVP_PKEY_decrypt_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) != 1 ||
        !set_digests(context.get(), digest)) {
        return cannot_unwrap();
    }
    const auto bytes = as_bytes(wrapped);
    std::vector<std::byte> plain(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t size = plain.size();
    const bool done = EVP_PKEY_decrypt(context.get(), octets(plain.data()), &size,
                                       octets(bytes.data()), bytes.size()) == 1;
    std::string out(done ? as_text(plain).substr(0, size) : std::string_view());
    wipe(plain);
    if (!done) {
        return cannot_unwrap();
    }
    return out;
}

}  // namespace

bool PrivateKey::is_elliptic() const noexcept {
    return EVP_PKEY_is_a(public_half_.get(), "EC") == 1;
}

Result<std::string> PrivateKey::sign(std::string_view text) const {
    const ErrorMark mark;
    auto signature =
        source_->use([own = std::string(text)](EVP_PKEY* key) { return signature_by(key, own); });
    if (!signature || !is_elliptic()) {
        return signature;
    }
    const int bits = EVP_PKEY_get_bits(public_half_.get());
    return without_der(*signature, static_cast<std::size_t>(bits + 7) / 8);
}

Result<std::string> PrivateKey::unwrap(std::string_view wrapped, OaepDigest digest) const {
    const ErrorMark mark;
    if (is_elliptic()) {
        return cannot_unwrap();
    }
    return source_->use([own = std::string(wrapped), digest](EVP_PKEY* key) {
        return unwrapped_by(key, own, digest);
    });
}

}  // namespace clave
