// Forms that wait for a login, in shared memory of their own (product.md 8.12): a quota that no
// session shares, so that a flood of forms costs nobody a session.
//
// Blocks of 4 KiB, carved once. What is here is sealed by whoever puts it (login/waiting_form.h);
// nothing goes to make room for something new: who comes when it is full is told so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clave/host.h"
#include "clave/secret.h"
#include "clave/zone.h"

namespace clave {

class Parcels final {
  public:
    static constexpr std::size_t kMinimumSize = 64 * 1024;
    // No parcel waits for longer.
    static constexpr Seconds kMostTime{3600};

    // Bytes of content that `size` bytes hold, in one parcel; 0 below kMinimumSize.
    static std::size_t capacity(std::size_t size) noexcept;

    // Lays out memory, aligned as malloc aligns. False if it is too small.
    static bool format(std::span<std::byte> memory) noexcept;
    // False if these are no parcels of this layout and size.
    static bool is_formatted(std::span<const std::byte> memory) noexcept;

    // `memory` is formatted and outlives the object; `mutex` guards all of it.
    Parcels(std::span<std::byte> memory, ZoneMutex& mutex) noexcept;

    // False, and nothing has changed, if there is no room; or if those of the same `source` (a
    // person, or an address) would take more than a quarter of it. The first one of a source may be
    // as large as there is room.
    bool put(const Digest& key, const Digest& source, std::span<const std::byte> content,
             Time until, Time now) noexcept;
    bool holds(const Digest& key, Time now) noexcept;
    // Once: whoever takes it first, of whichever process, is the only one. nullopt: not there.
    std::optional<std::vector<std::byte>> take(const Digest& key, Time now);

  private:
    std::span<std::byte> memory_;
    ZoneMutex& mutex_;
};

}  // namespace clave
