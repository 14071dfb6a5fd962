#include "pages/html.h"

#include <stdexcept>

#include "clave/encoding.h"

namespace clave::pages {

std::string slot_text(std::string_view name, Slots slots) {
    for (const Slot& slot : slots) {
        if (slot.name != name) {
            continue;
        }
        if (const auto* text = std::get_if<std::string_view>(&slot.value)) {
            return html_escape(*text);
        }
        return std::get<const Html*>(slot.value)->str();
    }
    throw std::logic_error("no value for the placeholder " + std::string(name));
}

namespace {

template <class Literal>
std::string expand(std::string_view pattern, Slots slots, Literal literal) {
    std::string out;
    while (true) {
        const std::size_t open = pattern.find('{');
        out += literal(pattern.substr(0, open));
        if (open == std::string_view::npos) {
            return out;
        }
        const std::size_t close = pattern.find('}', open);
        if (close == std::string_view::npos) {
            throw std::logic_error("placeholder without an end");
        }
        out += slot_text(pattern.substr(open + 1, close - open - 1), slots);
        pattern.remove_prefix(close + 1);
    }
}

}  // namespace

Html fill(Markup markup, Slots slots) {
    return Html(expand(markup.text(), slots, [](std::string_view text) { return text; }));
}

Html phrase(std::string_view text, Slots slots) {
    return Html(expand(text, slots, html_escape));
}

}  // namespace clave::pages
