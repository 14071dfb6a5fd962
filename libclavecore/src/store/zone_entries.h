// Entries of a zone: records that change by compare and set. The caller holds the zone's mutex.
//
// The new content is written under the other of two kinds, and the old one goes afterwards: whoever
// gets the mutex of a killed worker finds the one or the other, never neither.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "store/zone_slots.h"

namespace clave::zone {

// In front of the content: the number of the change that it is.
inline constexpr std::size_t kEntryHead = sizeof(std::uint64_t);
inline constexpr std::size_t kMaxEntry = Zone::kMaxRecord - kEntryHead;

struct FoundEntry {
    Copy copy;
    std::size_t size = 0;
    std::uint64_t number = 0;
    Kind kind = Kind::even_entry;

    std::span<const std::byte> record() const noexcept {
        return std::span(copy).first(size).subspan(kEntryHead);
    }
};

// The newest; nullopt: there is none.
std::optional<FoundEntry> read_entry(Slots& slots, const Digest& key, Time now) noexcept;
// The number of the change; nullopt if the entry is not `version` (empty: there is none) any more.
std::optional<std::uint64_t> swap_entry(Slots& slots, const Digest& key, std::string_view version,
                                        std::span<const std::byte> record, Time until,
                                        Time now) noexcept;

}  // namespace clave::zone
