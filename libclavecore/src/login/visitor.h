// What kind of request meets the gate: a person looking at a page, or a script that can do nothing
// with a redirect to another site.
#pragma once

#include "clave/gate.h"
#include "clave/request.h"

namespace clave {

enum class Visitor {
    page,    // may be redirected
    form,    // a page load that carries something a redirect would lose
    script,  // XHR, fetch, sub-resource, frame: 401 and JSON
};

// HEAD is judged as GET. An OPTIONS request is always a script's: a preflight carries no cookies.
Visitor visitor(const Request& request, Unauthenticated mode) noexcept;

}  // namespace clave
