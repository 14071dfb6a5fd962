// Templates without logic: markup with {{placeholders}}. What may stand where is checked when a
// template is read, so that nothing a page shows can become markup, script or a foreign address.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"
#include "pages/html.h"

namespace clave::pages {

enum class SlotKind {
    text,     // escaped; in text and in quoted attributes that are no addresses
    address,  // a path of this origin, escaped; also at the start of href, src and action
    markup,   // parts of our making; in text only
};

struct TemplateSlot {
    std::string_view name;
    SlotKind kind;
    bool required;
};

struct TemplateMistake {
    std::size_t line;
    std::string what;
};

class Template {
  public:
    // Mistakes: an unknown or misplaced placeholder, a required one that is missing, inline script
    // or style, elements and addresses that the policy of the pages forbids, text that is no UTF-8.
    static tl::expected<Template, TemplateMistake> compile(std::string text,
                                                           std::span<const TemplateSlot> slots);

    // With a value for each slot that it was compiled for.
    Html fill(Slots slots) const;

  private:
    friend class TemplateReader;
    struct Piece {
        std::size_t begin, size;  // of the markup before the placeholder
        std::string_view slot;    // empty after the last one
    };
    explicit Template(std::string text) : text_(std::move(text)) {}

    std::string text_;
    std::vector<Piece> pieces_;
};

}  // namespace clave::pages
