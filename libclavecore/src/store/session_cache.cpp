//   header │ counters: 8 bytes each │ a zone without owners and marks in use
#include "clave/session_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "base/guard.h"
#include "store/zone_layout.h"
#include "store/zone_slots.h"

namespace clave {

using zone::Kind;
using zone::Owner;
using zone::Slots;

namespace {

constexpr std::uint64_t kMagic = 0x6568636163766c63ULL;  // "clvcache"
// One more whenever the layout here changes; that of the zone has a version of its own.
constexpr std::uint64_t kVersion = 1;
// Keys that share a counter cost each other a question now and then, nothing else.
constexpr std::size_t kCounters = 4096;

struct Header {
    std::uint64_t magic;  // written last
    std::uint64_t version;
    std::uint64_t size;
    std::array<std::byte, 40> reserved;
};
static_assert(sizeof(Header) == 64);

constexpr std::size_t kFront = sizeof(Header) + kCounters * sizeof(std::uint64_t);
static_assert(kFront % alignof(std::max_align_t) == 0);

// When: behind the record. Negative: nobody may rely on hearing of a change.
using Asked = std::int64_t;

}  // namespace

std::size_t SessionCache::capacity(std::size_t size) noexcept {
    return size < kMinimumSize ? 0 : Zone::capacity(size - kFront).sessions;
}

bool SessionCache::format(std::span<std::byte> memory, Random& random) noexcept {
    void* start = memory.data();
    std::size_t space = memory.size();
    const bool aligned = std::align(alignof(std::max_align_t), 1, start, space) == memory.data();
    if (memory.size() < kMinimumSize || !aligned) {
        return false;
    }
    Header& header = zone::region<Header>(memory, 0, 1).front();
    header.magic = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::fill_n(memory.begin(), kFront, std::byte{});
    if (!Zone::format(memory.subspan(kFront), random)) {
        return false;
    }
    header.version = kVersion;
    header.size = memory.size();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    header.magic = kMagic;
    return true;
}

bool SessionCache::is_formatted(std::span<const std::byte> memory) noexcept {
    if (memory.size() < kMinimumSize) {
        return false;
    }
    Header header;
    std::memcpy(&header, memory.data(), sizeof header);
    return header.magic == kMagic && header.version == kVersion && header.size == memory.size() &&
           Zone::is_formatted(memory.subspan(kFront));
}

SessionCache::SessionCache(std::span<std::byte> memory, ZoneMutex& mutex, const Loop& loop,
                           std::chrono::milliseconds valid) noexcept
    : changes_(zone::region<std::uint64_t>(memory, sizeof(Header), kCounters)),
      records_(memory.subspan(kFront)),
      mutex_(mutex),
      loop_(loop),
      valid_(valid.count()) {}

// Monotonic, and one for all processes of a machine.
std::int64_t SessionCache::clock() const noexcept {
    return std::chrono::duration_cast<std::chrono::milliseconds>(loop_.now().time_since_epoch())
        .count();
}

// By bytes that choose no slot.
std::uint64_t& SessionCache::changes_of(const Digest& key) noexcept {
    return changes_[zone::word(key, 24) % kCounters];
}

bool SessionCache::find(const Digest& key, Time now, RecordBytes& out) {
    zone::Copy copy;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    std::optional<std::size_t> size;
    {
        const std::lock_guard lock(mutex_);
        size = Slots(records_).read(key, Kind::session, now, copy, Touch::if_due);
    }
    if (!size || *size < sizeof(Asked)) {
        return false;
    }
    const std::size_t length = *size - sizeof(Asked);
    Asked asked = 0;
    std::memcpy(&asked, copy.data() + length, sizeof asked);
    const bool listened = hears_ && asked > *hears_;
    if (!guard("cache certainty", listened || clock() - std::abs(asked) <= valid_)) {
        return false;
    }
    out.assign(std::span(copy).first(length));
    return true;
}

SessionCache::Question SessionCache::ask(const Digest& key) noexcept {
    const std::lock_guard lock(mutex_);
    return {changes_of(key), clock()};
}

void SessionCache::keep(const Digest& key, std::span<const std::byte> record, Time until, Time now,
                        const Question& question) {
    std::vector<std::byte> dated(record.size() + sizeof(Asked));
    if (until <= now || dated.size() > Zone::kMaxRecord) {
        return;
    }
    std::copy(record.begin(), record.end(), dated.begin());
    const bool hearing = question.heard && hears_ && question.asked > *hears_;
    const Asked asked = guard("cache hearing", hearing) ? question.asked : -question.asked;
    std::memcpy(dated.data() + record.size(), &asked, sizeof asked);
    const std::lock_guard lock(mutex_);
    if (guard("cache question", changes_of(key) == question.changes)) {
        Slots(records_).write(key, Kind::session, dated, {until, Seconds{0}}, now, Owner{});
    }
}

void SessionCache::forget(const Digest& key) noexcept {
    const std::lock_guard lock(mutex_);
    ++changes_of(key);
    Slots(records_).erase(key, Kind::session);
}

ZoneCensus SessionCache::census(Time now) const noexcept {
    return zone::census(records_, mutex_, now);
}

void SessionCache::hears() noexcept {
    hears_ = clock();
}

void SessionCache::is_deaf() noexcept {
    hears_.reset();
}

}  // namespace clave
