// What a machine has read of sessions that live in Redis, in memory that all its workers share, so
// that the hot path stays one lookup.
//
// A record is served for as long as it is certain to be what Redis has:
//
// * a worker that has been hearing of changes since before the record was asked for would have been
//   told (CLIENT TRACKING, product.md 8.6), and whichever worker hears first forgets for all;
// * any other worker may serve it for a moment only (`cache_valid=`), and so may everybody if the
//   one who asked was not hearing of changes himself.
//
// A change can overtake the reply to a question that was asked before it. So each key has a counter
// that every change moves, and what was asked for under another count is not kept.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "clave/loop.h"
#include "clave/record_bytes.h"
#include "clave/zone.h"

namespace clave {

class SessionCache final {
  public:
    static constexpr std::size_t kMinimumSize = 512 * 1024;

    // Sessions that `size` bytes hold; 0 below kMinimumSize.
    static std::size_t capacity(std::size_t size) noexcept;
    // As those of Zone.
    static bool format(std::span<std::byte> memory, Random& random) noexcept;
    static bool is_formatted(std::span<const std::byte> memory) noexcept;

    // One per worker. `memory` is formatted; all outlive the object. `valid` is how long what
    // nobody has listened for is served.
    SessionCache(std::span<std::byte> memory, ZoneMutex& mutex, const Loop& loop,
                 std::chrono::milliseconds valid) noexcept;

    // Hot path: allocates only through `out`'s resource.
    bool find(const Digest& key, Time now, RecordBytes& out);

    // A question to Redis: begun before it is sent.
    struct Question {
        std::uint64_t changes = 0;
        std::int64_t asked = 0;
        bool heard = true;  // false: nobody need be listening to who has answered
    };
    Question ask(const Digest& key) noexcept;
    // The answer, served until `until` at most. Nothing is kept that was changed meanwhile. What
    // this worker would not have been told of is served for a moment only, whoever else hears: in a
    // cluster the others may be listening to another node than the one that has answered.
    void keep(const Digest& key, std::span<const std::byte> record, Time until, Time now,
              const Question& question);
    // It was changed, or is about to be.
    void forget(const Digest& key) noexcept;

    // Records that are still served: sessions with a request in the last minute, or in a quarter of
    // their idle timeout if that is shorter. As Zone::census().
    ZoneCensus census(Time now) const noexcept;

    // What this worker hears of changes; it begins deaf.
    void hears() noexcept;
    void is_deaf() noexcept;

  private:
    std::uint64_t& changes_of(const Digest& key) noexcept;
    std::int64_t clock() const noexcept;

    std::span<std::uint64_t> changes_;
    std::span<std::byte> records_;
    ZoneMutex& mutex_;
    const Loop& loop_;
    std::int64_t valid_;                 // milliseconds
    std::optional<std::int64_t> hears_;  // since then
};

}  // namespace clave
