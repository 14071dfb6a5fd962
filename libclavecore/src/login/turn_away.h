// The answers for whoever may not pass, or not yet (gate.h).
#pragma once

#include "clave/gate.h"
#include "login/login_services.h"

namespace clave {

Reply turn_away(const LoginServices& services, const Site& site, const Requirement& requirement,
                const Request& request, Unauthenticated mode, const Identified& who, Admission why);
Reply store_down(const LoginServices& services, const Site& site, const Request& request);

}  // namespace clave
