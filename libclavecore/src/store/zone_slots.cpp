#include "store/zone_slots.h"

#include <algorithm>
#include <mutex>

#include "base/guard.h"

namespace clave::zone {
namespace {

std::span<const std::byte> checked(const Slot& slot) noexcept {
    return std::as_bytes(std::span(&slot, 1)).subspan(sizeof slot.checksum);
}

// g++ 12 compares arrays of std::byte one by one, and each request comes here.
bool are_same(const Digest& a, const Digest& b) noexcept {
    return word(a, 0) == word(b, 0) && word(a, 8) == word(b, 8) && word(a, 16) == word(b, 16) &&
           word(a, 24) == word(b, 24);
}

// Not 0, which says "free".
std::uint32_t tag_of(const Digest& key, Kind kind, std::size_t part) noexcept {
    const std::uint64_t salt = static_cast<std::uint64_t>(kind) * 16 + part;
    const auto tag =
        static_cast<std::uint32_t>((word(key, 16) ^ salt * 0x9e3779b97f4a7c15ULL) >> 32U);
    return tag == 0 ? 1 : tag;
}

// The slots of a bucket from the one where a record is put if that is free. It is found at once
// then, which matters: each request looks for one.
class FromPreferred {
  public:
    FromPreferred(std::size_t bucket, std::uint32_t tag) noexcept
        : first_(bucket * kBucket), start_(tag) {}
    std::size_t operator[](std::size_t i) const noexcept { return first_ + (start_ + i) % kBucket; }

  private:
    std::size_t first_, start_;
};

std::int64_t unix_time(Time time) noexcept {
    return time.time_since_epoch().count();
}

// Idle times under four minutes would be cut short by a touch a minute.
std::uint32_t touch_interval(std::uint32_t idle) noexcept {
    return idle == 0 ? 60 : std::clamp<std::uint32_t>(idle / 4, 1, 60);
}

}  // namespace

ZoneCensus census(std::span<std::byte> memory, ZoneMutex& mutex, Time now) noexcept {
    const std::size_t buckets = Layout(memory.size()).buckets();
    const std::size_t looked_at = std::min(buckets, kMostBuckets);
    ZoneCensus census{.live = 0, .estimated = looked_at < buckets};
    for (std::size_t i = 0; i < looked_at; ++i) {
        const std::lock_guard lock(mutex);
        census.live += Slots(memory).sessions_in(i * buckets / looked_at, now);
    }
    if (census.estimated) {
        census.live = census.live * buckets / looked_at;
    }
    return census;
}

Slots::Slots(std::span<std::byte> memory, Ends* ends) noexcept
    : layout_(memory.size()),
      header_(region<Header>(memory, 0, 1).front()),
      index_(region<IndexEntry>(memory, layout_.index_offset(), layout_.slots())),
      slots_(region<Slot>(memory, layout_.slot_offset(), layout_.slots())),
      owners_(memory),
      ends_(ends) {}

std::optional<Slots::Place> Slots::locate(const Digest& key, Kind kind, std::size_t part) noexcept {
    const std::uint32_t tag = tag_of(key, kind, part);
    const Choice choice = layout_.choose(key);
    const FromPreferred first(choice.first, tag);
    const FromPreferred second(choice.second, tag);
    for (std::size_t i = 0; i < kBucket; ++i) {
        for (const Place place : {first[i], second[i]}) {
            if (index_[place].tag == tag && is_of(place, key, kind, part)) {
                return place;
            }
        }
    }
    return std::nullopt;
}

// One that is damaged is nobody's, and goes.
bool Slots::is_of(Place place, const Digest& key, Kind kind, std::size_t part) noexcept {
    const Slot& slot = slots_[place];
    if (slot.checksum != checksum(checked(slot))) {
        release(place);
        count(header_.discarded);
        return false;
    }
    return are_same(slot.key, key) && slot.kind == kind && slot.part == part;
}

// A `seen` in the future means that the clock was set back: no idle time has passed that we know
// of.
bool Slots::is_over(Place place, Time now) const noexcept {
    const Slot& slot = slots_[place];
    const std::uint32_t seen = index_[place].seen;
    const std::uint32_t today = stamp(now);
    const bool idle = slot.idle != 0 && seen < today && today - seen >= slot.idle;
    return idle || slot.expires <= unix_time(now);
}

std::size_t Slots::sessions_in(std::size_t bucket, Time now) const noexcept {
    std::size_t live = 0;
    for (Place place = bucket * kBucket; place != (bucket + 1) * kBucket; ++place) {
        live += is_live_session(place, now) ? 1 : 0;
    }
    return live;
}

bool Slots::is_live_session(Place place, Time now) const noexcept {
    const Slot& slot = slots_[place];
    return index_[place].tag != 0 && slot.kind == Kind::session && slot.part == 0 &&
           !is_over(place, now);
}

Sessions Slots::keys_in(std::size_t bucket, Time now) const noexcept {
    Sessions found;
    for (Place place = bucket * kBucket; place != (bucket + 1) * kBucket; ++place) {
        if (is_live_session(place, now)) {
            found.key[found.size++] = slots_[place].key;
        }
    }
    return found;
}

// A record with more time left than it was given was made before the clock was set back. It starts
// anew, or it would outlive its promise by as much as the clock was wrong (S-58).
void Slots::keep_lifetime(Place place, Time now) noexcept {
    const std::int64_t latest = unix_time(now) + slots_[place].lifetime;
    if (slots_[place].expires > latest) {
        Slot slot = slots_[place];
        slot.expires = latest;
        fill(place, slot, index_[place].seen);
    }
}

void Slots::touch_if_due(Place place, Time now) noexcept {
    const std::uint32_t today = stamp(now);
    std::uint32_t& seen = index_[place].seen;
    if (seen > today || today - seen >= touch_interval(slots_[place].idle)) {
        seen = today;
    }
}

std::optional<std::size_t> Slots::read(const Digest& key, Kind kind, Time now, Copy& out,
                                       Touch touch) noexcept {
    const std::optional<Place> head = locate(key, kind, 0);
    if (!head) {
        return std::nullopt;
    }
    if (is_over(*head, now)) {  // over once, over for good, whatever the clock says later
        end(*head, now, EndReason::idle);
        return std::nullopt;
    }
    keep_lifetime(*head, now);
    const std::uint32_t generation = slots_[*head].generation;
    const std::size_t parts = std::min<std::size_t>(slots_[*head].parts, kMaxParts);
    std::size_t size = 0;
    for (std::size_t part = 0; part < parts; ++part) {
        const std::optional<Place> place = part == 0 ? head : locate(key, kind, part);
        if (!place || slots_[*place].generation != generation) {
            erase(key, kind);
            count(header_.discarded);
            return std::nullopt;
        }
        const Slot& slot = slots_[*place];
        const std::size_t length = std::min<std::size_t>(slot.length, kPayload);
        std::copy_n(slot.payload.begin(), length, out.begin() + static_cast<std::ptrdiff_t>(size));
        size += length;
        if (touch == Touch::if_due) {
            touch_if_due(*place, now);
        }
    }
    return size;
}

std::optional<TimeLeft> Slots::time_left(const Digest& key, Time now, bool touches) noexcept {
    const std::optional<Place> head = locate(key, Kind::session, 0);
    if (!head) {
        return std::nullopt;
    }
    if (is_over(*head, now)) {
        end(*head, now, EndReason::idle);
        return std::nullopt;
    }
    keep_lifetime(*head, now);
    const std::uint32_t today = stamp(now);
    const Slot& slot = slots_[*head];
    for (std::size_t part = 0; touches && part < slot.parts; ++part) {
        if (const std::optional<Place> place = locate(key, Kind::session, part)) {
            index_[*place].seen = today;
        }
    }
    const Seconds absolute{slot.expires - unix_time(now)};
    const std::uint32_t seen = index_[*head].seen;
    const Seconds idle{slot.idle - (seen < today ? today - seen : 0)};
    return TimeLeft{slot.idle == 0 ? absolute : std::min(idle, absolute), absolute};
}

void Slots::write(const Digest& key, Kind kind, std::span<const std::byte> record,
                  SessionTimes times, Time now, const Owner& owner) noexcept {
    erase(key, kind);
    const std::size_t parts = std::max<std::size_t>((record.size() + kPayload - 1) / kPayload, 1);
    const std::int64_t lifetime = unix_time(times.expires) - unix_time(now);
    Slot slot{};
    slot.expires = unix_time(times.expires);
    slot.lifetime = static_cast<std::uint32_t>(std::min<std::int64_t>(lifetime, UINT32_MAX));
    slot.idle =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(times.idle.count(), 0, UINT32_MAX));
    slot.generation = ++header_.generation;
    slot.parts = static_cast<std::uint8_t>(parts);
    slot.kind = kind;
    slot.owner = owner;
    slot.key = key;
    // The head comes last: until it is there, there is no record.
    for (std::size_t part = parts; part-- > 0;) {
        const auto piece = record.subspan(part * kPayload)
                               .first(std::min(record.size() - part * kPayload, kPayload));
        slot.part = static_cast<std::uint8_t>(part);
        slot.length = static_cast<std::uint16_t>(piece.size());
        slot.payload.fill(std::byte{});
        std::copy(piece.begin(), piece.end(), slot.payload.begin());
        const Place place = make_room(key, tag_of(key, kind, part), now);
        if (part == 0 && owner != Owner{}) {
            enter(owner, place, now);
        }
        fill(place, slot, stamp(now));
    }
}

void Slots::erase(const Digest& key, Kind kind) noexcept {
    const std::optional<Place> head = locate(key, kind, 0);
    const std::size_t parts =
        head ? std::min<std::size_t>(slots_[*head].parts, kMaxParts) : kMaxParts;
    // Head first: without it there is no record. Without a head, parts may be left of a killed
    // worker's record.
    for (std::size_t part = 0; part < parts; ++part) {
        while (const std::optional<Place> place = locate(key, kind, part)) {
            release(*place);
        }
    }
}

// After the clock was set back, the distance still tells those in use, which are touched, from
// those that are not.
std::uint32_t Slots::unused_for(Place place, Time now) const noexcept {
    const std::uint32_t seen = index_[place].seen;
    const std::uint32_t today = stamp(now);
    return seen > today ? seen - today : today - seen;
}

// A session can be had again by a login; a signature under way, or an order's key, cannot.
bool Slots::goes_before(bool is_session, std::uint32_t age, const Room& other) noexcept {
    return is_session != other.oldest_is_session ? is_session : age > other.oldest_age;
}

Slots::Room Slots::room_in(std::size_t bucket, std::uint32_t tag, const Digest& but_not,
                           Time now) const noexcept {
    Room room;
    const FromPreferred places(bucket, tag);
    for (std::size_t i = 0; i < kBucket; ++i) {
        const Place place = places[i];
        const bool free = index_[place].tag == 0;
        if (free || is_over(place, now)) {
            if (!room.place || (free && index_[*room.place].tag != 0)) {
                room.place = place;
            }
            ++room.size;
            continue;
        }
        const std::uint32_t age = unused_for(place, now);
        const bool is_session = slots_[place].kind == Kind::session;
        if (slots_[place].key != but_not &&
            (!room.any_live || goes_before(is_session, age, room))) {
            room.oldest = place;
            room.oldest_age = age;
            room.oldest_is_session = is_session;
            room.any_live = true;
        }
    }
    return room;
}

// In the emptier bucket: a free slot, else one whose record is over. If there is none in either:
// the slot of the record that was not used for longest, but for the record being written.
Slots::Place Slots::make_room(const Digest& key, std::uint32_t tag, Time now) noexcept {
    const Choice choice = layout_.choose(key);
    const Room first = room_in(choice.first, tag, key, now);
    const Room second = room_in(choice.second, tag, key, now);
    const Room& emptier = second.size > first.size ? second : first;
    if (emptier.place) {
        note_end(*emptier.place, now, EndReason::idle);
        release(*emptier.place);
        return *emptier.place;
    }
    const bool from_second =
        second.any_live &&
        (!first.any_live || goes_before(second.oldest_is_session, second.oldest_age, first));
    const Room& older = from_second ? second : first;
    evict(older.oldest, now);
    count(header_.evicted);
    return older.oldest;
}

void Slots::evict(Place place, Time now) noexcept {
    const Digest key = slots_[place].key;  // of a damaged slot: of nobody
    const Kind kind = slots_[place].kind;
    if (const std::optional<Place> head = locate(key, kind, 0)) {
        note_end(*head, now, EndReason::evicted);
    }
    release(place);
    erase(key, kind);
}

// Of a slot that is about to be released, if it is the head of a session and not damaged.
void Slots::note_end(Place head, Time now, EndReason unless_over) noexcept {
    const Slot& slot = slots_[head];
    if (ends_ == nullptr || index_[head].tag == 0 || slot.kind != Kind::session || slot.part != 0 ||
        slot.checksum != checksum(checked(slot))) {
        return;
    }
    if (!is_over(head, now)) {
        ends_->note(slot, unless_over, std::nullopt);
        return;
    }
    const Time unused = Time{Seconds{kEpoch + index_[head].seen}} + Seconds{slot.idle};
    const Time expires{Seconds{slot.expires}};
    const bool idle = slot.idle != 0 && unused < expires;
    ends_->note(slot, idle ? EndReason::idle : EndReason::absolute, idle ? unused : expires);
}

void Slots::end(Place head, Time now, EndReason unless_over) noexcept {
    const Digest key = slots_[head].key;
    note_end(head, now, unless_over);
    erase(key, slots_[head].kind);
}

// The entry of a session that is about to be at `place`. If all its neighbours live, the one that
// was not used for longest has to end.
void Slots::enter(const Owner& owner, Place place, Time now) noexcept {
    owners_.remove(owner, place);  // of a worker that was killed before its session was there
    const auto over = [&](Place neighbour) { return is_over(neighbour, now); };
    OwnerEntry* entry = owners_.room_for(owner, over);
    if (entry == nullptr) {
        const Owners::Hints neighbours = owners_.neighbours(owner);
        evict(*std::max_element(
                  neighbours.place.begin(),
                  neighbours.place.begin() + static_cast<std::ptrdiff_t>(neighbours.size),
                  [&](Place a, Place b) { return unused_for(a, now) < unused_for(b, now); }),
              now);
        count(header_.evicted);
        entry = owners_.room_for(owner, over);
    }
    if (entry->tag != 0 && !owners_.is_stale(*entry)) {
        evict(entry->place, now);  // over, and over for good: it has no entry any more
    }
    owners_.set(*entry, owner, place);
}

// An entry is a hint only: a login must never end the session of somebody else.
bool Slots::is_session_of(Place place, const Owner& owner) noexcept {
    const Slot& slot = slots_[place];
    if (index_[place].tag == 0) {
        return false;
    }
    if (slot.checksum != checksum(checked(slot))) {
        release(place);
        count(header_.discarded);
        return false;
    }
    return guard("session owner", slot.owner == owner) && slot.kind == Kind::session &&
           slot.part == 0;
}

Sessions Slots::sessions_of(const Owner& owner, Time now) noexcept {
    const Owners::Hints hints = owners_.hints(owner);
    std::array<Place, 2 * kBucket> places;  // NOLINT(*-member-init): as many as `size` says
    Sessions sessions;
    for (std::size_t i = 0; i < hints.size; ++i) {
        const Place place = hints.place[i];
        if (!is_session_of(place, owner)) {
            continue;
        }
        if (is_over(place, now)) {
            end(place, now, EndReason::idle);
            continue;
        }
        places[sessions.size++] = place;
    }
    // The distance tells the age, though the number of generations begins anew some day.
    const auto age = [this](Place place) { return header_.generation - slots_[place].generation; };
    const auto end = places.begin() + static_cast<std::ptrdiff_t>(sessions.size);
    std::sort(places.begin(), end, [&](Place a, Place b) { return age(a) > age(b); });
    std::transform(places.begin(), end, sessions.key.begin(),
                   [this](Place place) { return slots_[place].key; });
    return sessions;
}

std::size_t Slots::end_oldest(const Owner& owner, std::size_t keep, Time now, bool asked) noexcept {
    const Sessions sessions = sessions_of(owner, now);
    const std::size_t over = sessions.size - std::min(keep, sessions.size);
    for (std::size_t i = 0; i < over; ++i) {
        const std::optional<Place> head = locate(sessions.key[i], Kind::session, 0);
        if (head && !asked) {
            note_end(*head, now, EndReason::limit);
        }
        erase(sessions.key[i], Kind::session);
    }
    return over;
}

void Slots::end_overdue(std::size_t bucket, Time now) noexcept {
    for (Place place = bucket * kBucket; place != (bucket + 1) * kBucket; ++place) {
        const bool head = index_[place].tag != 0 && slots_[place].part == 0;
        if (head && slots_[place].kind == Kind::session && is_over(place, now)) {
            end(place, now, EndReason::idle);
        }
    }
}

void Slots::fill(Place place, Slot& slot, std::uint32_t seen) noexcept {
    clear(place);
    slot.checksum = checksum(checked(slot));
    slots_[place] = slot;
    index_[place].seen = seen;
    publish(index_[place].tag, tag_of(slot.key, slot.kind, slot.part));
}

// What is over leaves no personal data behind.
void Slots::clear(Place place) noexcept {
    if (index_[place].tag != 0) {
        retract(index_[place].tag);
        slots_[place] = Slot{};
    }
}

void Slots::release(Place place) noexcept {
    const Owner owner = slots_[place].owner;
    const bool entered = slots_[place].part == 0 && owner != Owner{};
    clear(place);
    if (entered) {
        owners_.remove(owner, place);
    }
}

}  // namespace clave::zone
