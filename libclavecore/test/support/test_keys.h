// Keys and self-signed certificates made for one run: no key that a test uses is anywhere on disk
// afterwards, and none ever expires.
#pragma once

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "clave/pki.h"

namespace clave::test {

struct TestKey {
    PrivateKey key;
    Certificate certificate;
    std::shared_ptr<EVP_PKEY> pair;  // for what only other sides do with theirs
};

enum class Algorithm { rsa, ec };

inline void write_pem(int file, EVP_PKEY* key, X509* certificate) {
    std::FILE* out = fdopen(file, "w");
    if (out == nullptr) {
        std::abort();
    }
    if (key != nullptr) {
        PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    }
    if (certificate != nullptr) {
        PEM_write_X509(out, certificate);
    }
    if (std::fclose(out) != 0) {
        std::abort();
    }
}

// Takes the key.
inline TestKey certified(EVP_PKEY* key, const char* common_name) {
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    // OpenSSL takes text as unsigned char, which may alias char.
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());

    char key_path[] = "/tmp/clave-key-XXXXXX";
    char certificate_path[] = "/tmp/clave-cert-XXXXXX";
    write_pem(mkstemp(key_path), key, nullptr);
    write_pem(mkstemp(certificate_path), nullptr, certificate);
    auto loaded_key = PrivateKey::load(key_path);
    auto loaded_certificate = Certificate::load(certificate_path);
    unlink(key_path);
    unlink(certificate_path);
    X509_free(certificate);
    std::shared_ptr<EVP_PKEY> pair(key, EVP_PKEY_free);
    if (!loaded_key || !loaded_certificate) {
        std::abort();
    }
    return {*std::move(loaded_key), loaded_certificate->front(), std::move(pair)};
}

inline TestKey make_test_key(const char* common_name, Algorithm algorithm = Algorithm::rsa) {
    return certified(algorithm == Algorithm::rsa
                         ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                         : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"),
                     common_name);
}

// One that few tests need: a key of RSA takes longer to make than most tests do.
class KeyOnDemand {
  public:
    explicit KeyOnDemand(const char* common_name, Algorithm algorithm = Algorithm::rsa)
        : common_name_(common_name), algorithm_(algorithm) {}

    const TestKey& operator()() const {
        if (!made_) {
            made_ = make_test_key(common_name_, algorithm_);
        }
        return *made_;
    }

  private:
    const char* common_name_;
    Algorithm algorithm_;
    mutable std::optional<TestKey> made_;
};

}  // namespace clave::test
