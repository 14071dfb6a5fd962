#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <new>

#include "base/guard.h"
#include "clave/redis_settings.h"
#include "crypto/openssl.h"
#include "crypto/pem_file.h"

namespace clave {
namespace {

// Whom we trust: the file's authorities alone, or else the system's.
ConfigResult<void> trust(SSL_CTX* context, const std::string& path) {
    if (path.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) {
            return config_error("cannot load the system's certificate authorities",
                                "name a file of them as trusted_certificate");
        }
        return {};
    }
    const auto pem = PemFile::read(path, PemFile::Kind::certificate);
    if (!pem) {
        return tl::unexpected(pem.error());
    }
    const BioOwner bio = pem->bio();
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    int found = 0;
    for (;;) {
        const CertificateOwner one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!one) {
            break;
        }
        require(X509_STORE_add_cert(store, one.get()) == 1);
        ++found;
    }
    if (found == 0) {
        return config_error("no certificate in \"" + path + "\"",
                            "it must hold \"-----BEGIN CERTIFICATE-----\"");
    }
    return {};
}

ConfigResult<void> present(SSL_CTX* context, const std::string& certificate,
                           const std::string& key_path) {
    if (certificate.empty() != key_path.empty()) {
        return config_error("a certificate for the store and its key go together",
                            "give both certificate and certificate_key, or neither");
    }
    if (certificate.empty()) {
        return {};
    }
    const auto chain = Certificate::load(certificate);
    if (!chain) {
        return tl::unexpected(chain.error());
    }
    const auto key = PrivateKey::load(key_path);
    if (!key) {
        return tl::unexpected(key.error());
    }
    if (!chain->front().matches(*key)) {
        return config_error("certificate \"" + certificate + "\" and key \"" + key_path +
                                "\" do not belong together",
                            "give the key that the certificate was made for");
    }
    require(SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1);
    require(SSL_CTX_use_PrivateKey_file(context, key_path.c_str(), SSL_FILETYPE_PEM) == 1);
    return {};
}

}  // namespace

ConfigResult<StoreTls> StoreTls::load(const std::string& trusted_certificate,
                                      const std::string& certificate,
                                      const std::string& certificate_key) {
    const ErrorMark mark;
    std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    require(context != nullptr);
    require(SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1);
    if (!guard("redis tls renegotiation", false)) {
        SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
    }
    if (!guard("redis tls verify", false)) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    if (auto done = trust(context.get(), trusted_certificate); !done) {
        return tl::unexpected(done.error());
    }
    if (auto done = present(context.get(), certificate, certificate_key); !done) {
        return tl::unexpected(done.error());
    }
    return StoreTls(std::move(context));
}

}  // namespace clave
