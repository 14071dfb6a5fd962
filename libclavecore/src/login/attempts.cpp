#include "login/attempts.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;

struct Attempts {
    int count = 0;
    Time first{};
};

std::string context(const Site& site) {
    return attempts_cookie_name(site) + "\n" + site.service();
}

// None if the cookie is foreign, of another target, or of a window that has ended: somebody who
// visits three procedures in a minute is not looping.
Attempts read(const KeyRing& key, const Site& site, std::string_view cookie,
              std::string_view target, Time now) {
    const auto bytes = base64url_decode(cookie);
    if (!bytes) {
        return {};
    }
    const auto plain = open(key, context(site), *bytes);
    if (!plain) {
        return {};
    }
    FieldReader reader(*plain);
    const bool known = reader.u8() == kVersion;
    Attempts attempts;
    attempts.count = reader.u8();
    attempts.first = reader.time();
    const auto digest = reader.raw(sizeof(Digest));
    const Digest asked = sha256(target);
    const bool same_target = std::equal(digest.begin(), digest.end(), asked.begin(), asked.end());
    if (!known || !reader.complete() || !same_target || now - attempts.first > kAttemptWindow) {
        return {};
    }
    return attempts;
}

}  // namespace

std::string attempts_cookie_name(const Site& site) {
    return site.cookie + "-try";
}

bool is_looping(const KeyRing& key, const Site& site, std::string_view cookie,
                std::string_view target, Time now) {
    return !guard("login loop", read(key, site, cookie, target, now).count < kMaxAttempts);
}

std::optional<std::string> count_attempt(const KeyRing& key, Random& random, const Site& site,
                                         std::string_view cookie, std::string_view target,
                                         Time now) {
    Attempts attempts = read(key, site, cookie, target, now);
    if (attempts.count == 0) {
        attempts.first = now;
    }
    attempts.count = std::min(attempts.count + 1, kMaxAttempts);

    FieldWriter writer;
    writer.u8(kVersion);
    writer.u8(static_cast<std::uint8_t>(attempts.count));
    writer.time(attempts.first);
    writer.raw(sha256(target));
    const auto sealed = seal(key, random, context(site), writer.take());
    if (!sealed) {
        return std::nullopt;
    }
    return base64url_encode(*sealed);
}

}  // namespace clave
