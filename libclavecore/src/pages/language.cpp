#include "clave/language.h"

#include <algorithm>

namespace clave {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, kLanguages.size()> kTags = {"es", "ca", "eu", "gl", "en"};

// More ranges than any browser sends; the rest of a longer header is not read.
constexpr int kMostRanges = 32;

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What stands before `separator`, which is taken off `rest` together with it.
std::string_view next_part(std::string_view& rest, char separator) noexcept {
    const std::string_view part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return trim(part);
}

// "0.8" → 800; 0, which means "not this one", also for what is no weight at all.
int thousandths(std::string_view weight) noexcept {
    if (weight.empty() || (weight[0] != '0' && weight[0] != '1') || weight.size() > 5 ||
        (weight.size() > 1 && weight[1] != '.')) {
        return 0;
    }
    int value = weight[0] - '0';
    for (std::size_t i = 2; i < 5; ++i) {
        const char digit = i < weight.size() ? weight[i] : '0';
        if (digit < '0' || digit > '9') {
            return 0;
        }
        value = value * 10 + (digit - '0');
    }
    return std::min(value, 1000);
}

int weight_of(std::string_view parameters) noexcept {
    while (!parameters.empty()) {
        const std::string_view parameter = next_part(parameters, ';');
        if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
            return thousandths(parameter.substr(2));
        }
    }
    return 1000;
}

}  // namespace

std::string_view tag(Language language) noexcept {
    return kTags[static_cast<std::size_t>(language)];
}

std::optional<Language> language_of(std::string_view tag) noexcept {
    const auto found = std::find(kTags.begin(), kTags.end(), tag);
    if (found == kTags.end()) {
        return std::nullopt;
    }
    return static_cast<Language>(found - kTags.begin());
}

Language choose_language(std::span<const Language> offered, std::string_view chosen,
                         std::string_view accept_language) noexcept {
    if (const auto language = language_of(chosen);
        language && std::find(offered.begin(), offered.end(), *language) != offered.end()) {
        return *language;
    }
    Language best = offered.front();
    int best_weight = 0;
    for (int i = 0; i < kMostRanges && !accept_language.empty(); ++i) {
        std::string_view range = next_part(accept_language, ',');
        const std::string_view name = next_part(range, ';');
        const int weight = weight_of(range);
        if (weight <= best_weight) {
            continue;
        }
        const std::string_view primary = name.substr(0, name.find('-'));
        for (const Language language : offered) {
            if (equal_ignoring_case(primary, tag(language))) {
                best = language;
                best_weight = weight;
            }
        }
    }
    return best;
}

}  // namespace clave
