// What comes out of an EncryptedAssertion: sealed here with our own key, inside an answer whose
// signature passes. It says what it would say in the open, or nothing (S-43).
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>

#include "clave/encoding.h"
#include "saml_world.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
const std::string kContentKey(32, 'k');
const std::string kNonceBytes(kNonce, 'n');

const unsigned char* octets(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // bytes as char, which may alias
}
unsigned char* octets(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());  // as above
}

std::string base64(const std::string& bytes) {
    return base64_encode(as_bytes(bytes));
}

const std::string& wrapped_key() {
    static const std::string wrapped = [] {
        const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
            EVP_PKEY_CTX_new(own_certificate().public_key(), nullptr), &EVP_PKEY_CTX_free);
        EVP_PKEY_encrypt_init(context.get());
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING);
        std::size_t size = 512;
        std::string out(size, '\0');
        require(EVP_PKEY_encrypt(context.get(), octets(out), &size, octets(kContentKey),
                                 kContentKey.size()) == 1,
                "a key can be wrapped");
        out.resize(size);
        return base64(out);
    }();
    return wrapped;
}

std::string sealed(std::string_view plain) {
    std::string out = kNonceBytes + std::string(plain) + std::string(kTag, '\0');
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int written = 0;
    EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, octets(kContentKey),
                       octets(kNonceBytes));
    EVP_EncryptUpdate(context.get(), octets(out) + kNonce, &written, octets(out) + kNonce,
                      static_cast<int>(plain.size()));
    EVP_EncryptFinal_ex(context.get(), octets(out) + kNonce + written, &written);
    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTag),
                        octets(out) + kNonce + plain.size());
    return base64(out);
}

std::string encrypted(std::string_view assertion) {
    return R"(<saml2:EncryptedAssertion><xenc:EncryptedData )"
           R"(xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:EncryptionMethod )"
           R"(Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo>)"
           R"(<xenc:EncryptedKey><xenc:EncryptionMethod )"
           R"(Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData>)"
           R"(<xenc:CipherValue>)" +
           wrapped_key() +
           R"(</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>)"
           R"(<xenc:CipherData><xenc:CipherValue>)" +
           sealed(assertion) +
           R"(</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>)"
           R"(</saml2:EncryptedAssertion>)";
}

std::string response(std::string_view content) {
    return R"(<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" )"
           R"(xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" )"
           R"(xmlns:ds="http://www.w3.org/2000/09/xmldsig#" ID="_r" Version="2.0" )"
           R"(IssueInstant="2026-11-22T12:00:00Z" InResponseTo=")" +
           std::string(kRequestId) +
           R"(" Destination="https://sede.example.gob.es/.clave/acs"><ds:Signature><ds:SignedInfo>)"
           R"(<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)"
           R"(<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"/>)"
           R"(<ds:Reference URI="#_r"><ds:Transforms>)"
           R"(<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)"
           R"(<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>)"
           R"(<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>)"
           R"(<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>)"
           R"(<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature><saml2p:Status>)"
           R"(<saml2p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>)"
           R"(</saml2p:Status>)" +
           std::string(content) + R"(</saml2p:Response>)";
}

}  // namespace

bool run(std::string_view input) {
    if (input.empty()) {
        return false;
    }
    expectations();
    const auto outcome = validate_unverified(response(encrypted(input)));
    if (!outcome) {
        require(outcome.error().code != Code::decryption || input.size() > 65536,
                "what we sealed can be opened");
        return false;
    }
    check_outcome(*outcome);
    const GuardsOff off(kVerificationAndCaps);
    const auto open = validate(response(input));
    require(open && is_same(*outcome, *open), "encryption changes nothing of what is said");
    return true;
}

}  // namespace clave::fuzz
