#include "saml/decrypt.h"

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <span>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/secret.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

struct FreeCipherContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

// OpenSSL counts bytes as unsigned char, which may alias char.
const unsigned char* octets(const char* bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes);
}
unsigned char* octets(char* bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes);
}

Error unreadable() {
    return {Code::decryption, "the assertion cannot be decrypted"};
}

std::string algorithm(const xmlNode* node) {
    return attribute(node, "Algorithm").value_or("");
}

// What is left of the XML once its form is known.
struct Envelope {
    const EVP_CIPHER* cipher = nullptr;
    std::optional<OaepDigest> oaep_digest;
    std::string wrapped_key;
    std::string sealed;  // nonce ‖ ciphertext ‖ tag
};

const EVP_CIPHER* content_cipher(std::string_view uri) noexcept {
    if (uri == "http://www.w3.org/2009/xmlenc11#aes256-gcm") {
        return EVP_aes_256_gcm();
    }
    if (uri == "http://www.w3.org/2009/xmlenc11#aes192-gcm") {
        return EVP_aes_192_gcm();
    }
    if (uri == "http://www.w3.org/2009/xmlenc11#aes128-gcm") {
        return EVP_aes_128_gcm();
    }
    return nullptr;
}

// The digest of OAEP. SHA-1 is the default of the algorithm and what the gateway's engine writes;
// nothing in OAEP leans on its collision resistance (RFC 8017, section 7.1).
std::optional<OaepDigest> oaep_digest(const xmlNode* method) {
    if (algorithm(method) != "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p") {
        return std::nullopt;
    }
    const std::vector<xmlNode*> parts = child_elements(method);
    if (parts.empty()) {
        return OaepDigest::sha1;
    }
    if (parts.size() != 1 || !is(parts[0], element::kDigestMethod)) {
        return std::nullopt;
    }
    const std::string digest = algorithm(parts[0]);
    if (digest == "http://www.w3.org/2000/09/xmldsig#sha1") {
        return OaepDigest::sha1;
    }
    if (digest == "http://www.w3.org/2001/04/xmlenc#sha256") {
        return OaepDigest::sha256;
    }
    if (digest == "http://www.w3.org/2001/04/xmlenc#sha512") {
        return OaepDigest::sha512;
    }
    return std::nullopt;
}

// EncryptionMethod, KeyInfo, CipherData: no more, no less, in this order, and a CipherValue, never
// a CipherReference, whose URI somebody would have to fetch (S-42).
std::optional<std::string> cipher_value(const xmlNode* encrypted) {
    const xmlNode* data = child(encrypted, element::kCipherData);
    const std::vector<xmlNode*> inner = child_elements(data);
    if (!guard("decrypt.inline-value", inner.size() == 1 && is(inner[0], element::kCipherValue) &&
                                           child_elements(inner[0]).empty())) {
        return std::nullopt;
    }
    return base64_decode(text_of(child(data, element::kCipherValue)));
}

std::optional<Envelope> read_envelope(const xmlNode* encrypted_assertion) {
    const xmlNode* data = child(encrypted_assertion, element::kEncryptedData);
    const std::vector<xmlNode*> parts = child_elements(data);
    if (!guard("decrypt.form", parts.size() == 3 && is(parts[0], element::kEncryptionMethod) &&
                                   is(parts[1], element::kKeyInfo) &&
                                   is(parts[2], element::kCipherData))) {
        return std::nullopt;
    }
    const xmlNode* info = child(data, element::kKeyInfo);
    const std::vector<xmlNode*> keys = child_elements(info);
    if (!guard("decrypt.one-key", keys.size() == 1 && is(keys[0], element::kEncryptedKey))) {
        return std::nullopt;
    }
    const xmlNode* key = child(info, element::kEncryptedKey);
    const std::vector<xmlNode*> key_parts = child_elements(key);
    // Its own KeyInfo may name our certificate; it is never read, and holds no further key (S-42).
    const bool plain_key =
        key_parts.size() >= 2 && key_parts.size() <= 3 &&
        is(key_parts.front(), element::kEncryptionMethod) &&
        is(key_parts.back(), element::kCipherData) &&
        (key_parts.size() == 2 || (is(key_parts[1], element::kKeyInfo) &&
                                   child(key_parts[1], element::kEncryptedKey) == nullptr));
    if (!guard("decrypt.key-form", plain_key)) {
        return std::nullopt;
    }

    Envelope envelope;
    const xmlNode* method = child(data, element::kEncryptionMethod);
    envelope.cipher = content_cipher(algorithm(method));
    envelope.oaep_digest = oaep_digest(child(key, element::kEncryptionMethod));
    const std::optional<std::string> wrapped = cipher_value(key);
    const std::optional<std::string> sealed = cipher_value(data);
    // CBC and rsa-1_5 are padding oracles, also behind a signature (S-41).
    if (!guard("decrypt.algorithms", envelope.cipher != nullptr && envelope.oaep_digest &&
                                         child_elements(method).empty())) {
        return std::nullopt;
    }
    if (envelope.cipher == nullptr || !envelope.oaep_digest || !wrapped || !sealed) {
        return std::nullopt;
    }
    envelope.wrapped_key = *wrapped;
    envelope.sealed = *sealed;
    return envelope;
}

std::optional<std::string> open_sealed(const Envelope& envelope, const std::string& key) {
    // The tag has its full length, whatever the sender would like (S-42).
    if (envelope.sealed.size() <= kNonce + kTag) {
        return std::nullopt;
    }
    const std::size_t size = envelope.sealed.size() - kNonce - kTag;
    const char* nonce = envelope.sealed.data();
    std::string tag = envelope.sealed.substr(kNonce + size);
    std::string plain(size, '\0');
    const std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext> context(EVP_CIPHER_CTX_new());
    int written = 0;
    int rest = 0;
    if (context == nullptr ||
        EVP_DecryptInit_ex(context.get(), envelope.cipher, nullptr, octets(key.data()),
                           octets(nonce)) != 1 ||
        EVP_DecryptUpdate(context.get(), octets(plain.data()), &written, octets(nonce + kNonce),
                          static_cast<int>(size)) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTag),
                            tag.data()) != 1) {
        return std::nullopt;
    }
    const bool authentic =
        EVP_DecryptFinal_ex(context.get(), octets(plain.data()) + written, &rest) == 1;
    if (!guard("decrypt.authentic", authentic)) {
        return std::nullopt;
    }
    return plain;
}

}  // namespace

Result<std::string> decrypt(const xmlNode* encrypted_assertion, std::span<const PrivateKey> keys) {
    const std::optional<Envelope> envelope = read_envelope(encrypted_assertion);
    if (!envelope) {
        return tl::unexpected(unreadable());
    }
    const auto key_size = static_cast<std::size_t>(EVP_CIPHER_get_key_length(envelope->cipher));
    Error failure = unreadable();
    for (const PrivateKey& key : keys) {
        Result<std::string> content_key = key.unwrap(envelope->wrapped_key, *envelope->oaep_digest);
        if (!content_key) {
            // Perhaps it was the one.
            if (content_key.error().code == Code::key) {
                failure = std::move(content_key.error());
            }
            continue;
        }
        std::optional<std::string> plain =
            content_key->size() == key_size ? open_sealed(*envelope, *content_key) : std::nullopt;
        wipe(std::as_writable_bytes(std::span(*content_key)));
        if (plain) {
            return *std::move(plain);
        }
    }
    return tl::unexpected(std::move(failure));
}

}  // namespace clave::saml
