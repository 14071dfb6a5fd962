// Records in the slots of a zone. The caller holds the zone's mutex throughout.
//
// A worker may be killed at any instruction. So every change clears the tag of a slot, writes the
// slot, and writes the tag, in this order for the compiler too: whoever gets the mutex next finds
// the old state, the new one, or a free slot. The checksum is for what nobody foresaw.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "store/zone_ends.h"
#include "store/zone_layout.h"
#include "store/zone_owners.h"

namespace clave::zone {

using Copy = std::array<std::byte, kMaxParts * kPayload>;

// A person's sessions, the oldest first.
struct Sessions {
    std::array<Digest, 2 * kBucket> key;
    std::size_t size = 0;
};

// Takes the mutex for a bucket at a time; of more than 65536 slots it is an estimate.
ZoneCensus census(std::span<std::byte> memory, ZoneMutex& mutex, Time now) noexcept;

class Slots {
  public:
    // `ends` hears of sessions that end without being asked to; nullptr: nobody does.
    explicit Slots(std::span<std::byte> memory, Ends* ends = nullptr) noexcept;

    // The record's size after copying it to `out`; nullopt if there is none, or none any more.
    std::optional<std::size_t> read(const Digest& key, Kind kind, Time now, Copy& out,
                                    Touch touch) noexcept;
    // Makes room if it has to. `record` is at most Zone::kMaxRecord, times.expires after `now`.
    void write(const Digest& key, Kind kind, std::span<const std::byte> record, SessionTimes times,
               Time now, const Owner& owner) noexcept;
    void erase(const Digest& key, Kind kind) noexcept;
    // Those of one bucket that are not over.
    std::size_t sessions_in(std::size_t bucket, Time now) const noexcept;
    // The same with their keys, in no order.
    Sessions keys_in(std::size_t bucket, Time now) const noexcept;

    // Of a session, after touching it whether that is due or not, if `touches`.
    std::optional<TimeLeft> time_left(const Digest& key, Time now, bool touches) noexcept;
    Sessions sessions_of(const Owner& owner, Time now) noexcept;
    // Ends the oldest sessions until no more than `keep` are left; how many it were. `asked`: the
    // caller tells of them.
    std::size_t end_oldest(const Owner& owner, std::size_t keep, Time now, bool asked) noexcept;
    // Ends those of one bucket that are over.
    void end_overdue(std::size_t bucket, Time now) noexcept;

  private:
    using Place = Owners::Place;
    struct Room {
        std::optional<Place> place;  // free or over
        std::size_t size = 0;        // how many such there are
        Place oldest = 0;            // of the rest
        std::uint32_t oldest_age = 0;
        bool oldest_is_session = false;
        bool any_live = false;
    };

    std::optional<Place> locate(const Digest& key, Kind kind, std::size_t part) noexcept;
    bool is_of(Place place, const Digest& key, Kind kind, std::size_t part) noexcept;
    bool is_over(Place place, Time now) const noexcept;
    bool is_live_session(Place place, Time now) const noexcept;
    void keep_lifetime(Place place, Time now) noexcept;
    void touch_if_due(Place place, Time now) noexcept;
    std::uint32_t unused_for(Place place, Time now) const noexcept;
    bool is_session_of(Place place, const Owner& owner) noexcept;
    Room room_in(std::size_t bucket, std::uint32_t tag, const Digest& but_not,
                 Time now) const noexcept;
    static bool goes_before(bool is_session, std::uint32_t age, const Room& other) noexcept;
    Place make_room(const Digest& key, std::uint32_t tag, Time now) noexcept;
    void evict(Place place, Time now) noexcept;
    void note_end(Place head, Time now, EndReason unless_over) noexcept;
    void end(Place head, Time now, EndReason unless_over) noexcept;
    void enter(const Owner& owner, Place place, Time now) noexcept;
    void fill(Place place, Slot& slot, std::uint32_t seen) noexcept;
    void clear(Place place) noexcept;
    void release(Place place) noexcept;

    Layout layout_;
    Header& header_;
    std::span<IndexEntry> index_;
    std::span<Slot> slots_;
    Owners owners_;
    Ends* ends_;
};

}  // namespace clave::zone
