// One colour of the site's in both colour schemes, readable in each.
#pragma once

#include <string>
#include <string_view>

#include "clave/pki.h"

namespace clave::pages {

// Custom properties for our style from "#0b5394" or "#05a": as it is on light ground, lightened
// until it can be read on dark. Errors: no colour; too pale on white (WCAG 2.1, 1.4.3: 4.5 to 1).
ConfigResult<std::string> accent_style(std::string_view colour);

}  // namespace clave::pages
