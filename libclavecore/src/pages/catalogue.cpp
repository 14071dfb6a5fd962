#include "pages/catalogue.h"

#include <algorithm>
#include <array>

#include "pages/catalogue_ca.h"
#include "pages/catalogue_en.h"
#include "pages/catalogue_eu.h"
#include "pages/catalogue_gl.h"

namespace clave::pages {
namespace {

constexpr bool mentions(std::string_view text, std::string_view placeholder) {
    return text.find(placeholder) != std::string_view::npos;
}

// Each placeholder of `text`, braces and all, occurs in `other`.
constexpr bool placeholders_are_in(std::string_view text, std::string_view other) {
    for (std::size_t open = text.find('{'); open != std::string_view::npos;
         open = text.find('{', open + 1)) {
        const std::size_t close = text.find('}', open);
        if (close == std::string_view::npos ||
            !mentions(other, text.substr(open, close - open + 1))) {
            return false;
        }
    }
    return true;
}

template <std::size_t N>
constexpr bool is_complete(const std::array<Message, N>& messages) {
    return std::equal(messages.begin(), messages.end(), kSpanish.begin(), kSpanish.end(),
                      [](const Message& own, const Message& spanish) {
                          return own.key == spanish.key && !own.text.empty() &&
                                 !mentions(own.text, "\xEF\xBF\xBD") &&  // U+FFFD: was no UTF-8
                                 placeholders_are_in(own.text, spanish.text) &&
                                 placeholders_are_in(spanish.text, own.text);
                      });
}
static_assert(is_complete(kSpanish));
static_assert(is_complete(kCatalan));
static_assert(is_complete(kBasque));
static_assert(is_complete(kGalician));
static_assert(is_complete(kEnglish));

struct Catalogue {
    Language language;
    std::string_view own_name;
    const Message* messages;
};

constexpr auto kCatalogues = std::to_array<Catalogue>({
    {Language::es, "Castellano", kSpanish.data()},
    {Language::ca, "Català", kCatalan.data()},
    {Language::eu, "Euskara", kBasque.data()},
    {Language::gl, "Galego", kGalician.data()},
    {Language::en, "English", kEnglish.data()},
});

constexpr bool rows_follow_enumerators() {
    for (std::size_t i = 0; i < kCatalogues.size(); ++i) {
        if (static_cast<std::size_t>(kCatalogues[i].language) != i) {
            return false;
        }
    }
    return kCatalogues.size() == kLanguages.size();
}
static_assert(rows_follow_enumerators());

const Catalogue& catalogue(Language language) noexcept {
    return kCatalogues[static_cast<std::size_t>(language)];
}

}  // namespace

std::string_view text(Language language, Key key) noexcept {
    return catalogue(language).messages[key.index()].text;
}

std::string_view own_name(Language language) noexcept {
    return catalogue(language).own_name;
}

}  // namespace clave::pages
