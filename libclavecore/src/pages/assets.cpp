#include "pages/assets.h"

#include <array>
#include <cstdint>

#include "pages/look.h"
#include "pages/session_script.h"
#include "pages/style_sheet.h"

namespace clave::pages {
namespace {

// FNV-1a: tells versions apart, protects nothing.
std::string fingerprint(std::string_view body) {
    std::uint32_t hash = 2166136261U;
    for (const char c : body) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    std::string out;
    for (int shift = 28; shift >= 0; shift -= 4) {
        out += "0123456789abcdef"[hash >> shift & 15U];
    }
    return out;
}

const std::array<Asset, 4>& own_assets() {
    static const std::array<Asset, 4> assets = {
        Asset{"clave.css", "text/css; charset=utf-8", std::string(kStyle)},
        Asset{"submit.js", "text/javascript; charset=utf-8", std::string(kSubmit)},
        Asset{"go.js", "text/javascript; charset=utf-8", std::string(kGo)},
        Asset{"session.js", "text/javascript; charset=utf-8", session_script()},
    };
    return assets;
}

template <class Assets>
const Asset* find(const Assets& assets, std::string_view name) noexcept {
    for (const Asset& asset : assets) {
        if (asset.name == name) {
            return &asset;
        }
    }
    return nullptr;
}

}  // namespace

Asset::Asset(std::string file_name, std::string media_type, std::string content)
    : name(std::move(file_name)),
      type(std::move(media_type)),
      body(std::move(content)),
      version(fingerprint(body)) {}

const Asset* find_asset(const Site& site, std::string_view name) {
    const Asset* asset = site.look ? find(site.look->assets, name) : nullptr;
    return asset != nullptr ? asset : find(own_assets(), name);
}

std::string asset_url(const Site& site, std::string_view name) {
    std::string url = site.path + "assets/" + std::string(name);
    if (const Asset* asset = find_asset(site, name)) {
        url += "?v=" + asset->version;
    }
    return url;
}

}  // namespace clave::pages
