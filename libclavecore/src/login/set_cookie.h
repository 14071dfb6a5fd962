// The cookies we set (K-04, K-05).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/cookie.h"
#include "clave/host.h"
#include "clave/key_ring.h"
#include "clave/site.h"

namespace clave {

inline constexpr std::size_t kMaxStateCookies = 12;
inline constexpr std::size_t kMaxStateBytes = 6 * 1024;  // names and values together

// Values of Set-Cookie. Without a Max-Age the cookie ends with the browser session.
std::string session_cookie(std::string_view name, std::string_view value);
std::string lasting_cookie(std::string_view name, std::string_view value, Seconds max_age);
std::string expired_cookie(std::string_view name);

// The Set-Cookie values that make room for a state cookie of this suffix and value: logins that no
// longer open go first, then the oldest. Empty if there is room.
std::vector<std::string> make_room(const Site& site, const KeyRing& state_key,
                                   const OwnCookies& cookies, std::string_view suffix,
                                   std::size_t value_size, Time now);

}  // namespace clave
