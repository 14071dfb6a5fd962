// java.util.Properties as text, one key after the other, with values that cannot become keys.
#pragma once

#include <string>
#include <string_view>

namespace clave {

// Letters, digits and dots.
bool is_property_key(std::string_view key) noexcept;

class JavaProperties {
  public:
    // `key` is one. Whatever `value` holds, a reader finds this key and no other: control
    // characters and line separators become spaces, marks of writing direction vanish, and what is
    // not ASCII is escaped as Java's own writer does, so that no reader's idea of a charset
    // matters. Bytes that are not UTF-8 become U+FFFD.
    JavaProperties& set(std::string_view key, std::string_view value);
    const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

}  // namespace clave
