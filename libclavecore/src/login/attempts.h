// Logins that succeed and do not stick: a session cookie that gets lost would send the person to
// the gateway and back for ever.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/host.h"
#include "clave/key_ring.h"
#include "clave/site.h"

namespace clave {

inline constexpr Seconds kAttemptWindow{60};
inline constexpr int kMaxAttempts = 3;

std::string attempts_cookie_name(const Site& site);

// True if the cookie counts kMaxAttempts logins for `target` within the window.
bool is_looping(const KeyRing& key, const Site& site, std::string_view cookie,
                std::string_view target, Time now);

// The cookie's next value, after one more login for `target`; nullopt without randomness.
std::optional<std::string> count_attempt(const KeyRing& key, Random& random, const Site& site,
                                         std::string_view cookie, std::string_view target,
                                         Time now);

}  // namespace clave
