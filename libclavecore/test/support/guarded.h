// What is seen with a guard, and without it.
#pragma once

#include <string_view>

#include "seen.h"
#include "without_guard.h"

namespace clave::test {

struct Pair {
    Seen with{""};
    Seen without{""};
};

template <class Look>
Pair looked(std::string_view guard, Look look) {
    Pair pair;
    pair.with = Seen(look());
    pair.without = Seen(without_guard(guard, look));
    return pair;
}

}  // namespace clave::test
