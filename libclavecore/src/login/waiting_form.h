// A form between the moment it met a login and the moment it is sent on: sealed in Parcels, under a
// key that only the browser's state cookie completes, so that a copy of the memory, with all keys
// in it, opens none that waits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/gate.h"
#include "clave/parcels.h"
#include "login/login_services.h"
#include "login/login_state.h"

namespace clave {

// To be fetched within this time of the end of the login: the browser goes there by itself.
inline constexpr Seconds kClaimLifetime{60};
// The way to `login`, the way back, and the fetching.
inline constexpr Seconds kFormLifetime = 2 * kLoginLifetime + kClaimLifetime;
static_assert(kFormLifetime <= Parcels::kMostTime);

// Puts the request aside. Code::post_no_room; Code::random.
Result<WaitingForm> put_aside(const LoginServices& services, const Site& site,
                              const Request& request, std::optional<Digest> person);
bool still_waits(const LoginServices& services, const WaitingForm& form);

std::string claim_cookie_name(const Site& site);
// What fetches it: good for this session, for this address, for kClaimLifetime. nullopt without
// randomness.
std::optional<std::string> seal_claim(const LoginServices& services, const Site& site,
                                      const WaitingForm& form, const Digest& session);
// Once, by `who` sends the request. NoForm::none: no claim, not of this session or address, too
// old, or fetched before. NoForm::lost: it should be here and is not; the balancer has led the
// browser to a machine where it never was.
tl::expected<PreservedForm, NoForm> fetch(const LoginServices& services, const Site& site,
                                          const Request& request, const Identified& who);

}  // namespace clave
