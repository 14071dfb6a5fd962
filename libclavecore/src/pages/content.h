// What each page says: the parts of it, in one language. How they are laid out is for others
// (document.h), and may be the site's own.
#pragma once

#include <string>

#include "pages/html.h"
#include "pages/page.h"

namespace clave::pages {

struct Content {
    std::string_view title;
    std::string need;  // "Cl@ve Permanente o certificado electrónico"
    Html text;         // what happened, what to do
    Html actions;      // what can be done here: links, or a form
    Html links;        // who helps, on pages where Cl@ve itself may be the trouble
};

Content content_of(PageId page, const Site& site, const Facts& facts, Language language);

}  // namespace clave::pages
