#include "clave/encoding.h"

#include <array>
#include <cstdint>

#include "base/guard.h"

namespace clave {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t kNoDigit = 0xFF;
constexpr std::uint8_t kNoDigitBit = 0x40;  // is set in no digit

using Digits = std::array<std::uint8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet) {
    Digits digits{};
    digits.fill(kNoDigit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}
constexpr Digits kStandardDigits = digits_of(kStandard);
constexpr Digits kUrlSafeDigits = digits_of(kUrlSafe);

std::string encode64(std::span<const std::byte> bytes, std::string_view alphabet, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned pending = 0;  // bits not yet written
    for (const std::byte b : bytes) {
        bits = (bits << 8U) | std::to_integer<std::uint32_t>(b);
        for (pending += 8; pending >= 6; pending -= 6) {
            text.push_back(alphabet[(bits >> (pending - 6)) & 63U]);
        }
    }
    if (pending > 0) {
        text.push_back(alphabet[(bits << (6 - pending)) & 63U]);
    }
    while (padded && text.size() % 4 != 0) {
        text.push_back('=');
    }
    return text;
}

// Six bits in, eight bits out, and what is left over must be zero.
class Base64Reader {
  public:
    // True if this digit completed a byte.
    bool put(std::uint8_t digit) noexcept {
        ++digits_;
        bits_ = (bits_ << 6U) | digit;
        pending_ += 6;
        if (pending_ < 8) {
            return false;
        }
        pending_ -= 8;
        return true;
    }
    std::uint8_t byte() const noexcept { return static_cast<std::uint8_t>(bits_ >> pending_); }
    std::size_t digits() const noexcept { return digits_; }
    // One digit in a group of four holds six bits, which is no byte.
    bool whole() const noexcept { return digits_ % 4 != 1; }
    bool canonical() const noexcept { return (bits_ & ((1U << pending_) - 1U)) == 0; }

  private:
    std::uint32_t bits_ = 0;
    unsigned pending_ = 0;
    std::size_t digits_ = 0;
};

// By how many octets percent-encoding makes one longer: none for the unreserved (RFC 3986 section
// 2.3), two otherwise.
constexpr auto kGrowth = [] {
    std::array<unsigned char, 256> growth{};
    growth.fill(2);
    for (const char c :
         std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")) {
        growth[static_cast<unsigned char>(c)] = 0;
    }
    return growth;
}();

struct Entity {
    char character;
    std::string_view replacement;
};
constexpr auto kHtmlEntities = std::to_array<Entity>(
    {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}});
// An XML parser would turn these into spaces inside an attribute value (XML 1.0 section 3.3.3).
constexpr auto kXmlEntities = std::to_array<Entity>({{'&', "&amp;"},
                                                     {'<', "&lt;"},
                                                     {'>', "&gt;"},
                                                     {'"', "&quot;"},
                                                     {'\'', "&#39;"},
                                                     {'\t', "&#9;"},
                                                     {'\n', "&#10;"},
                                                     {'\r', "&#13;"}});

std::string escape(std::string_view text, std::span<const Entity> entities) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        const Entity* found = nullptr;
        for (const Entity& entity : entities) {
            if (entity.character == c) {
                found = &entity;
            }
        }
        if (found != nullptr) {
            out.append(found->replacement);
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

std::string base64_encode(std::span<const std::byte> bytes) {
    return encode64(bytes, kStandard, true);
}

std::optional<std::string> base64_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    Base64Reader reader;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == '\r' || c == '\n') {
            continue;
        }
        if (c == '=') {
            ++padding;
            continue;
        }
        const std::uint8_t digit = kStandardDigits[static_cast<unsigned char>(c)];
        if (digit == kNoDigit) {
            return std::nullopt;
        }
        if (!guard("base64 text after padding", padding == 0)) {
            return std::nullopt;
        }
        if (reader.put(digit)) {
            out.push_back(static_cast<char>(reader.byte()));
        }
    }
    const std::size_t wanted_padding = (4 - reader.digits() % 4) % 4;
    if (!reader.whole() || !guard("base64 padding", padding == wanted_padding) ||
        !guard("base64 trailing bits", reader.canonical())) {
        return std::nullopt;
    }
    return out;
}

std::string base64url_encode(std::span<const std::byte> bytes) {
    return encode64(bytes, kUrlSafe, false);
}

std::optional<std::vector<std::byte>> base64url_decode(std::string_view text) {
    std::vector<std::byte> out(text.size() * 3 / 4);
    if (!base64url_decode_to(out, text)) {
        return std::nullopt;
    }
    return out;
}

bool base64url_decode_to(std::span<std::byte> out, std::string_view text) noexcept {
    if (text.size() != (out.size() * 4 + 2) / 3) {
        return false;
    }
    // Four digits at a time: the token of a session comes with every request.
    std::uint8_t seen = 0;
    const auto digit = [&](std::size_t i) {
        const std::uint8_t value = kUrlSafeDigits[static_cast<unsigned char>(text[i])];
        seen |= value;
        return std::uint32_t{value};
    };
    std::size_t at = 0;
    auto next = out.begin();
    for (; at + 4 <= text.size(); at += 4) {
        const std::uint32_t bits =
            digit(at) << 18U | digit(at + 1) << 12U | digit(at + 2) << 6U | digit(at + 3);
        *next++ = static_cast<std::byte>(bits >> 16U);
        *next++ = static_cast<std::byte>(bits >> 8U);
        *next++ = static_cast<std::byte>(bits);
    }
    std::uint32_t rest = 0;  // of one or two octets: two or three digits, the last one not whole
    for (; at < text.size(); ++at) {
        rest = rest << 6U | digit(at);
    }
    const std::size_t octets = out.size() % 3;
    const std::size_t unused = octets == 0 ? 0 : octets == 1 ? 4 : 2;
    for (std::size_t left = octets; left > 0; --left) {
        *next++ = static_cast<std::byte>(rest >> (unused + 8 * (left - 1)));
    }
    const bool canonical = (rest & ((1U << unused) - 1U)) == 0;
    return seen < kNoDigitBit && guard("base64url trailing bits", canonical);
}

void hex_encode_to(char* out, std::span<const std::byte> bytes) noexcept {
    static constexpr std::string_view kHex = "0123456789abcdef";
    for (const std::byte b : bytes) {
        *out++ = kHex[std::to_integer<std::size_t>(b >> 4)];
        *out++ = kHex[std::to_integer<std::size_t>(b & std::byte{15})];
    }
}

std::string hex_encode(std::span<const std::byte> bytes) {
    std::string text(bytes.size() * 2, '\0');
    hex_encode_to(text.data(), bytes);
    return text;
}

bool hex_decode_to(std::span<std::byte> out, std::string_view text) noexcept {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    if (text.size() != 2 * out.size()) {
        return false;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t high = kDigits.find(text[2 * i]);
        const std::size_t low = kDigits.find(text[2 * i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return false;
        }
        out[i] = static_cast<std::byte>(high << 4U | low);
    }
    return true;
}

std::string percent_encode(std::string_view text) {
    std::string out(percent_encoded_size(text), '\0');
    percent_encode_to(out.data(), text);
    return out;
}

std::size_t percent_encoded_size(std::string_view text) noexcept {
    std::size_t size = text.size();
    for (const char c : text) {
        size += kGrowth[static_cast<unsigned char>(c)];
    }
    return size;
}

void percent_encode_to(char* out, std::string_view text) noexcept {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (kGrowth[byte] == 0) {
            *out++ = c;
        } else {
            *out++ = '%';
            *out++ = kHex[byte >> 4U];
            *out++ = kHex[byte & 15U];
        }
    }
}

std::string html_escape(std::string_view text) {
    return escape(text, kHtmlEntities);
}

std::string xml_escape(std::string_view text) {
    return escape(text, kXmlEntities);
}

std::span<const std::byte> as_bytes(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    // char may alias any object (C++20 [basic.lval]).
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace clave
