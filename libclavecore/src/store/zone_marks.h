// Replay marks in a zone: never gone before their time (S-52). The caller holds the zone's mutex.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "store/zone_layout.h"

namespace clave::zone {

enum class Marked { first, again, full };

class Marks {
  public:
    explicit Marks(std::span<std::byte> memory) noexcept;

    // `until` is after `now`.
    Marked set(const Digest& key, Time until, Time now) noexcept;

  private:
    struct Room {
        Mark* mark = nullptr;  // free or over
        std::size_t size = 0;
        bool marked = false;  // the key is here, and not over
    };
    Room room_in(std::size_t bucket, std::span<const std::byte> key, std::uint32_t now) noexcept;

    Layout layout_;
    std::span<Mark> marks_;
};

}  // namespace clave::zone
