// What a session holds, and the token that stands for it in the browser.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"
#include "clave/host.h"
#include "clave/identity.h"
#include "clave/secret.h"

namespace clave {

// 32 random bytes, base64url in the cookie (43 characters), SHA-256 as the store's key (K-01,
// K-02).
class SessionToken {
  public:
    static std::optional<SessionToken> create(Random& random);
    // Syntax only: exactly 43 characters of base64url that re-encode to themselves.
    static std::optional<SessionToken> parse(std::string_view cookie) noexcept;

    std::string cookie() const;
    Digest key() const noexcept;

  private:
    SessionToken() noexcept = default;
    Secret<32> bytes_;
};

// First 16 hex digits of the store's key: may be logged, opens nothing.
std::string session_hash(const Digest& key);

// By what the gateway has said who it is (F-18): names nobody, and whoever has the message can show
// that it is the same.
struct LoginProof {
    std::string assertion;  // its ID
    Digest response{};      // SHA-256 of the signed message, as it came
};

struct Session {
    std::string service;  // provider name and origin it was made for (K-11)
    std::string level;    // of the login
    Credential credential;
    Time created{};
    Identity identity;
    LoginProof proof{};
};

// Versioned, length-prefixed. At most Zone::kMaxRecord bytes, or Code::attribute.
Result<std::vector<std::byte>> encode(const Session& session);

// A session read in place: views into `record`, which must stay. No allocation.
struct SessionView {
    std::string_view service;
    std::string_view level;
    Credential credential;
    Time created{};
    std::string_view nif, id, given_name, first_surname, surnames, represented_nif,
        represented_name;
    std::string_view attributes;  // encoded; see attribute()
    std::string_view assertion;   // of the LoginProof; both empty in a record of before
    Digest response{};

    std::string_view attribute(std::string_view name) const noexcept;  // empty if absent
};
// nullopt for another version, truncation, or anything after the end.
std::optional<SessionView> decode_session(std::span<const std::byte> record) noexcept;
// Of a record, or of as much as is left of it: service, level, credential, created, nif and id;
// nullopt if one of them is missing.
std::optional<SessionView> session_holder(std::span<const std::byte> beginning) noexcept;
// Written by a version of ours that is still to come: a session, only not for us to read.
bool is_newer_session(std::span<const std::byte> record) noexcept;

}  // namespace clave
