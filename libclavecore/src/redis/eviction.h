// Whether Redis may throw away sessions when its memory is full. It may not: everything we keep has
// an end, so every policy but noeviction takes it, and a mark of a used answer as well.
#pragma once

#include "redis/greeting.h"

namespace clave::redis {

// Logs a warning. Errors: Code::store, if there is no answer at all; a user who may not ask is as
// welcome.
Task<Result<void>> review_eviction(Wire& wire, Connection& connection, const Whom& whom);

}  // namespace clave::redis
