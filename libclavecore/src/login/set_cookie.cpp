#include "login/set_cookie.h"

#include <algorithm>
#include <optional>

#include "login/login_state.h"

namespace clave {
namespace {

// `__Host-` demands Secure, Path=/ and no Domain. Lax: sent on the same-site GET that follows the
// gateway's cross-site POST, which is where the login is completed.
constexpr std::string_view kAttributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";

struct Pending {
    std::string_view suffix;
    std::size_t size = 0;
    std::optional<Time> begun;  // none: does not open

    bool operator<(const Pending& other) const { return begun < other.begun; }
};

}  // namespace

std::string session_cookie(std::string_view name, std::string_view value) {
    return std::string(name) + "=" + std::string(value) + std::string(kAttributes);
}

std::string lasting_cookie(std::string_view name, std::string_view value, Seconds max_age) {
    return session_cookie(name, value) + "; Max-Age=" + std::to_string(max_age.count());
}

std::string expired_cookie(std::string_view name) {
    return lasting_cookie(name, "", Seconds{0});
}

std::vector<std::string> make_room(const Site& site, const KeyRing& state_key,
                                   const OwnCookies& cookies, std::string_view suffix,
                                   std::size_t value_size, Time now) {
    const std::size_t name_size = state_cookie_name(site, suffix).size();
    std::vector<Pending> pending;
    std::size_t count = 1;
    std::size_t bytes = name_size + value_size;
    for (const auto& [other, value] : cookies.states) {
        if (other == suffix || !is_suffix(other)) {
            continue;  // the one that is replaced, or none that we set
        }
        const auto state = open_state(state_key, state_context(site, other), value, now);
        const std::size_t size = state_cookie_name(site, other).size() + value.size();
        pending.push_back({other, size, state ? std::optional(state->begun) : std::nullopt});
        bytes += size;
        ++count;
    }
    // nullopt sorts before every time: what does not open goes first.
    std::stable_sort(pending.begin(), pending.end());

    std::vector<std::string> expired;
    for (const Pending& one : pending) {
        if (count <= kMaxStateCookies && bytes <= kMaxStateBytes) {
            break;
        }
        expired.push_back(expired_cookie(state_cookie_name(site, one.suffix)));
        bytes -= one.size;
        --count;
    }
    return expired;
}

}  // namespace clave
