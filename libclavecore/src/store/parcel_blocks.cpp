#include "store/parcel_blocks.h"

#include <algorithm>

namespace clave::parcel {
namespace {

std::uint64_t checksum_of(const Slot& slot) noexcept {
    const auto bytes = std::as_bytes(std::span(&slot, 1));
    // The first word without `live`, which is written on its own.
    return zone::checksum(bytes.subspan(8, offsetof(Slot, checksum) - 8)) ^ slot.first;
}

std::size_t blocks_for(std::size_t size) noexcept {
    return std::max<std::size_t>((size + kBlockSize - 1) / kBlockSize, 1);
}

// Also one with more time left than any is given: the clock has been set back.
bool is_over(const Slot& slot, Time now) noexcept {
    const std::int64_t left = slot.expires - now.time_since_epoch().count();
    return left <= 0 || left > Parcels::kMostTime.count();
}

}  // namespace

Blocks::Blocks(std::span<std::byte> memory) noexcept
    : header_(zone::region<Header>(memory, 0, 1).front()) {
    const Layout layout(memory.size());
    slots_ = zone::region<Slot>(memory, sizeof(Header), layout.blocks());
    links_ = zone::region<Link>(memory, layout.link_offset(), layout.blocks());
    blocks_ = memory.subspan(layout.block_offset(), layout.blocks() * kBlockSize);
}

bool Blocks::is_free(const Link& link) const noexcept {
    if (link.generation == 0 || link.slot >= slots_.size()) {
        return true;
    }
    const Slot& slot = slots_[link.slot];
    return slot.live == 0 || slot.generation != link.generation;
}

std::size_t Blocks::count_free() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        links_.begin(), links_.end(), [this](const Link& link) { return is_free(link); }));
}

std::size_t Blocks::held_by(const Digest& source) const noexcept {
    std::size_t held = 0;
    for (const Slot& slot : slots_) {
        held += slot.live != 0 && slot.source == source ? blocks_for(slot.size) : 0;
    }
    return held;
}

// Ends what is over or damaged, and finds a slot that is free; nullptr if none is.
Slot* Blocks::sweep(Time now) noexcept {
    Slot* free = nullptr;
    for (Slot& slot : slots_) {
        if (slot.live != 0 && (slot.checksum != checksum_of(slot) || is_over(slot, now))) {
            zone::retract(slot.live);
        }
        free = slot.live == 0 ? &slot : free;
    }
    return free;
}

Slot* Blocks::live_slot(const Digest& key, Time now) noexcept {
    for (Slot& slot : slots_) {
        if (slot.live != 0 && slot.key == key) {
            if (slot.checksum == checksum_of(slot) && !is_over(slot, now)) {
                return &slot;
            }
            zone::retract(slot.live);
        }
    }
    return nullptr;
}

std::optional<std::size_t> Blocks::find(const Digest& key, Time now) noexcept {
    const Slot* slot = live_slot(key, now);
    return slot != nullptr && slot->size <= blocks_.size() ? std::optional(slot->size)
                                                           : std::nullopt;
}

// From the last block to the first, so that each knows the next one. There are enough.
std::uint32_t Blocks::fill(std::uint64_t generation, std::uint32_t slot,
                           std::span<const std::byte> content) noexcept {
    const auto none = static_cast<std::uint32_t>(links_.size());
    std::uint32_t next = none;
    std::uint32_t block = none;
    for (std::size_t part = blocks_for(content.size()); part-- > 0;) {
        do {
            --block;
        } while (!is_free(links_[block]));
        const auto piece = content.subspan(part * kBlockSize)
                               .first(std::min(content.size() - part * kBlockSize, kBlockSize));
        std::copy(piece.begin(), piece.end(),
                  blocks_.begin() + static_cast<std::ptrdiff_t>(block * kBlockSize));
        links_[block] = {generation, slot, next};
        next = block;
    }
    return next;
}

bool Blocks::put(const Digest& key, const Digest& source, std::span<const std::byte> content,
                 Time until, Time now) noexcept {
    Slot* place = sweep(now);
    const std::size_t needed = blocks_for(content.size());
    const std::size_t held = held_by(source);
    const bool fair = held == 0 || (held + needed) * kShare <= links_.size();
    if (place == nullptr || !fair || needed > count_free()) {
        return false;
    }
    Slot slot{};
    slot.size = content.size();
    slot.generation = ++header_.generation;
    slot.expires = until.time_since_epoch().count();
    slot.key = key;
    slot.source = source;
    slot.first = fill(slot.generation, static_cast<std::uint32_t>(place - slots_.data()), content);
    slot.checksum = checksum_of(slot);
    *place = slot;
    zone::publish(place->live, 1);
    return true;
}

bool Blocks::take(const Digest& key, Time now, std::span<std::byte> out) noexcept {
    Slot* slot = live_slot(key, now);
    if (slot == nullptr || slot->size != out.size()) {
        return false;
    }
    zone::retract(slot->live);
    std::uint32_t block = slot->first;
    std::size_t copied = 0;
    for (std::size_t left = blocks_for(out.size()); left > 0; --left) {
        if (block >= links_.size() || links_[block].generation != slot->generation) {
            return false;
        }
        const auto from =
            blocks_.subspan(block * kBlockSize).first(std::min(out.size() - copied, kBlockSize));
        std::copy(from.begin(), from.end(), out.begin() + static_cast<std::ptrdiff_t>(copied));
        copied += from.size();
        block = links_[block].next;
    }
    return copied == out.size();
}

}  // namespace clave::parcel
