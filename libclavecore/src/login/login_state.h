// A login under way. It lives sealed in the browser that began it, so that a flood of visitors
// costs the server nothing and evicts nobody (product.md 8.1, S-71).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clave/crypto.h"
#include "clave/key_ring.h"
#include "clave/level.h"
#include "clave/site.h"

namespace clave {

// The session that asked for more.
struct SteppedUp {
    Digest session{};  // its key in the store
    Digest person{};   // person_digest() of whoever owns it
};

// A form that waits in Parcels until the login is done (waiting_form.h).
struct WaitingForm {
    std::array<std::byte, 16> token{};
    std::string target;            // where it was sent to
    std::optional<Digest> person;  // person_digest() of whose session it met: nobody else's
};

struct LoginState {
    std::string target;  // safe_target()
    Requirement requirement;
    Time begun{};
    std::optional<SteppedUp> step_up;
    std::optional<WaitingForm> form;
    std::string request_id;   // empty until `login` has made it
    std::uint64_t epoch = 0;  // of the store, then
};

inline constexpr Seconds kLoginLifetime{600};
// Machines that share a key may disagree about the time by this much.
inline constexpr Seconds kClockTolerance{60};

// base64url text. `context` says what the text is for, and it opens for nothing else: the name of
// the cookie and the service. nullopt only without randomness.
std::optional<std::string> seal_state(const KeyRing& key, Random& random, std::string_view context,
                                      const LoginState& state);
// nullopt for anything not sealed with this key for this context, or older than kLoginLifetime.
std::optional<LoginState> open_state(const KeyRing& key, std::string_view context,
                                     std::string_view sealed, Time now);

std::string state_cookie_name(const Site& site, std::string_view suffix);
std::string state_context(const Site& site, std::string_view suffix);
// A ticket is a state that travels in the URL of `login` instead of a cookie: scripts and lost
// POSTs get one, because a cookie for each call of a polling script would push out the logins under
// way.
std::string ticket_context(const Site& site);

// 16 random bytes, base64url: ties cookie, request and answer of one login together.
inline constexpr std::size_t kSuffixLength = 22;
std::optional<std::string> make_suffix(Random& random);
bool is_suffix(std::string_view text) noexcept;

// Tells one person from another without saying who it is.
Digest person_digest(const MasterKey& key, std::string_view nif, std::string_view id);

}  // namespace clave
