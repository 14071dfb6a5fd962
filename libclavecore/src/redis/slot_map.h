// Who serves which slots, as CLUSTER SLOTS and MOVED say.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "clave/redis_settings.h"
#include "redis/slot.h"
#include "redis/value.h"

namespace clave::redis {

struct SlotRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    StoreHost primary;
    bool replicas = false;  // that are up
};

// `asked` is who answered: a node that does not know its own address leaves it out. Nothing at all
// if any of it makes no sense.
std::optional<std::vector<SlotRange>> read_slots(const Value& reply, const StoreHost& asked);

// "MOVED 3999 10.0.0.1:6381", "ASK 3999 [::1]:6381"; the slot has to be the one that was asked for.
std::optional<StoreHost> read_redirection(const Value& error, std::uint16_t slot,
                                          const StoreHost& asked);

}  // namespace clave::redis
