#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/pki.h"
#include "crypto/pem_file.h"
#include "crypto/public_key.h"

namespace clave {
namespace {

constexpr auto kKind = PemFile::Kind::certificate;

std::vector<std::byte> der_of(X509* x509) {
    const int length = i2d_X509(x509, nullptr);
    std::vector<std::byte> der(length > 0 ? static_cast<std::size_t>(length) : 0);
    unsigned char* at = octets(der.data());
    i2d_X509(x509, &at);
    return der;
}

Time time_of(const ASN1_TIME* time) noexcept {
    std::tm fields{};
    if (ASN1_TIME_to_tm(time, &fields) != 1) {
        return Time{};
    }
    return Time{Seconds{::timegm(&fields)}};
}

// The name of a digest that anybody can collide, if that is what holds this certificate together.
// On a self-signed one the signature proves nothing anyway.
std::optional<std::string> broken_digest(X509* x509) {
    constexpr std::array kBroken{NID_sha1, NID_md5, NID_md4, NID_md2, NID_md5_sha1, NID_ripemd160};
    int digest = NID_undef;
    if ((X509_get_extension_flags(x509) & EXFLAG_SS) != 0 ||
        X509_get_signature_info(x509, &digest, nullptr, nullptr, nullptr) != 1) {
        return std::nullopt;
    }
    for (const int broken : kBroken) {
        if (!guard("certificate digest", digest != broken)) {
            return OBJ_nid2ln(digest);
        }
    }
    return std::nullopt;
}

std::optional<ConfigError> refusal(X509* x509, EVP_PKEY* key, const std::string& path) {
    if (key == nullptr) {
        return ConfigError{quoted(kKind, path) + " has a public key that OpenSSL cannot read",
                           "ask for a certificate with an RSA or EC key"};
    }
    if (const auto weak = weakness(key)) {
        return ConfigError{quoted(kKind, path) + " is not accepted: " + *weak,
                           "ask for a certificate with an RSA key of at least 2048 bits"};
    }
    if (const auto digest = broken_digest(x509)) {
        return ConfigError{quoted(kKind, path) + " is not accepted: signed with " + *digest,
                           "ask the issuer for one signed with SHA-256"};
    }
    return std::nullopt;
}

bool is_end_of_pem() noexcept {
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

Certificate::Certificate(std::shared_ptr<X509> x509)
    : x509_(std::move(x509)), key_(X509_get_pubkey(x509_.get()), EVP_PKEY_free) {}

ConfigResult<std::vector<Certificate>> Certificate::load(const std::string& path) {
    const auto file = PemFile::read(path, kKind);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const ErrorMark mark;
    const BioOwner bio = file->bio();
    std::vector<Certificate> certificates;
    while (CertificateOwner x509{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        Certificate certificate{std::shared_ptr<X509>(std::move(x509))};
        if (auto error = refusal(certificate.x509_.get(), certificate.key_.get(), path)) {
            return tl::unexpected(std::move(*error));
        }
        certificates.push_back(std::move(certificate));
    }
    if (!is_end_of_pem()) {
        return config_error("certificate " + std::to_string(certificates.size() + 1) + " in \"" +
                                path + "\" is damaged",
                            "check it: openssl x509 -in " + path + " -noout -text");
    }
    if (certificates.empty() && file->has("PRIVATE KEY-----")) {
        return config_error("\"" + path + "\" is a private key, and no certificate",
                            "give the file of its certificate, with \"-----BEGIN "
                            "CERTIFICATE-----\"");
    }
    if (certificates.empty()) {
        return config_error("no certificate in \"" + path + "\"",
                            "give the file with \"-----BEGIN CERTIFICATE-----\"");
    }
    return certificates;
}

bool Certificate::is_self_signed() const {
    return (X509_get_extension_flags(x509_.get()) & EXFLAG_SS) != 0;
}

EVP_PKEY* Certificate::public_key() const noexcept {
    return key_.get();
}

bool Certificate::matches(const PrivateKey& key) const noexcept {
    const ErrorMark mark;
    return EVP_PKEY_eq(key_.get(), key.public_half()) == 1;
}

Time Certificate::not_before() const noexcept {
    return time_of(X509_get0_notBefore(x509_.get()));
}

Time Certificate::not_after() const noexcept {
    return time_of(X509_get0_notAfter(x509_.get()));
}

std::string Certificate::subject() const {
    // UTF-8 as it is, control characters escaped.
    constexpr unsigned long kFlags =
        XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    const BioOwner out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), X509_get_subject_name(x509_.get()), 0, kFlags);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

std::string Certificate::fingerprint() const {
    return hex_encode(sha256(der_of(x509_.get())));
}

std::string Certificate::base64_der() const {
    return base64_encode(der_of(x509_.get()));
}

std::string Certificate::describe_key() const {
    return describe_public_key(key_.get());
}

bool Certificate::is_simulator() const {
    return subject().find("SIMULADOR") != std::string::npos;
}

}  // namespace clave
