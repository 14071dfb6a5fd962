// One text of a catalogue, under its key.
#pragma once

#include <string_view>

namespace clave::pages {

struct Message {
    std::string_view key;
    std::string_view text;  // may hold {placeholders}
};

}  // namespace clave::pages
