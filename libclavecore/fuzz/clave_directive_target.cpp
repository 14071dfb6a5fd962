// `clave_level` and `clave` lines: whatever is written, a location never takes less than its level.
#include <algorithm>
#include <string>
#include <vector>

#include "clave/config_words.h"
#include "clave/level_syntax.h"
#include "target.h"

namespace clave::fuzz {
namespace {

std::optional<Seconds> read_seconds(std::string_view text) {
    long value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || value > 1'000'000'000) {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    return text.empty() ? std::nullopt : std::optional(Seconds{value});
}

bool admits(const Acceptance& accept, Method method, Loa loa) {
    Requirement requirement;
    requirement.accept = accept;
    return admit(requirement, {.method = method, .loa = loa}, Time{}) == Admission::granted;
}

template <class T>
bool is_explained(const ConfigResult<T>& read) {
    return read || !read.error().what.empty();
}

void check_level(const Level& level) {
    const auto accepted = std::ranges::count_if(level.accept, [](auto loa) { return !!loa; });
    const auto offered = std::ranges::count(level.offer, true);
    require(accepted > 0 && offered > 0, "a level lets somebody in");
    require(!level.name.empty() && !is_reserved_level(level.name), "a level has a name");
}

void check_requirement(const Requirement& requirement, const std::vector<Level>& levels) {
    const auto level = std::ranges::find(levels, requirement.level, &Level::name);
    require(level != levels.end(), "the level is one of those there are");
    require(requirement.ask >= level->ask, "a line asks for no less than its level");
    require(requirement.max_age >= Seconds{0}, "an age is not negative");
    for (std::size_t i = 0; i < kMethods; ++i) {
        const auto method = static_cast<Method>(i);
        for (const Loa loa : {Loa::low, Loa::substantial, Loa::high}) {
            const bool in = admits(requirement.accept, method, loa);
            if (level->accept[i]) {
                require(!in || admits(level->accept, method, loa), "a line makes no level weaker");
            } else {
                require(!in || loa >= level->ask, "a method it adds reaches what is asked for");
            }
        }
    }
}

}  // namespace

bool run(std::string_view input) {
    std::vector<Level> levels = builtin_levels();
    bool accepted = true;
    for (const std::string_view line : split(input, '\n')) {
        const std::vector<std::string_view> words = split(line, ' ');
        const auto arguments = std::span(words).subspan(1);
        if (arguments.empty() || arguments.size() > 16) {
            continue;
        }
        if (words.front() == "clave_level") {
            const auto level = read_level(arguments);
            require(is_explained(level), "a mistake is explained");
            accepted = accepted && level;
            if (level) {
                check_level(*level);
                std::erase_if(levels, [&](const Level& old) { return old.name == level->name; });
                levels.push_back(*level);
            }
        } else if (words.front() == "clave") {
            const auto requirement = read_requirement(arguments, levels, &read_seconds);
            require(is_explained(requirement), "a mistake is explained");
            accepted = accepted && requirement;
            if (requirement) {
                check_requirement(*requirement, levels);
            }
        }
    }
    return accepted;
}

}  // namespace clave::fuzz
