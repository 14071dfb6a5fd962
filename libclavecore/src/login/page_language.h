// In which language a visitor reads our pages.
#pragma once

#include <string>

#include "clave/language.h"
#include "clave/request.h"
#include "clave/site.h"

namespace clave {

// What the switch on a page asks for (`l=`, at its own endpoint only), the cookie, Accept-Language,
// the site's default; in this order.
Language page_language(const Site& site, const Request& request);

// Set-Cookie that remembers it. Tells nothing about anybody: it is a word of two letters.
std::string language_cookie(const Site& site, Language language);

}  // namespace clave
