// Markup that is safe by type: what is not Html gets escaped on its way in, and Html is only made
// from literals of the program and from other Html (S-74).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace clave::pages {

class Html;

// A literal of the program, with {placeholders}. Nothing that arrives at run time can become one.
class Markup {
  public:
    consteval Markup(const char* literal) : text_(literal) {}
    std::string_view text() const noexcept { return text_; }

  private:
    std::string_view text_;
};

struct Slot {
    std::string_view name;
    std::variant<std::string_view, const Html*> value;

    Slot(std::string_view slot, std::string_view text) : name(slot), value(text) {}
    Slot(std::string_view slot, const std::string& text) : Slot(slot, std::string_view(text)) {}
    Slot(std::string_view slot, const char* text) : Slot(slot, std::string_view(text)) {}
    Slot(std::string_view slot, const Html& html) : name(slot), value(&html) {}
};
using Slots = std::initializer_list<Slot>;

class Html {
  public:
    Html() = default;
    const std::string& str() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    Html& operator+=(const Html& other) {
        text_ += other.text_;
        return *this;
    }

  private:
    friend Html fill(Markup, Slots);
    friend Html phrase(std::string_view, Slots);
    friend class Template;
    explicit Html(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

// What goes in the place of a placeholder: text escaped, Html as it is. Throws without a slot.
std::string slot_text(std::string_view name, Slots slots);

// The literal with its placeholders filled: text is escaped, Html stays. A placeholder without a
// slot is a bug and throws.
Html fill(Markup markup, Slots slots = {});
// The same for a text of the catalogue, which is escaped itself.
Html phrase(std::string_view text, Slots slots = {});

}  // namespace clave::pages
