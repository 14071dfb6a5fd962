// What the sender of a form hears that cannot wait for the login.
#pragma once

#include "clave/gate.h"
#include "login/login_services.h"

namespace clave {

// The page of `why`, with a login in another tab: the form is one step back in the history.
Reply lost_form(const LoginServices& services, const Site& site, const Requirement& requirement,
                const Request& request, const Identified& who, Error why);

}  // namespace clave
