#include <cstddef>
#include <cstdint>
#include <string>

#include "clave/encoding.h"

namespace clave {
namespace {

struct Sequence {
    std::size_t length;  // 0: no sequence starts like this
    // Only the second byte has a range of its own (RFC 3629 section 4): it is what excludes
    // overlong forms, surrogates and everything above U+10FFFF.
    std::uint8_t second_low = 0x80;
    std::uint8_t second_high = 0xBF;
};

constexpr Sequence sequence_of(std::uint8_t first) noexcept {
    if (first < 0x80) {
        return {1};
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return {2};
    }
    switch (first) {
        case 0xE0:
            return {3, 0xA0, 0xBF};
        case 0xED:
            return {3, 0x80, 0x9F};
        case 0xF0:
            return {4, 0x90, 0xBF};
        case 0xF1:
        case 0xF2:
        case 0xF3:
            return {4};
        case 0xF4:
            return {4, 0x80, 0x8F};
        default:
            return {first >= 0xE1 && first <= 0xEF ? std::size_t{3} : std::size_t{0}};
    }
}

std::uint8_t byte_at(std::string_view text, std::size_t i) noexcept {
    return static_cast<std::uint8_t>(text[i]);
}

// U+00A0 to U+00FF, which is what the languages of Spain are written with.
constexpr std::string_view kLatin =
    " !????????a'?-??"
    "??23'??.?1o'????"
    "AAAAAA?CEEEEIIII"
    "?NOOOOO?OUUUUY??"
    "aaaaaa?ceeeeiiii"
    "?nooooo?ouuuuy?y";
static_assert(kLatin.size() == 96);

char latin(std::uint8_t first, std::uint8_t second) noexcept {
    const std::size_t code = (first & 0x1FU) << 6U | (second & 0x3FU);
    return code >= 0xA0 && code <= 0xFF ? kLatin[code - 0xA0] : '?';
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        const Sequence sequence = sequence_of(byte_at(text, i));
        if (sequence.length == 0 || sequence.length > text.size() - i) {
            return false;
        }
        for (std::size_t k = 1; k < sequence.length; ++k) {
            const std::uint8_t low = k == 1 ? sequence.second_low : std::uint8_t{0x80};
            const std::uint8_t high = k == 1 ? sequence.second_high : std::uint8_t{0xBF};
            const std::uint8_t byte = byte_at(text, i + k);
            if (byte < low || byte > high) {
                return false;
            }
        }
        i += sequence.length;
    }
    return true;
}

std::string ascii_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const std::uint8_t first = byte_at(text, i);
        if (first < 0x80) {
            out += first >= 0x20 && first != 0x7F ? text[i] : '?';
            ++i;
            continue;
        }
        const std::size_t length = sequence_of(first).length;
        const bool valid =
            length != 0 && is_valid_utf8(text.substr(i, length)) && length <= text.size() - i;
        out += valid && length == 2 ? latin(first, byte_at(text, i + 1)) : '?';
        i += valid ? length : 1;
    }
    return out;
}

bool has_control_characters(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint8_t first = byte_at(text, i);
        if (first < 0x20 || first == 0x7F) {
            return true;
        }
        if (first == 0xC2 && i + 1 < text.size() && byte_at(text, i + 1) < 0xA0) {
            return true;  // C1
        }
        if (first == 0xE2 && i + 2 < text.size()) {
            const std::uint8_t second = byte_at(text, i + 1);
            const std::uint8_t third = byte_at(text, i + 2);
            const bool override_mark = second == 0x80 && third >= 0xAA && third <= 0xAE;
            const bool isolate_mark = second == 0x81 && third >= 0xA6 && third <= 0xA9;
            if (override_mark || isolate_mark) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace clave
