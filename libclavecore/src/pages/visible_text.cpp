#include "pages/visible_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "clave/encoding.h"

namespace clave::pages {
namespace {

struct Range {
    std::uint32_t first, last;
};

// Unicode 15: general categories Cc, Cf, Zl and Zp, and the letters and variation selectors without
// a form of their own.
constexpr auto kUnseen = std::to_array<Range>({
    {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
    {0x0600, 0x0605},   {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},
    {0x0890, 0x0891},   {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
});

bool is_unseen(std::uint32_t point) noexcept {
    return std::any_of(kUnseen.begin(), kUnseen.end(), [point](const Range& range) {
        return point >= range.first && point <= range.last;
    });
}

// How many bytes of valid UTF-8 begin `text`, as one character; 0 if none do.
std::size_t character_size(std::string_view text) noexcept {
    for (std::size_t size = 1; size <= std::min<std::size_t>(4, text.size()); ++size) {
        if (is_valid_utf8(text.substr(0, size))) {
            return size;
        }
    }
    return 0;
}

std::uint32_t code_point(std::string_view character) noexcept {
    const auto lead = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) {
        return lead;
    }
    std::uint32_t point = lead & (0x7FU >> character.size());
    for (const char c : character.substr(1)) {
        point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return point;
}

std::string written_out(std::uint32_t point) {
    std::string digits;
    for (int shift = 20; shift >= 0; shift -= 4) {
        if (!digits.empty() || shift < 16 || point >> shift != 0) {
            digits += "0123456789ABCDEF"[point >> shift & 15U];
        }
    }
    return "[U+" + digits + "]";
}

}  // namespace

std::string visible_text(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t size = character_size(text);
        if (size == 0) {
            out += "\xEF\xBF\xBD";
            text.remove_prefix(1);
            continue;
        }
        const std::uint32_t point = code_point(text.substr(0, size));
        if (is_unseen(point)) {
            out += written_out(point);
        } else {
            out.append(text, 0, size);
        }
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace clave::pages
