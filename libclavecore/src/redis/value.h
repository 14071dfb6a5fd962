// What Redis said. RESP2 only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clave::redis {

struct Value {
    enum class Kind : std::uint8_t { nil, integer, text, array, error };

    Kind kind = Kind::nil;
    std::int64_t number = 0;      // integer
    std::string text;             // status and bulk alike; of an error the whole line
    std::vector<Value> elements;  // array
    // By ASK: of a node that has not got the slot yet, so that nobody need be listening to it.
    bool unheard = false;

    // The first word of an error: "MOVED", "NOAUTH", "READONLY"…
    std::string_view error_code() const noexcept {
        return kind == Kind::error ? std::string_view(text).substr(0, text.find(' '))
                                   : std::string_view();
    }
};

}  // namespace clave::redis
