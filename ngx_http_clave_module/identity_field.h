// The identity as single texts: what headers and variables are made of.
#pragma once

#include <string_view>

#include "context.h"

namespace clave::nginx {

// The first ones in the order of kIdentityHeaderNames.
enum class Field : ngx_uint_t {
    nif,
    id,
    name,
    given_name,
    first_surname,
    surnames,
    level,
    loa,
    method,
    auth_time,  // Unix seconds
    session,    // the loggable hash
    nif_masked,
    represented_nif,
    represented_name,
};

// UTF-8, empty when absent. `context` holds a session. Texts made on the spot live in the request's
// pool.
std::string_view identity_field(const ngx_http_request_t* r, Context& context, Field field);

}  // namespace clave::nginx
