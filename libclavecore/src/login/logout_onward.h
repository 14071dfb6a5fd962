// From the end of the session here to that of the gateway's.
#pragma once

#include "clave/request.h"
#include "clave/site.h"
#include "clave/task.h"
#include "login/login_services.h"

namespace clave {

// The page that posts a signed logout request to the gateway; the page that says what is certain,
// if there can be none. Says nothing of who it is that leaves. Touches no cookie.
Task<Reply> ask_gateway_to_log_out(const LoginServices& services, const Site& site,
                                   const Request& request);

}  // namespace clave
