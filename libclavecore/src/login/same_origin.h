// Which site's page sends a request: what changes something must not be set off by another one in
// the person's name (S-69).
#pragma once

#include "clave/request.h"
#include "clave/site.h"

namespace clave {

enum class Sender {
    own,      // a page of this origin
    foreign,  // a page of another one, be it a sibling of the same domain
    unknown,  // the browser does not say
};

Sender sender_of(const Site& site, const Request& request) noexcept;

}  // namespace clave
