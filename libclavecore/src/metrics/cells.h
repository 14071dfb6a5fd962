// The memory that all workers count in: numbers of 64 bits that are only ever added to or replaced
// whole, so a worker killed at any instruction leaves nothing half done, and no lock to wait for.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "clave/error.h"
#include "clave/event.h"
#include "clave/level.h"
#include "clave/metrics.h"

namespace clave::metrics {

inline constexpr std::size_t kResults = static_cast<std::size_t>(LoginResult::failed) + 1;
inline constexpr std::size_t kLevels = 32;
inline constexpr std::size_t kLongestLevel = 32;  // as level_syntax.cpp allows
// Where a login ends before anybody knows how the person identified.
inline constexpr std::size_t kNoMethod = kMethods;

using Cell = std::uint64_t;

struct LevelName {
    std::array<char, kLongestLevel> text;
    Cell length;
};

struct Cells {
    Cell layout;  // written last
    Cell levels;  // names below, added by whoever reads the configuration
    std::array<LevelName, kLevels> level;

    std::array<Cell, kCodes> refusals;
    // [kLevels]: a level of another configuration
    std::array<std::array<std::array<Cell, kResults>, kMethods + 1>, kLevels + 1> logins;
    std::array<Cell, kResults> step_ups;
    std::array<Cell, kEventKinds> events;
    std::array<Cell, kEndReasons> session_ends;
    std::array<std::array<Cell, kSignStates>, kSignFormats> signatures;
    std::array<Cell, kSignReasons> signature_failures;
    std::array<Cell, kLatencyBounds.size() + 1> store_latency;  // not cumulative
    Cell store_microseconds;
    Cell store_errors;
    Cell audit_suppressed;
    Cell audit_failed;
    Cell gateway_answers;
    std::int64_t gateway_ahead;  // seconds, of the last answer
};
static_assert(std::is_trivially_copyable_v<Cells>);
// Lock-free, or they would be guarded by locks that are not in the shared memory.
static_assert(std::atomic_ref<Cell>::is_always_lock_free);
static_assert(std::atomic_ref<std::int64_t>::is_always_lock_free);

inline void add(Cell& cell, Cell amount = 1) noexcept {
    std::atomic_ref(cell).fetch_add(amount, std::memory_order_relaxed);
}
inline Cell read(Cell& cell) noexcept {
    return std::atomic_ref(cell).load(std::memory_order_relaxed);
}

// Index of the level's name; kLevels if it is not known.
std::size_t level_index(Cells& cells, std::string_view name) noexcept;
std::string_view level_name(Cells& cells, std::size_t index) noexcept;
std::size_t known_levels(Cells& cells) noexcept;

}  // namespace clave::metrics
