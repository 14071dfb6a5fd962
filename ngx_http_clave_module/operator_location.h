// Locations for whoever runs the service (clave_status, clave_control, clave_sign_api): what is
// asked of them, and who may.
#pragma once

#include <optional>
#include <string_view>

#include "conf.h"

namespace clave::nginx {

// What follows the location's name, and the slash after it; empty for the location itself. nullopt:
// something else that begins alike.
std::optional<std::string_view> asked_below(const ngx_http_request_t* r);

// This machine only, unless an `allow` of the location has opened it, and then the access module
// decides.
bool may_operate(const ngx_http_request_t* r);
// NGX_OK, or 403 after a line in the log. `what` begins the line: "status is".
ngx_int_t judge_operator(const ngx_http_request_t* r, const char* what);

}  // namespace clave::nginx
