#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/session.h"

namespace clave {
namespace {

constexpr std::size_t kLoggedDigits = 16;

}  // namespace

std::optional<SessionToken> SessionToken::create(Random& random) {
    SessionToken token;
    if (!guard("token random", random.fill(token.bytes_.fill()))) {
        return std::nullopt;
    }
    return token;
}

std::optional<SessionToken> SessionToken::parse(std::string_view cookie) noexcept {
    SessionToken token;
    if (!base64url_decode_to(token.bytes_.fill(), cookie)) {
        return std::nullopt;
    }
    return token;
}

std::string SessionToken::cookie() const {
    return base64url_encode(bytes_.reveal());
}

Digest SessionToken::key() const noexcept {
    return sha256(bytes_.reveal());
}

std::string session_hash(const Digest& key) {
    return hex_encode(std::span(key).first<kLoggedDigits / 2>());
}

}  // namespace clave
