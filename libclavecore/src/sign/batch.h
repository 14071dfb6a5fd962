// Several documents in one go at FIRe: one confirmation, one visit to Cl@ve Firma, and a result for
// each (F-14). As in recovery.cpp, which hands over to these.
#pragma once

#include <optional>

#include "clave/verified_signature.h"
#include "sign/signing.h"

namespace clave {

Task<void> ask_fire_to_sign_batch(Signing signing, HeldTransaction held, std::string language);
Task<void> recover_batch(Signing signing, HeldTransaction held);
// Of which only is left what FIRe completes later (late_batch.cpp).
Task<void> recover_late_batch(Signing signing, HeldTransaction held);

// All is known that can be known now: what waits on, waits on; otherwise it is signed, as `good`
// says by whom, or it is not.
Task<void> end_batch(const Signing& signing, HeldTransaction& held,
                     const std::optional<VerifiedSignature>& good);

}  // namespace clave
