#include "store/zone_owners.h"

namespace clave::zone {
namespace {

// Not 0, which says "free".
std::uint32_t tag_of(const Owner& owner) noexcept {
    const auto tag = static_cast<std::uint32_t>(word(owner, 8) >> 32U);
    return tag == 0 ? 1 : tag;
}

}  // namespace

Owners::Owners(std::span<std::byte> memory) noexcept
    : layout_(memory.size()),
      index_(region<IndexEntry>(memory, layout_.index_offset(), layout_.slots())),
      slots_(region<Slot>(memory, layout_.slot_offset(), layout_.slots())),
      entries_(region<OwnerEntry>(memory, layout_.owner_offset(), layout_.slots())) {}

std::span<OwnerEntry> Owners::bucket(std::size_t number) const noexcept {
    return entries_.subspan(number * kBucket, kBucket);
}

bool Owners::is_stale(const OwnerEntry& entry) const noexcept {
    return entry.place >= slots_.size() || index_[entry.place].tag == 0 ||
           slots_[entry.place].part != 0 || tag_of(slots_[entry.place].owner) != entry.tag;
}

Owners::Hints Owners::hints(const Owner& owner) const noexcept {
    const std::uint32_t tag = tag_of(owner);
    const Choice choice = layout_.choose(owner);
    Hints found;
    for (const std::size_t number : {choice.first, choice.second}) {
        for (const OwnerEntry& entry : bucket(number)) {
            if (entry.tag == tag && entry.place < slots_.size()) {
                found.place[found.size++] = entry.place;
            }
        }
    }
    return found;
}

Owners::Hints Owners::neighbours(const Owner& owner) const noexcept {
    const Choice choice = layout_.choose(owner);
    Hints found;
    for (const std::size_t number : {choice.first, choice.second}) {
        for (const OwnerEntry& entry : bucket(number)) {
            if (!is_stale(entry)) {
                found.place[found.size++] = entry.place;
            }
        }
    }
    return found;
}

void Owners::set(OwnerEntry& entry, const Owner& owner, Place place) noexcept {
    retract(entry.tag);
    entry.place = static_cast<std::uint32_t>(place);
    publish(entry.tag, tag_of(owner));
}

void Owners::remove(const Owner& owner, Place place) noexcept {
    const std::uint32_t tag = tag_of(owner);
    const Choice choice = layout_.choose(owner);
    for (const std::size_t number : {choice.first, choice.second}) {
        for (OwnerEntry& entry : bucket(number)) {
            if (entry.tag == tag && entry.place == place) {
                retract(entry.tag);
            }
        }
    }
}

}  // namespace clave::zone
