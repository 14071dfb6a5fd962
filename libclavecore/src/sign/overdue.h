// Steps that nobody ends: their worker has died, or their person never came back.
#pragma once

#include "clave/task.h"
#include "sign/signing.h"

namespace clave {

bool is_overdue(const Signing& signing, const Transaction& transaction) noexcept;

// Ends it, or takes it over; nothing, if it is not overdue or somebody else was faster. What became
// of it is in the store afterwards.
Task<void> settle(const Signing& signing, HeldTransaction held);

// Of what the store has forgotten nobody knows whether it was signed: it is lost. As
// Signing::end().
bool is_lost(const HeldTransaction& held) noexcept;
Task<Result<bool>> end_forgotten(const Signing& signing, HeldTransaction& held);

// All that is under way, one after the other; what was never signed is erased when its time is
// over. A chore.
Task<void> end_overdue(Signing signing);

}  // namespace clave
