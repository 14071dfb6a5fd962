// How a zone's memory is carved (product.md 8.5). Nothing here moves after format(): a record lives
// in one of the slots of two buckets that its key alone decides.
//
//   header │ index: 8 bytes a slot │ slots: 512 bytes │ owners: 8 bytes │ replay marks: 24 bytes
//
// Two buckets of 64 rather than one window of 128, and the emptier one for what is new: the first
// record without room then comes at 96 % load instead of at about 80 %, at the same cost of a
// lookup (Azar, Broder, Karlin, Upfal, "Balanced allocations", 1994). The keys are digests, so they
// are spread already, and no attacker chooses them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "clave/host.h"
#include "clave/secret.h"
#include "clave/zone.h"

namespace clave::zone {

inline constexpr std::size_t kBucket = 64;
inline constexpr std::size_t kSlotSize = 512;
// Looked at in one go, of those that nobody has asked for.
inline constexpr std::size_t kMostBuckets = 65536 / kBucket;
// How many of the slots are taken, with a margin, when the first record finds no room; records of
// many slots spread less evenly. Both are measured by the tests.
inline constexpr std::size_t kFullPercent = 93;
inline constexpr std::size_t kFullPercentLong = 75;

struct Header {
    std::uint64_t magic;  // written last, so that half a format() is no zone
    std::uint64_t version;
    std::uint64_t size;
    std::array<std::byte, 32> master;
    std::uint64_t checksum;  // of the three above
    // From here on changed under the mutex, read without.
    std::uint64_t evicted;
    std::uint64_t discarded;
    std::int64_t warned;  // Unix time of the last warning, of whichever worker
    std::uint32_t generation;
    std::uint32_t reserved;
};

struct IndexEntry {
    std::uint32_t tag;   // 0: free. Written last, cleared first
    std::uint32_t seen;  // seconds since 2020; of the last touch
};

// 128 bits of a keyed digest: no two persons agree in them. All zero: nobody's.
using Owner = std::array<std::byte, 16>;

struct OwnerEntry {
    std::uint32_t tag;    // 0: free. Written last, cleared first
    std::uint32_t place;  // slot number
};

// An entry is written beside the one it takes the place of, which goes when the new one is there: a
// worker that is killed in between costs nobody a signature (zone_entries.h).
enum class Kind : std::uint8_t { session = 1, outcome = 2, even_entry = 3, odd_entry = 4 };

// A record takes as many slots as it needs. They are found by the same key and belong together if
// they have the same generation, so there are no references that could dangle and no list to break.
struct Slot {
    std::uint64_t checksum;  // of all the rest
    std::int64_t expires;    // Unix time
    std::uint32_t lifetime;  // seconds from put() to `expires`
    std::uint32_t idle;      // seconds, 0: no idle timeout
    std::uint32_t generation;
    std::uint16_t length;  // of the payload in this slot
    std::uint8_t part;
    std::uint8_t parts;
    Kind kind;
    std::array<std::byte, 7> reserved;
    Owner owner;
    Digest key;
    std::array<std::byte, 424> payload;
};
static_assert(sizeof(Slot) == kSlotSize);

inline constexpr std::size_t kPayload = sizeof(Slot::payload);
inline constexpr std::size_t kMaxParts = (Zone::kMaxRecord + kPayload - 1) / kPayload;

// 160 of the 256 bits of the key: only the gateway can sign two assertion ids that agree in them,
// and then one of the two logins is refused.
struct Mark {
    std::uint32_t until;  // seconds since 2020, 0: free. Written last, cleared first
    std::array<std::byte, 20> key;
};
static_assert(sizeof(Mark) == 24);

// Seconds since 2020-01-01 in 32 bits last until 2156.
inline constexpr std::int64_t kEpoch = 1577836800;
inline std::uint32_t stamp(Time time) noexcept {
    const std::int64_t seconds = time.time_since_epoch().count() - kEpoch;
    if (seconds < 1) {
        return 1;
    }
    return seconds > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(seconds);
}

inline std::uint64_t word(std::span<const std::byte> bytes, std::size_t offset) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// Any change within one word changes the result for sure: each step is a bijection of it, and so is
// what brings the lanes together. There are several because one would wait for its own
// multiplications. Against accidents only; whoever can write to the zone needs no forgery.
inline std::uint64_t checksum(std::span<const std::byte> bytes) noexcept {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const auto step = [](std::uint64_t& sum, std::uint64_t word) {
        sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
        sum ^= sum >> 32U;
    };
    std::array<std::uint64_t, 4> lanes{0x636c617665ULL, 0x73657373ULL, 0x696f6e73ULL,
                                       0x7a6f6e65ULL};
    std::size_t at = 0;
    for (; at + lanes.size() * kWord <= bytes.size(); at += lanes.size() * kWord) {
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            step(lanes[lane], word(bytes, at + lane * kWord));
        }
    }
    std::uint64_t sum = lanes[0];
    for (; at + kWord <= bytes.size(); at += kWord) {
        step(sum, word(bytes, at));
    }
    for (const std::uint64_t lane : std::span(lanes).subspan(1)) {
        step(sum, lane);
    }
    return sum;
}

// The word that makes an entry valid goes away before the rest changes, and comes last. Enough that
// the compiler keeps this order: a process is killed between two instructions, and what it had
// stored by then is there for whoever gets the mutex next.
inline void retract(std::uint32_t& word_of_entry) noexcept {
    std::atomic_ref(word_of_entry).store(0, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
}
inline void publish(std::uint32_t& word_of_entry, std::uint32_t value) noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(word_of_entry).store(value, std::memory_order_relaxed);
}

// For those that read without the mutex.
inline void count(std::uint64_t& counter) noexcept {
    std::atomic_ref(counter).fetch_add(1, std::memory_order_relaxed);
}

struct Choice {
    std::size_t first;
    std::size_t second;
};

class Layout {
  public:
    explicit Layout(std::size_t size) noexcept
        : buckets_(size < Zone::kMinimumSize ? 0 : (size - kHeader) / kBucketBytes) {}

    std::size_t buckets() const noexcept { return buckets_; }
    std::size_t slots() const noexcept { return buckets_ * kBucket; }
    std::size_t index_offset() const noexcept { return kHeader; }
    std::size_t slot_offset() const noexcept {
        return index_offset() + slots() * sizeof(IndexEntry);
    }
    std::size_t owner_offset() const noexcept { return slot_offset() + slots() * sizeof(Slot); }
    std::size_t mark_offset() const noexcept {
        return owner_offset() + slots() * sizeof(OwnerEntry);
    }

    // By the first 16 bytes.
    Choice choose(std::span<const std::byte> key) const noexcept {
        const std::size_t first = word(key, 0) % buckets_;
        const std::size_t second = word(key, 8) % buckets_;
        return {first, first == second ? (second + 1) % buckets_ : second};
    }

  private:
    static constexpr std::size_t kHeader = 512;
    static_assert(sizeof(Header) <= kHeader);
    static constexpr std::size_t kBucketBytes =
        kBucket * (sizeof(IndexEntry) + sizeof(Slot) + sizeof(OwnerEntry) + sizeof(Mark));
    std::size_t buckets_;
};

// `count` objects of T at `offset` of the zone.
template <class T>
std::span<T> region(std::span<std::byte> memory, std::size_t offset, std::size_t count) noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    // The zone is memory of ours, aligned (format() sees to it) and in no other type's use; shared
    // memory has no other way to become objects in C++20.
    return {reinterpret_cast<T*>(memory.data() + offset), count};
}

}  // namespace clave::zone
