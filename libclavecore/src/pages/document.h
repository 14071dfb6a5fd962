// The document around the parts of a page: head, header with the languages, footer with the help.
#pragma once

#include <string>

#include "pages/content.h"

namespace clave::pages {

std::string document(PageId page, const Site& site, const Facts& facts, Language language,
                     const Content& content);

}  // namespace clave::pages
