// One text of a catalogue, under its key.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace clave::pages {

struct Message {
    std::string_view key;
    std::string_view text;  // may hold {placeholders}
};

// The parts of a catalogue that stand in files of their own, as one.
template <std::size_t A, std::size_t B>
constexpr std::array<Message, A + B> joined(const std::array<Message, A>& first,
                                            const std::array<Message, B>& second) {
    std::array<Message, A + B> all{};
    std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), all.begin()));
    return all;
}

}  // namespace clave::pages
