#include "store/zone_marks.h"

#include <algorithm>

namespace clave::zone {

Marks::Marks(std::span<std::byte> memory) noexcept
    : layout_(memory.size()),
      marks_(region<Mark>(memory, layout_.mark_offset(), layout_.slots())) {}

Marks::Room Marks::room_in(std::size_t bucket, std::span<const std::byte> key,
                           std::uint32_t now) noexcept {
    Room room;
    for (Mark& mark : marks_.subspan(bucket * kBucket, kBucket)) {
        if (mark.until <= now) {  // free is 0
            room.mark = &mark;
            ++room.size;
        } else if (std::equal(key.begin(), key.end(), mark.key.begin())) {
            room.marked = true;
        }
    }
    return room;
}

Marked Marks::set(const Digest& key, Time until, Time now) noexcept {
    const auto kept = std::span(key).first<sizeof(Mark::key)>();
    const Choice choice = layout_.choose(key);
    const Room first = room_in(choice.first, kept, stamp(now));
    const Room second = room_in(choice.second, kept, stamp(now));
    if (first.marked || second.marked) {
        return Marked::again;
    }
    const Room& emptier = second.size > first.size ? second : first;
    if (emptier.mark == nullptr) {
        return Marked::full;
    }
    retract(emptier.mark->until);
    std::copy(kept.begin(), kept.end(), emptier.mark->key.begin());
    publish(emptier.mark->until, stamp(until));
    return Marked::first;
}

}  // namespace clave::zone
