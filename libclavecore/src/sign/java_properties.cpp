#include "sign/java_properties.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/guard.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// The next character of `text`, which shrinks by it.
char32_t take_character(std::string_view& text) noexcept {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > text.size() || !is_valid_utf8(text.substr(0, length))) {
        text.remove_prefix(1);
        return kReplacement;
    }
    constexpr std::array<unsigned, 4> kBits{0x7F, 0x1F, 0x0F, 0x07};
    char32_t character = first & kBits[length - 1];
    for (std::size_t i = 1; i < length; ++i) {
        character = character << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    text.remove_prefix(length);
    return character;
}

bool breaks_lines(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

bool turns_text_around(char32_t c) noexcept {
    return c == 0x200E || c == 0x200F || c == 0x061C || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

void append_escaped_unit(std::string& out, std::uint32_t unit) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
        out += kHex[unit >> static_cast<unsigned>(shift) & 15U];
    }
}

void append_escaped(std::string& out, char32_t c) {
    if (c < 0x10000) {
        append_escaped_unit(out, c);
        return;
    }
    append_escaped_unit(out, 0xD800 + ((c - 0x10000) >> 10U));
    append_escaped_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FFU));
}

}  // namespace

bool is_property_key(std::string_view key) noexcept {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.';
    });
}

JavaProperties& JavaProperties::set(std::string_view key, std::string_view value) {
    text_.append(key) += '=';
    bool leading = true;
    while (!value.empty()) {
        char32_t c = take_character(value);
        if (turns_text_around(c)) {
            continue;
        }
        if (!guard("FIRe config line break", !breaks_lines(c))) {
            c = ' ';
        }
        if (c >= 0x7F) {
            append_escaped(text_, c);
        } else if (c != ' ' || !leading) {  // a reader skips white space before the value
            text_ += c == '\\' ? "\\\\" : std::string(1, static_cast<char>(c));
        }
        leading = leading && c == ' ';
    }
    text_ += '\n';
    return *this;
}

}  // namespace clave
