#include "pages/accent.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

namespace clave::pages {
namespace {

using Colour = std::array<double, 3>;  // 0 to 1 each, sRGB

constexpr double kLeastContrast = 4.5;
// The shaded grounds of the style sheet, on which links stand, too.
constexpr Colour kLightGround = {0xf2 / 255.0, 0xf4 / 255.0, 0xf7 / 255.0};
constexpr Colour kDarkGround = {0x20 / 255.0, 0x23 / 255.0, 0x28 / 255.0};

std::optional<int> digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const char low = static_cast<char>(c | 0x20);
    return low >= 'a' && low <= 'f' ? std::optional(low - 'a' + 10) : std::nullopt;
}

std::optional<Colour> parse(std::string_view text) noexcept {
    if ((text.size() != 4 && text.size() != 7) || text[0] != '#') {
        return std::nullopt;
    }
    const std::size_t width = (text.size() - 1) / 3;
    Colour colour{};
    for (std::size_t i = 0; i < colour.size(); ++i) {
        const auto high = digit(text[1 + i * width]);
        const auto low = digit(text[i * width + width]);
        if (!high || !low) {
            return std::nullopt;
        }
        colour[i] = (*high * 16 + *low) / 255.0;
    }
    return colour;
}

// WCAG 2.1, "relative luminance" and "contrast ratio".
double luminance(const Colour& colour) {
    const auto linear = [](double value) {
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
}

double contrast(const Colour& a, const Colour& b) {
    const double x = luminance(a) + 0.05;
    const double y = luminance(b) + 0.05;
    return x > y ? x / y : y / x;
}

Colour lightened(Colour colour, double share) {
    for (double& value : colour) {
        value += (1 - value) * share;
    }
    return colour;
}

std::string hex(const Colour& colour) {
    char text[8];
    const auto byte = [](double value) { return static_cast<unsigned>(std::lround(value * 255)); };
    static_cast<void>(std::snprintf(text, sizeof text, "#%02x%02x%02x", byte(colour[0]) & 255U,
                                    byte(colour[1]) & 255U, byte(colour[2]) & 255U));
    return text;
}

tl::unexpected<ConfigError> refuse(std::string_view colour, const std::string& why,
                                   const std::string& remedy) {
    return tl::unexpected<ConfigError>(
        ConfigError{"accent \"" + std::string(colour) + "\" " + why, remedy});
}

}  // namespace

ConfigResult<std::string> accent_style(std::string_view colour) {
    const auto light = parse(colour);
    if (!light) {
        return refuse(colour, "is no colour", "give it as in \"accent=#0b5394\"");
    }
    const double readable = contrast(*light, kLightGround);
    if (readable < kLeastContrast) {
        char ratio[16];
        static_cast<void>(std::snprintf(ratio, sizeof ratio, "%.1f", readable));
        return refuse(colour, "has a contrast of " + std::string(ratio) + " on light ground",
                      "choose a darker one: 4.5 is the least that can be read");
    }
    Colour dark = *light;
    for (int step = 1; step <= 20 && contrast(dark, kDarkGround) < kLeastContrast + 1; ++step) {
        dark = lightened(*light, step / 20.0);
    }
    return ":root { --act: " + hex(*light) +
           "; --on-act: #fff; }\n"
           "@media (prefers-color-scheme: dark) { :root { --act: " +
           hex(dark) + "; --on-act: " + hex(kDarkGround) + "; } }\n";
}

}  // namespace clave::pages
