// What the evidence says of a change of a signature (checklist F-18).
#pragma once

#include "clave/key_ring.h"
#include "sign/evidence_chain.h"
#include "sign/transaction.h"

namespace clave {

// `after`: as it was before this change; of a new one, nothing. Whose it is, it says by a digest
// with `key`.
EvidenceLine line_of(const Transaction& transaction, const Transaction& after, const KeyRing& key);
// Of a change that somebody else was faster with, or that the store has not taken. Where it has
// after all, the line of the next change comes after this one's, and says more.
EvidenceLine withdrawal_of(const Transaction& transaction);

}  // namespace clave
