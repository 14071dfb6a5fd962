#include "clave/config_words.h"

#include <algorithm>
#include <numeric>

namespace clave {
namespace {

// Levenshtein, for words of a configuration file.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above + 1, row[j - 1] + 1, replaced});
            diagonal = above;
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

std::optional<std::string_view> value_of(std::string_view text, std::string_view key) {
    if (text.size() > key.size() && text.starts_with(key) && text[key.size()] == '=') {
        return text.substr(key.size() + 1);
    }
    return std::nullopt;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
    std::string_view best;
    // Something of the word has to be left: "on" is no slip of the pen for "off".
    const std::size_t other = word.empty() ? 0 : word.size() - 1;
    std::size_t best_distance = std::min(other, std::max<std::size_t>(2, word.size() / 3)) + 1;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best.empty() ? std::string() : "; did you mean \"" + std::string(best) + "\"?";
}

std::string quote_it(std::string_view word, std::string_view before) {
    if (word.find('=') != std::string_view::npos || before.find('=') == std::string_view::npos) {
        return {};
    }
    std::string whole = std::string(before) + " " + std::string(word);
    std::erase_if(whole, [](char c) { return c == '"' || c == '\''; });
    return "; a text with blanks is quoted together with its name, as in \"" + whole + "\"";
}

std::string quoted(const std::vector<std::string_view>& words) {
    std::string out;
    for (const std::string_view word : words) {
        out += out.empty() ? "\"" : ", \"";
        out += word;
        out += '"';
    }
    return out;
}

}  // namespace clave
