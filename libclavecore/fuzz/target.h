// What every fuzz target is: one function, and what must hold whatever it is given. Crashes are
// found by the sanitizers; everything else that would be wrong is said with require().
#pragma once

#include <string_view>

namespace clave::fuzz {

// Defined once by each target. True if the input was taken for good: what nothing accepts is tested
// for nothing, so replay.cpp wants it of every input whose name says so.
bool run(std::string_view input);

// Says so, and ends the process as whoever drives the target wants it.
[[noreturn]] void finding(const char* what);

inline void require(bool holds, const char* what) {
    if (!holds) {
        finding(what);
    }
}

}  // namespace clave::fuzz
