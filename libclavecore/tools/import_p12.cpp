// clavectl import-p12: certification authorities hand out PKCS#12, nginx reads PEM.
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "clave/secret.h"
#include "commands.h"
#include "crypto/openssl.h"
#include "new_file.h"
#include "secret_input.h"

namespace clave::tool {
namespace {

struct StackFree {
    void operator()(STACK_OF(X509) * all) const noexcept { sk_X509_pop_free(all, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), StackFree>;
using BagOwner = std::unique_ptr<PKCS12, OpenSslFree<PKCS12_free>>;

// Files of some years ago are sealed with RC2, which OpenSSL 3 has put aside. nullptr where it is
// not there at all: newer files can be opened all the same.
using Provider = std::unique_ptr<OSSL_PROVIDER, OpenSslFree<OSSL_PROVIDER_unload>>;
Provider provider(const char* name) {
    return Provider(OSSL_PROVIDER_load(nullptr, name));
}

std::string text_in(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

struct Content {
    KeyOwner key;
    CertificateOwner certificate;
    Stack others;
};

ConfigResult<Content> opened(const std::string& file, const std::string& bytes,
                             const std::string& password) {
    const BioOwner bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    require(bio != nullptr);
    const BagOwner bag(d2i_PKCS12_bio(bio.get(), nullptr));
    if (bag == nullptr) {
        return tl::unexpected(ConfigError{"\"" + file + "\" is no PKCS#12 file", {}});
    }
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* others = nullptr;
    const bool parsed = PKCS12_parse(bag.get(), password.c_str(), &key, &certificate, &others) == 1;
    Content content{KeyOwner(key), CertificateOwner(certificate), Stack(others)};
    if (!parsed) {
        return tl::unexpected(ConfigError{"\"" + file + "\" cannot be opened",
                                          "most likely the password is another one"});
    }
    if (content.key == nullptr || content.certificate == nullptr) {
        return tl::unexpected(
            ConfigError{"\"" + file + "\" holds no certificate with its key", {}});
    }
    return content;
}

}  // namespace

int import_p12(Report& report, const Import& import) {
    const auto bytes = read_input(import.file);
    if (!bytes) {
        return report.cannot(bytes.error());
    }
    auto password = read_secret(import.password_file, "password of the PKCS#12 file");
    if (!password) {
        return report.cannot(password.error());
    }
    const Provider usual = provider("default");
    const Provider old = provider("legacy");
    const ErrorMark mark;
    const auto content = opened(import.file, *bytes, *password);
    wipe(std::as_writable_bytes(std::span(*password)));
    if (!content) {
        return report.cannot(content.error());
    }
    const std::string there = first_existing({import.certificate, import.key});
    if (!there.empty()) {
        return report.cannot("\"" + there + "\" is there already", "nothing is ever overwritten");
    }
    const BioOwner key(BIO_new(BIO_s_secmem()));
    const BioOwner certificates(BIO_new(BIO_s_mem()));
    require(key != nullptr && certificates != nullptr &&
            PEM_write_bio_PKCS8PrivateKey(key.get(), content->key.get(), nullptr, nullptr, 0,
                                          nullptr, nullptr) == 1 &&
            PEM_write_bio_X509(certificates.get(), content->certificate.get()) == 1);
    for (int i = 0; i < sk_X509_num(content->others.get()); ++i) {
        require(PEM_write_bio_X509(certificates.get(), sk_X509_value(content->others.get(), i)) ==
                1);
    }
    if (const auto written = write_new(import.key, text_in(key.get()), kPrivate); !written) {
        return report.cannot(written.error());
    }
    if (const auto written = write_new(import.certificate, text_in(certificates.get()), kPublic);
        !written) {
        return report.cannot(written.error());
    }
    // as nginx will read them
    const auto loaded = Certificate::load(import.certificate);
    const auto loaded_key = PrivateKey::load(import.key);
    if (!loaded || !loaded_key) {
        return report.cannot(loaded ? loaded_key.error() : loaded.error());
    }
    const Certificate& leaf = loaded->front();
    report.say(import.certificate + ": " + leaf.subject());
    report.say(import.key + ": its key, mode 0600");
    report.json()
        .text("certificate", import.certificate)
        .text("key", import.key)
        .text("subject", leaf.subject())
        .text("fingerprint", leaf.fingerprint());
    return report.end(kFine);
}

}  // namespace clave::tool
