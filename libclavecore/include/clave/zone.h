// The store in shared memory (product.md 8.5): fixed slots carved once, bounded probing, a checksum
// and a generation per slot, least recently used by timestamp. No pointer, list or tree inside, so
// a killed worker can spoil one record only, and the zone survives a reload at another address.
//
// About 602 bytes a session, of any number of sessions; a session that does not fit into one slot
// (424 bytes of record) takes as many as it needs. When there is no room, the least recently used
// of those in question ends early: counted, and told to the operator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "clave/session_end.h"
#include "clave/store.h"

namespace clave {

namespace zone {
class Ends;
}

// The zone's own mutex, which the host releases if its holder is killed.
struct ZoneMutex {
    virtual void lock() noexcept = 0;
    virtual void unlock() noexcept = 0;

  protected:
    ~ZoneMutex() = default;
};

struct ZoneCounters {
    std::uint64_t evicted = 0;    // live records that had to go for new ones
    std::uint64_t discarded = 0;  // records found damaged
};

struct ZoneCapacity {
    std::size_t sessions = 0;      // of one slot each, before the first eviction
    std::size_t long_records = 0;  // if all were as long as Zone::kMaxRecord
    std::size_t marks = 0;         // replay marks alive at once, before the first refusal
};

struct ZoneCensus {
    std::size_t live = 0;  // sessions that have not ended
    bool estimated = false;
};

class Zone final : public Store {
  public:
    static constexpr std::size_t kMinimumSize = 256 * 1024;
    static constexpr std::size_t kMaxRecord = 4096;
    // The largest limit of sessions of one person: more would crowd out their neighbours.
    static constexpr std::size_t kMaxSessionLimit = 100;

    // What `size` bytes hold; all zero below kMinimumSize.
    static ZoneCapacity capacity(std::size_t size) noexcept;

    // Lays out memory, aligned as malloc aligns: clears it, writes header and master key. False if
    // it is too small, or if there is no randomness; then it is not formatted.
    static bool format(std::span<std::byte> memory, Random& random) noexcept;
    // False if this is not a zone of this layout and size (another version of the module wrote it).
    static bool is_formatted(std::span<const std::byte> memory) noexcept;

    // `memory` is formatted and outlives the object; `mutex` guards all of it. `log` hears about
    // evictions and of refused marks, at most once a minute for all workers together; `witness`, if
    // given, of sessions that this process ends without being asked to. Throws std::bad_alloc.
    Zone(std::span<std::byte> memory, ZoneMutex& mutex, Logger& log,
         SessionWitness* witness = nullptr);
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;
    ~Zone() override;

    // The key made by format(): the same for every worker and after a reload.
    MasterKey master_key() const noexcept;
    ZoneCounters counters() const noexcept;
    // Counts up to 65536 slots, spread evenly; of a larger zone it is an estimate. Never holds the
    // mutex for longer than 64 slots take.
    ZoneCensus census(Time now) const noexcept;
    // Ends sessions that are over and nobody asks for, and tells of them: of 65536 slots, from
    // where it came to the last time. Holds the mutex as census() does.
    void sweep(Time now) noexcept;

    Lookup find(const Digest& key, Time now, RecordBytes& out,
                Touch touch = Touch::if_due) noexcept override;
    // As find(), which is all that there is.
    Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out, Touch touch) override;
    Task<Result<void>> put(const Digest& key, std::span<const std::byte> record, SessionTimes times,
                           Time now, const Digest* replaces = nullptr,
                           const SessionOwner* owner = nullptr) override;
    Task<Result<void>> erase(const Digest& key) override;
    Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) override;
    Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) override;
    Task<Result<std::vector<Digest>>> sessions_of(const Digest& person, Time now) override;
    Task<Result<std::size_t>> end_all(const Digest& person, Time now) override;
    Task<Result<SessionPage>> list(std::string cursor, Time now) override;
    Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome, Time until,
                            Time now) override;
    Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key, Time now) override;
    Task<Result<bool>> mark(const Digest& key, Time until, Time now) override;
    Task<Result<std::optional<Entry>>> read(const Digest& key, Time now) override;
    Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                  std::span<const std::byte> record, Time until,
                                                  Time now) override;
    // Always 0: what is in a zone is there, or the zone is new and so is its key.
    Task<Result<std::uint64_t>> epoch(const Digest& key) override;

  private:
    Result<void> store(const Digest& key, bool outcome, std::span<const std::byte> record,
                       SessionTimes times, Time now, const Digest* replaces = nullptr,
                       const SessionOwner* owner = nullptr);
    void warn(Time now, std::string_view line) noexcept;
    void warn_of_evictions(std::uint64_t evicted, Time now) noexcept;
    std::optional<TimeLeft> left_of(const Digest& key, Time now, bool touches) noexcept;
    void tell_ends() noexcept;

    std::span<std::byte> memory_;
    ZoneMutex& mutex_;
    Logger& log_;
    SessionWitness* witness_;
    std::unique_ptr<zone::Ends> ends_;  // none without a witness
    std::size_t swept_ = 0;             // the bucket after those that sweep() has seen
};

}  // namespace clave
