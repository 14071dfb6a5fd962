// Certificates and keys, as the administrator gave them, checked at configuration time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clave/host.h"

using EVP_PKEY = struct evp_pkey_st;
using X509 = struct x509_st;

namespace clave {

// A configuration mistake: `what` names the thing, `remedy` what to do. Both end up in nginx -t, as
// "clave: WHAT; REMEDY".
struct ConfigError {
    std::string what;
    std::string remedy;
};
// The remedy where a file is not there. Only who was given the path knows what it is relative to.
inline constexpr std::string_view kCheckPath = "check the path";
template <class T>
using ConfigResult = tl::expected<T, ConfigError>;

class KeySource;

// Of RSA-OAEP; its mask generation is always MGF1 with SHA-1, as in xmlenc's rsa-oaep-mgf1p.
enum class OaepDigest { sha1, sha256, sha512 };

// Immutable, reference-counted, usable from any thread.
class PrivateKey {
  public:
    // Reads a PEM file. Errors: unreadable, open to everyone (any bit of mode 0007; a group may
    // read it), PKCS#12 or DER given instead, encrypted, RSA below 2048 or EC below 256 bits,
    // neither RSA nor EC.
    static ConfigResult<PrivateKey> load(const std::string& path);

    // Finds the key that an RFC 7512 URI names in a token (HSM, smart card), from a child process:
    // each process that uses the key opens the token for itself. Errors: not such a URI, a PIN
    // inside it, a PIN file that cannot be read or that others may read, no such token or key, a
    // key as weak as above.
    static ConfigResult<PrivateKey> in_token(const std::string& uri);

    // Both may wait for a token, so they belong on the worker pool. Code::key if the key cannot be
    // used now.
    //
    // With SHA-512: RSASSA-PKCS1-v1_5, or ECDSA as XML has it, r and s at their full length (RFC
    // 4050, section 3.3).
    Result<std::string> sign(std::string_view text) const;
    // The plain text of RSA-OAEP. Code::decryption if it was not made for this key.
    Result<std::string> unwrap(std::string_view wrapped, OaepDigest digest) const;

    bool is_elliptic() const noexcept;
    EVP_PKEY* public_half() const noexcept { return public_half_.get(); }
    // For TLS, whose handshakes run on the loop and must not wait for a token. Borrowed; null for a
    // key in a token.
    EVP_PKEY* in_memory() const noexcept;
    // "RSA 2048 sha256:ab12…" of the public half, for messages about mismatches.
    std::string describe() const;

  private:
    PrivateKey(std::shared_ptr<EVP_PKEY> public_half, std::shared_ptr<KeySource> source)
        : public_half_(std::move(public_half)), source_(std::move(source)) {}
    std::shared_ptr<EVP_PKEY> public_half_;
    std::shared_ptr<KeySource> source_;
};

class Certificate {
  public:
    // Reads a PEM file with one or more certificates, in order. Errors: unreadable, none inside,
    // PKCS#12 or DER given, public key as weak as above, signed with SHA-1 or MD5 unless it is
    // self-signed. An ended one is not an error here: see not_after().
    static ConfigResult<std::vector<Certificate>> load(const std::string& path);

    X509* get() const noexcept { return x509_.get(); }  // borrowed
    EVP_PKEY* public_key() const noexcept;              // borrowed
    bool matches(const PrivateKey& key) const noexcept;
    Time not_before() const noexcept;
    Time not_after() const noexcept;
    std::string subject() const;       // RFC 2253, printable
    std::string fingerprint() const;   // SHA-256, lower-case hex
    std::string base64_der() const;    // for ds:X509Certificate, no line breaks
    std::string describe_key() const;  // as PrivateKey::describe
    bool is_simulator() const;         // subject contains "SIMULADOR"
    bool is_self_signed() const;       // no authority vouches for it

  private:
    explicit Certificate(std::shared_ptr<X509> x509);
    std::shared_ptr<X509> x509_;
    std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace clave
