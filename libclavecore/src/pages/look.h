// The site's own look, as the pages use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clave/error.h"
#include "clave/language.h"
#include "clave/look.h"
#include "pages/assets.h"
#include "pages/template.h"

namespace clave::pages {

struct OwnPage {
    PageId page;
    std::optional<Language> language;  // none: for all that have none of their own
    Template text;
};

struct Look {
    std::string name;
    std::string footer;
    std::string phone = "060";
    std::string accessibility;
    std::string logo;        // name of an asset; empty: none
    bool has_style = false;  // there is an asset kOwnStyle
    std::vector<Asset> assets;
    std::optional<Template> layout;
    std::vector<OwnPage> pages;
};

inline constexpr std::string_view kOwnStyle = "theme.css";

// The built-in one where the site has none.
const Look& look_of(const Site& site);

// The site's own layout or page, else the built-in one.
const Template& layout_of(const Look& look);
const Template& page_of(const Look& look, PageId page, Language language);

// What templates may name.
std::span<const TemplateSlot> layout_slots() noexcept;
std::span<const TemplateSlot> page_slots() noexcept;

// "level-low": the name of the page's template without ".html", in the order of PageId.
std::string_view file_name(PageId page) noexcept;

}  // namespace clave::pages
