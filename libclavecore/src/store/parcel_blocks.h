// Parcels in the blocks of a zone. The caller holds the zone's mutex throughout.
//
//   header │ slots: 128 bytes a block │ links: 16 bytes a block │ blocks: 4 KiB
//
// There is no list of free blocks that a killed worker could break: a block belongs to a parcel if
// its link names a live slot of the same generation, and is free otherwise. So a parcel comes into
// being, and ceases to be, with one word of its slot.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "clave/parcels.h"
#include "store/zone_layout.h"

namespace clave::parcel {

inline constexpr std::size_t kBlockSize = 4096;
// What one source may hold of all blocks, beyond its first parcel.
inline constexpr std::size_t kShare = 4;

struct Header {
    std::uint64_t magic;  // written last, so that half a format() is no zone
    std::uint64_t version;
    std::uint64_t size;
    std::uint64_t generation;
    std::array<std::byte, 96> reserved;
};

struct Slot {
    std::uint32_t live;   // 0: free. Written last, cleared first
    std::uint32_t first;  // block
    std::uint64_t size;   // of the content, bytes
    std::uint64_t generation;
    std::int64_t expires;  // Unix time
    Digest key;
    Digest source;
    std::array<std::byte, 24> reserved;
    std::uint64_t checksum;  // of all but `live`
};
static_assert(sizeof(Slot) == 128);

struct Link {
    std::uint64_t generation;  // 0: never used
    std::uint32_t slot;
    std::uint32_t next;  // block; of the last one: none
};
static_assert(sizeof(Link) == 16);

class Layout {
  public:
    explicit Layout(std::size_t size) noexcept
        : blocks_(size < Parcels::kMinimumSize
                      ? 0
                      : (size - sizeof(Header)) / (sizeof(Slot) + sizeof(Link) + kBlockSize)) {}

    std::size_t blocks() const noexcept { return blocks_; }
    std::size_t link_offset() const noexcept { return sizeof(Header) + blocks_ * sizeof(Slot); }
    std::size_t block_offset() const noexcept { return link_offset() + blocks_ * sizeof(Link); }

  private:
    std::size_t blocks_;
};

class Blocks {
  public:
    explicit Blocks(std::span<std::byte> memory) noexcept;

    // Its content's size; nullopt if there is none, or none any more.
    std::optional<std::size_t> find(const Digest& key, Time now) noexcept;
    bool put(const Digest& key, const Digest& source, std::span<const std::byte> content,
             Time until, Time now) noexcept;
    // Into exactly `out`; false if there is none of this size, or not all of it.
    bool take(const Digest& key, Time now, std::span<std::byte> out) noexcept;

  private:
    Slot* live_slot(const Digest& key, Time now) noexcept;
    bool is_free(const Link& link) const noexcept;
    std::size_t held_by(const Digest& source) const noexcept;
    std::size_t count_free() const noexcept;
    Slot* sweep(Time now) noexcept;
    std::uint32_t fill(std::uint64_t generation, std::uint32_t slot,
                       std::span<const std::byte> content) noexcept;

    Header& header_;
    std::span<Slot> slots_;
    std::span<Link> links_;
    std::span<std::byte> blocks_;
};

}  // namespace clave::parcel
