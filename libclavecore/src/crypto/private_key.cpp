#include <openssl/pem.h>

#include "clave/pki.h"
#include "crypto/key_source.h"
#include "crypto/pem_file.h"
#include "crypto/public_key.h"
#include "crypto/token_key.h"
#include "crypto/token_lookup.h"

namespace clave {
namespace {

// OpenSSL would ask the terminal for a passphrase, and nginx has none when it starts.
int no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

class KeyInMemory final : public KeySource {
  public:
    explicit KeyInMemory(std::shared_ptr<EVP_PKEY> key) : key_(std::move(key)) {}
    Result<std::string> use(const Operation& operation) override { return operation(key_.get()); }
    EVP_PKEY* in_memory() const noexcept override { return key_.get(); }

  private:
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace

ConfigResult<PrivateKey> PrivateKey::load(const std::string& path) {
    constexpr auto kKind = PemFile::Kind::key;
    const auto file = PemFile::read(path, kKind);
    if (!file) {
        return tl::unexpected(file.error());
    }
    const ErrorMark mark;
    bool encrypted = false;
    KeyOwner key(PEM_read_bio_PrivateKey(file->bio().get(), nullptr, no_passphrase, &encrypted));
    if (encrypted) {
        return config_error(
            quoted(kKind, path) + " is encrypted",
            "decrypt it into a file of mode 0600: openssl pkey -in " + path + " -out FILE.pem");
    }
    if (!key && !file->has("PRIVATE KEY-----")) {
        if (file->has("-----BEGIN CERTIFICATE-----")) {
            return config_error("\"" + path + "\" is a certificate, and no private key",
                                "give the file of its key, with \"-----BEGIN PRIVATE KEY-----\"");
        }
        return config_error("no private key in \"" + path + "\"",
                            "give the file with \"-----BEGIN PRIVATE KEY-----\"");
    }
    if (!key) {
        return config_error("the private key in \"" + path + "\" is damaged",
                            "check it: openssl pkey -in " + path + " -noout -check");
    }
    if (const auto weak = weakness(key.get())) {
        return config_error(quoted(kKind, path) + " is not accepted: " + *weak,
                            "make a new one: openssl genpkey -algorithm RSA -pkeyopt "
                            "rsa_keygen_bits:3072 -out " +
                                path);
    }
    const std::shared_ptr<EVP_PKEY> shared(std::move(key));
    return PrivateKey(shared, std::make_shared<KeyInMemory>(shared));
}

ConfigResult<PrivateKey> PrivateKey::in_token(const std::string& uri) {
    auto parsed = TokenUri::parse(uri);
    if (!parsed) {
        return tl::unexpected(std::move(parsed.error()));
    }
    auto pin = read_pin(parsed->pin_file);
    if (!pin) {
        return tl::unexpected(std::move(pin.error()));
    }
    auto public_half = look_up(*parsed, *pin);
    if (!public_half) {
        return tl::unexpected(std::move(public_half.error()));
    }
    if (const auto weak = weakness(public_half->get())) {
        return config_error("the key \"" + uri + "\" is not accepted: " + *weak,
                            "make an RSA key of 3072 bits in the token");
    }
    return PrivateKey(std::move(*public_half),
                      std::make_shared<TokenKey>(std::move(*parsed), std::move(*pin)));
}

EVP_PKEY* PrivateKey::in_memory() const noexcept {
    return source_->in_memory();
}

std::string PrivateKey::describe() const {
    return describe_public_key(public_half_.get());
}

}  // namespace clave
