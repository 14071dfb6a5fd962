#include "clave/zone.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstring>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "store/zone_ends.h"
#include "store/zone_entries.h"
#include "store/zone_layout.h"
#include "store/zone_marks.h"
#include "store/zone_slots.h"

namespace clave {

using zone::Header;
using zone::Kind;
using zone::Layout;
using zone::Marked;
using zone::Marks;
using zone::Owner;
using zone::Slots;

namespace {

constexpr std::uint64_t kMagic = 0x656e6f7a76616c63ULL;  // "clvzone"
// One more whenever zone_layout.h changes in any way.
constexpr std::uint64_t kVersion = 4;
constexpr Seconds kBetweenWarnings{60};

std::uint64_t checksum_of(const Header& header) noexcept {
    const std::size_t begin = offsetof(Header, version);
    return zone::checksum(
        std::as_bytes(std::span(&header, 1)).subspan(begin, offsetof(Header, checksum) - begin));
}

Header& header_of(std::span<std::byte> memory) noexcept {
    return zone::region<Header>(memory, 0, 1).front();
}

Owner owner_of(const Digest& person) noexcept {
    Owner owner;
    std::copy_n(person.begin(), owner.size(), owner.begin());
    return owner;
}

std::uint64_t read_counter(std::uint64_t& counter) noexcept {
    return std::atomic_ref(counter).load(std::memory_order_relaxed);
}

}  // namespace

ZoneCapacity Zone::capacity(std::size_t size) noexcept {
    const std::size_t slots = Layout(size).slots();
    const std::size_t usable = slots * zone::kFullPercent / 100;
    return {.sessions = usable,
            .long_records = slots * zone::kFullPercentLong / 100 / zone::kMaxParts,
            .marks = usable};
}

bool Zone::format(std::span<std::byte> memory, Random& random) noexcept {
    void* start = memory.data();
    std::size_t space = memory.size();
    const bool aligned = std::align(alignof(std::max_align_t), 1, start, space) == memory.data();
    if (memory.size() < kMinimumSize || !aligned) {
        return false;
    }
    Header& header = header_of(memory);
    header.magic = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::fill(memory.begin(), memory.end(), std::byte{});
    if (!random.fill(header.master)) {
        return false;
    }
    header.version = kVersion;
    header.size = memory.size();
    header.checksum = checksum_of(header);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    header.magic = kMagic;
    return true;
}

bool Zone::is_formatted(std::span<const std::byte> memory) noexcept {
    if (memory.size() < kMinimumSize) {
        return false;
    }
    Header header;
    std::memcpy(&header, memory.data(), sizeof header);
    const bool ours = header.magic == kMagic && header.version == kVersion &&
                      header.size == memory.size() && header.checksum == checksum_of(header);
    wipe(header.master);
    return ours;
}

Zone::Zone(std::span<std::byte> memory, ZoneMutex& mutex, Logger& log, SessionWitness* witness)
    : memory_(memory),
      mutex_(mutex),
      log_(log),
      witness_(witness),
      ends_(witness != nullptr ? std::make_unique<zone::Ends>() : nullptr) {}

Zone::~Zone() = default;

MasterKey Zone::master_key() const noexcept {
    return MasterKey(header_of(memory_).master);
}

ZoneCounters Zone::counters() const noexcept {
    Header& header = header_of(memory_);
    return {.evicted = read_counter(header.evicted), .discarded = read_counter(header.discarded)};
}

ZoneCensus Zone::census(Time now) const noexcept {
    return zone::census(memory_, mutex_, now);
}

void Zone::sweep(Time now) noexcept {
    const std::size_t buckets = Layout(memory_.size()).buckets();
    for (std::size_t i = 0; i < std::min(buckets, zone::kMostBuckets); ++i) {
        swept_ = swept_ < buckets ? swept_ : 0;
        {
            const std::lock_guard lock(mutex_);
            Slots(memory_, ends_.get()).end_overdue(swept_++, now);
        }
        tell_ends();
    }
}

void Zone::tell_ends() noexcept {
    if (ends_) {
        ends_->tell(*witness_);
    }
}

// The mutex is held for the lookup and one copy, never over an allocation.
Lookup Zone::find(const Digest& key, Time now, RecordBytes& out, Touch touch) noexcept try {
    zone::Copy copy;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    std::optional<std::size_t> size;
    {
        const std::lock_guard lock(mutex_);
        size = Slots(memory_, ends_.get()).read(key, Kind::session, now, copy, touch);
    }
    if (!size) {
        tell_ends();
        return Lookup::miss;
    }
    out.assign(std::span(copy).first(*size));
    return Lookup::hit;
} catch (const std::bad_alloc&) {
    return Lookup::error;
}

Task<Result<Lookup>> Zone::load(const Digest& key, Time now, RecordBytes& out, Touch touch) {
    const Lookup found = find(key, now, out, touch);
    if (found == Lookup::error) {
        co_return fail(Code::store, "no memory for a session");
    }
    co_return found;
}

Result<void> Zone::store(const Digest& key, bool outcome, std::span<const std::byte> record,
                         SessionTimes times, Time now, const Digest* replaces,
                         const SessionOwner* owner) {
    if (record.size() > kMaxRecord) {
        return fail(Code::store, "the record is too long for the store");
    }
    if (times.expires <= now) {
        return fail(Code::store, "the record would be over before it is stored");
    }
    std::uint64_t evicted = 0;
    {
        const std::lock_guard lock(mutex_);
        Slots slots(memory_, ends_.get());
        const std::uint64_t before = counters().evicted;
        if (replaces != nullptr) {
            slots.erase(*replaces, Kind::session);
        }
        if (owner != nullptr) {
            slots.end_oldest(owner_of(owner->person), std::max<std::size_t>(owner->limit, 1) - 1,
                             now, false);
        }
        slots.write(key, outcome ? Kind::outcome : Kind::session, record, times, now,
                    owner != nullptr ? owner_of(owner->person) : Owner{});
        evicted = counters().evicted - before;
    }
    tell_ends();
    warn_of_evictions(evicted, now);
    return {};
}

Task<Result<void>> Zone::put(const Digest& key, std::span<const std::byte> record,
                             SessionTimes times, Time now, const Digest* replaces,
                             const SessionOwner* owner) {
    co_return store(key, false, record, times, now, replaces, owner);
}

Task<Result<void>> Zone::erase(const Digest& key) {
    const std::lock_guard lock(mutex_);
    Slots(memory_).erase(key, Kind::session);
    co_return Result<void>();
}

std::optional<TimeLeft> Zone::left_of(const Digest& key, Time now, bool touches) noexcept {
    std::optional<TimeLeft> left;
    {
        const std::lock_guard lock(mutex_);
        left = Slots(memory_, ends_.get()).time_left(key, now, touches);
    }
    tell_ends();
    return left;
}

Task<Result<std::optional<TimeLeft>>> Zone::time_left(const Digest& key, Time now) {
    co_return Result<std::optional<TimeLeft>>(left_of(key, now, false));
}

Task<Result<std::optional<TimeLeft>>> Zone::touch(const Digest& key, Time now) {
    co_return Result<std::optional<TimeLeft>>(left_of(key, now, true));
}

Task<Result<std::vector<Digest>>> Zone::sessions_of(const Digest& person, Time now) {
    zone::Sessions found;
    {
        const std::lock_guard lock(mutex_);
        found = Slots(memory_, ends_.get()).sessions_of(owner_of(person), now);
    }
    tell_ends();
    const auto keys = std::span(found.key).first(found.size);
    co_return std::vector<Digest>(keys.begin(), keys.end());
}

Task<Result<std::size_t>> Zone::end_all(const Digest& person, Time now) {
    std::size_t ended = 0;
    {
        const std::lock_guard lock(mutex_);
        ended = Slots(memory_, ends_.get()).end_oldest(owner_of(person), 0, now, true);
    }
    tell_ends();
    co_return Result<std::size_t>(ended);
}

// Whole buckets, until there are enough or it has been long enough.
Task<Result<SessionPage>> Zone::list(std::string cursor, Time now) {
    constexpr std::size_t kEnough = 64;
    constexpr std::size_t kMostAtOnce = 64;
    const std::size_t buckets = Layout(memory_.size()).buckets();
    std::size_t bucket = 0;
    if (!cursor.empty()) {
        const char* end = cursor.data() + cursor.size();
        const auto [rest, error] = std::from_chars(cursor.data(), end, bucket);
        if (error != std::errc() || rest != end || bucket >= buckets) {
            co_return fail(Code::format, "not a cursor of this store");
        }
    }
    SessionPage page;
    for (std::size_t looked_at = 0;
         looked_at < kMostAtOnce && page.keys.size() < kEnough && bucket < buckets;
         ++looked_at, ++bucket) {
        zone::Sessions found;
        {
            const std::lock_guard lock(mutex_);
            found = Slots(memory_).keys_in(bucket, now);
        }
        page.keys.insert(page.keys.end(), found.key.begin(),
                         found.key.begin() + static_cast<std::ptrdiff_t>(found.size));
    }
    page.next = bucket < buckets ? std::to_string(bucket) : std::string();
    co_return page;
}

Task<Result<void>> Zone::keep(const Digest& key, std::span<const std::byte> outcome, Time until,
                              Time now) {
    co_return store(key, true, outcome, SessionTimes{until, Seconds{0}}, now);
}

Task<Result<std::optional<std::vector<std::byte>>>> Zone::take(const Digest& key, Time now) {
    zone::Copy copy;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    std::optional<std::size_t> size;
    {
        const std::lock_guard lock(mutex_);
        Slots slots(memory_);
        size = slots.read(key, Kind::outcome, now, copy, Touch::never);
        if (size) {
            slots.erase(key, Kind::outcome);
        }
    }
    if (!size) {
        co_return std::nullopt;
    }
    co_return std::vector<std::byte>(copy.begin(),
                                     copy.begin() + static_cast<std::ptrdiff_t>(*size));
}

Task<Result<bool>> Zone::mark(const Digest& key, Time until, Time now) {
    if (until <= now) {  // it would protect nothing
        co_return fail(Code::store, "the replay mark would be over before it is made");
    }
    Marked marked = Marked::full;
    {
        const std::lock_guard lock(mutex_);
        marked = Marks(memory_).set(key, until, now);
    }
    if (marked == Marked::full) {
        warn(now, "the session store is too small: no room for replay marks, logins are refused");
        co_return fail(Code::store, "no room for a replay mark");
    }
    co_return Result<bool>(marked == Marked::first);
}

Task<Result<std::optional<Entry>>> Zone::read(const Digest& key, Time now) {
    std::optional<zone::FoundEntry> found;
    {
        const std::lock_guard lock(mutex_);
        Slots slots(memory_);
        found = zone::read_entry(slots, key, now);
    }
    if (!found) {
        co_return std::optional<Entry>();
    }
    const auto record = found->record();
    Entry entry{{record.begin(), record.end()}, std::to_string(found->number)};
    co_return std::optional<Entry>(std::move(entry));
}

Task<Result<std::optional<std::string>>> Zone::swap(const Digest& key, std::string version,
                                                    std::span<const std::byte> record, Time until,
                                                    Time now) {
    if (record.size() > zone::kMaxEntry || until <= now) {
        co_return fail(Code::store, "an entry that is too long, or over before it is stored");
    }
    std::optional<std::uint64_t> number;
    std::uint64_t evicted = 0;
    {
        const std::lock_guard lock(mutex_);
        const std::uint64_t before = counters().evicted;
        Slots slots(memory_, ends_.get());
        number = zone::swap_entry(slots, key, version, record, until, now);
        evicted = counters().evicted - before;
    }
    tell_ends();
    warn_of_evictions(evicted, now);
    co_return number ? std::optional(std::to_string(*number)) : std::nullopt;
}

Task<Result<std::uint64_t>> Zone::epoch(const Digest&) {
    co_return std::uint64_t{0};
}

void Zone::warn_of_evictions(std::uint64_t evicted, Time now) noexcept {
    if (evicted != 0) {
        warn(now, "the session store is too small: sessions had to end early for new ones");
    }
}

// Once a minute for all workers together.
void Zone::warn(Time now, std::string_view line) noexcept {
    const std::int64_t seconds = now.time_since_epoch().count();
    std::atomic_ref warned(header_of(memory_).warned);
    std::int64_t last = warned.load(std::memory_order_relaxed);
    const bool due = seconds - last >= kBetweenWarnings.count() || seconds < last;
    if (due && warned.compare_exchange_strong(last, seconds, std::memory_order_relaxed)) {
        log_.log(Severity::warn, line);
    }
}

}  // namespace clave
