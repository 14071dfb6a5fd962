// What a primary says of the history it writes, and of who has a copy.
#pragma once

#include <cstdint>

#include "clave/error.h"
#include "redis/exchange.h"
#include "redis/value.h"

namespace clave::redis {

Request replication_request();

// Of what it answers. Errors: Code::store.
Result<std::uint64_t> epoch_of(const Result<Value>& reply);  // a digest of the replication ID
Result<bool> has_replica(const Result<Value>& reply);

}  // namespace clave::redis
