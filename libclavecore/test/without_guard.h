// How a test shows that a guard is the one that refuses: it looks again with the guard switched
// off.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/guard.h"

namespace clave {

// What `look` finds while the guard of that name is off. A name that no code asks for is a mistake
// in the test, and ends it.
template <class Look>
auto without_guard(std::string_view name, Look look) {
    disable_guard(name);
    auto found = look();
    enable_all_guards();
    if (!guard_was_reached(name)) {
        std::fprintf(stderr, "no guard \"%.*s\" was reached\n", static_cast<int>(name.size()),
                     name.data());
        std::abort();
    }
    return found;
}

}  // namespace clave
