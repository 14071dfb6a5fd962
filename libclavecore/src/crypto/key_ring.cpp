#include "clave/key_ring.h"

namespace clave {

KeyRing KeyRing::derive(std::string_view purpose) const {
    std::vector<MasterKey> derived;
    derived.reserve(keys_.size());
    for (const MasterKey& key : keys_) {
        derived.push_back(derive_key(key, purpose));
    }
    return KeyRing(std::move(derived));
}

std::optional<std::vector<std::byte>> seal(const KeyRing& ring, Random& random,
                                           std::string_view context,
                                           std::span<const std::byte> plain) {
    return seal(ring.current(), random, context, plain);
}

std::optional<std::vector<std::byte>> open(const KeyRing& ring, std::string_view context,
                                           std::span<const std::byte> sealed) {
    for (const MasterKey& key : ring.all()) {
        if (auto plain = open(key, context, sealed)) {
            return plain;
        }
    }
    return std::nullopt;
}

}  // namespace clave
