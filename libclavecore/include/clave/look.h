// The site's own look of the pages (clave_theme, clave_pages): read once, when the configuration
// is, and never again.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "clave/pki.h"

namespace clave {

namespace pages {
struct Look;
}

// What the configuration says; an empty value was not given.
struct LookWords {
    std::string name;           // of the site, beside the logo
    std::string logo;           // a file: SVG, PNG, JPEG or WebP
    std::string css;            // a file, after our own style
    std::string accent;         // "#0b5394"
    std::string footer;         // a line of text
    std::string help_phone;     // instead of 060
    std::string accessibility;  // address of the site's accessibility statement
    std::string pages;          // a directory of templates
};

// `file` and `line` of a template or style; without a file it is the directive that is wrong,
// clave_pages or clave_theme.
struct LookMistake {
    ConfigError error;
    bool in_pages = false;
    std::string file = {};
    std::size_t line = 0;
};

tl::expected<std::shared_ptr<const pages::Look>, LookMistake> load_look(const LookWords& words);

}  // namespace clave
