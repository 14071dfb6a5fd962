#include "clave/parcels.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>

#include "store/parcel_blocks.h"

namespace clave {
namespace {

constexpr std::uint64_t kMagic = 0x7363726170766c63ULL;  // "clvparcs"
// One more whenever parcel_blocks.h changes its layout in any way.
constexpr std::uint64_t kVersion = 1;

}  // namespace

std::size_t Parcels::capacity(std::size_t size) noexcept {
    return parcel::Layout(size).blocks() * parcel::kBlockSize;
}

bool Parcels::format(std::span<std::byte> memory) noexcept {
    void* start = memory.data();
    std::size_t space = memory.size();
    const bool aligned = std::align(alignof(std::max_align_t), 1, start, space) == memory.data();
    if (memory.size() < kMinimumSize || !aligned) {
        return false;
    }
    auto& header = zone::region<parcel::Header>(memory, 0, 1).front();
    header.magic = 0;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    std::fill(memory.begin(), memory.end(), std::byte{});
    header.version = kVersion;
    header.size = memory.size();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    header.magic = kMagic;
    return true;
}

bool Parcels::is_formatted(std::span<const std::byte> memory) noexcept {
    if (memory.size() < kMinimumSize) {
        return false;
    }
    parcel::Header header;
    std::memcpy(&header, memory.data(), sizeof header);
    return header.magic == kMagic && header.version == kVersion && header.size == memory.size();
}

Parcels::Parcels(std::span<std::byte> memory, ZoneMutex& mutex) noexcept
    : memory_(memory), mutex_(mutex) {}

bool Parcels::put(const Digest& key, const Digest& source, std::span<const std::byte> content,
                  Time until, Time now) noexcept {
    const std::lock_guard lock(mutex_);
    return parcel::Blocks(memory_).put(key, source, content, until, now);
}

bool Parcels::holds(const Digest& key, Time now) noexcept {
    const std::lock_guard lock(mutex_);
    return parcel::Blocks(memory_).find(key, now).has_value();
}

// The mutex is never held over an allocation.
std::optional<std::vector<std::byte>> Parcels::take(const Digest& key, Time now) {
    std::optional<std::size_t> size;
    {
        const std::lock_guard lock(mutex_);
        size = parcel::Blocks(memory_).find(key, now);
    }
    if (!size) {
        return std::nullopt;
    }
    std::vector<std::byte> content(*size);
    const std::lock_guard lock(mutex_);
    return parcel::Blocks(memory_).take(key, now, content) ? std::optional(std::move(content))
                                                           : std::nullopt;
}

}  // namespace clave
