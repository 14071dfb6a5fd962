// Whose sessions are where: every session with an owner has an entry in one of the two buckets that
// the owner decides, as its record has a slot in one of the two that its key decides. The caller
// holds the zone's mutex.
//
// An entry only hints at a slot; what the slot says of its owner, under its checksum, decides. So
// an entry that a killed worker left behind is noise, and it is enough that an entry is there
// before its session is, and goes after it: no session is ever without one.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "store/zone_layout.h"

namespace clave::zone {

class Owners {
  public:
    using Place = std::size_t;  // slot number

    // Of the places in both buckets, those that may hold a session of the owner.
    struct Hints {
        std::array<Place, 2 * kBucket> place;
        std::size_t size = 0;
    };

    explicit Owners(std::span<std::byte> memory) noexcept;

    Hints hints(const Owner& owner) const noexcept;
    // All places in both buckets, whoever is there.
    Hints neighbours(const Owner& owner) const noexcept;

    // In the emptier bucket, an entry that is free, stale, or of a session that `is_over(place)`;
    // nullptr if there is none in either.
    template <class IsOver>
    OwnerEntry* room_for(const Owner& owner, IsOver is_over) noexcept {
        const Choice choice = layout_.choose(owner);
        OwnerEntry* room = nullptr;
        std::size_t size = 0;
        for (const std::size_t number : {choice.first, choice.second}) {
            OwnerEntry* last = nullptr;
            std::size_t usable = 0;
            for (OwnerEntry& entry : bucket(number)) {
                if (entry.tag == 0 || is_stale(entry) || is_over(entry.place)) {
                    last = &entry;
                    ++usable;
                }
            }
            if (usable > size) {
                size = usable;
                room = last;
            }
        }
        return room;
    }
    // Left behind by a worker that was killed, or pointing nowhere.
    bool is_stale(const OwnerEntry& entry) const noexcept;

    void set(OwnerEntry& entry, const Owner& owner, Place place) noexcept;
    void remove(const Owner& owner, Place place) noexcept;

  private:
    std::span<OwnerEntry> bucket(std::size_t number) const noexcept;

    Layout layout_;
    std::span<const IndexEntry> index_;
    std::span<const Slot> slots_;
    std::span<OwnerEntry> entries_;
};

}  // namespace clave::zone
