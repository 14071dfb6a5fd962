// For the pages of the site itself: warns before the session ends and puts its end off
// (WCAG 2.2.1).
#pragma once

#include <string>

namespace clave::pages {

// Small, without dependencies, with its words in every language; the page says which it is in.
std::string session_script();

}  // namespace clave::pages
