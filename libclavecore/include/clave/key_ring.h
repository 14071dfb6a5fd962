// Keys that follow each other: the first makes what is new, all of them read what is still around
// (product.md section 3, clave_session_key; checklist K-03).
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "clave/crypto.h"

namespace clave {

class KeyRing {
  public:
    KeyRing(const MasterKey& only) : keys_{only} {}  // NOLINT: one key is a ring
    // At least one key, the current one first.
    explicit KeyRing(std::vector<MasterKey> keys) : keys_(std::move(keys)) {}

    const MasterKey& current() const noexcept { return keys_.front(); }
    std::span<const MasterKey> all() const noexcept { return keys_; }

    // The same ring for one purpose; rings of different purposes have unrelated keys.
    KeyRing derive(std::string_view purpose) const;

  private:
    std::vector<MasterKey> keys_;
};

// As of a single key: `seal` with the current one, `open` with whichever fits.
std::optional<std::vector<std::byte>> seal(const KeyRing& ring, Random& random,
                                           std::string_view context,
                                           std::span<const std::byte> plain);
std::optional<std::vector<std::byte>> open(const KeyRing& ring, std::string_view context,
                                           std::span<const std::byte> sealed);

// True if `mac` is the one that `make(key)` gives for any key of the ring. Constant time per key.
template <class Make>
bool verify_mac(const KeyRing& ring, std::span<const std::byte> mac, Make make) {
    bool good = false;
    for (const MasterKey& key : ring.all()) {
        good |= equal_in_constant_time(mac, make(key));
    }
    return good;
}

}  // namespace clave
