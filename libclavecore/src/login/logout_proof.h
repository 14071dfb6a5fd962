// That it is the person who asks for a logout, where the browser does not say whose page does
// (S-69; login/same_origin.h).
#pragma once

#include <string>

#include "clave/key_ring.h"
#include "clave/request.h"
#include "clave/secret.h"
#include "clave/site.h"
#include "login/browser.h"

namespace clave {

// What our own page sends along where the browser does not say where a form comes from. Made for
// one session, of no use with another, and ends with it.
std::string logout_token(const KeyRing& ring, const Site& site, const Digest& session);

// For the session that the browser has; empty without one.
std::string logout_token_for(const LoginServices& services, const Site& site,
                             const CurrentSession& session);

enum class LogoutToken { absent, good, wrong };

// The field `token` of the form that `request` brings.
LogoutToken read_logout_token(const KeyRing& ring, const Site& site, const Request& request,
                              const Digest& session);

}  // namespace clave
