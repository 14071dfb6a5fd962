// Style and scripts of the pages: external, because the policy of the pages allows nothing inline.
#pragma once

#include <string>
#include <string_view>

#include "clave/site.h"

namespace clave::pages {

struct Asset {
    Asset(std::string file_name, std::string media_type, std::string content);

    std::string name;  // below {path}assets/
    std::string type;
    std::string body;
    std::string version;  // of the body: whoever asks for it may keep it for ever
};

// The site's own (clave_theme) or one of ours; nullptr if there is none.
const Asset* find_asset(const Site& site, std::string_view name);

// "/.clave/assets/clave.css?v=1a2b3c4d"
std::string asset_url(const Site& site, std::string_view name);

}  // namespace clave::pages
