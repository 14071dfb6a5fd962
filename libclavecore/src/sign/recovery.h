// What the ways to FIRe (sending.cpp, batch.cpp) and back (recovery.cpp, batch_recovery.cpp) share,
// of one document and of several.
#pragma once

#include <cstdint>
#include <string>

#include "sign/signing.h"

namespace clave {

// Beside the document, which a signature may contain; and for certificates, and what was said of
// them, that are added later.
inline constexpr std::uint64_t kSignatureRoom = 256 * 1024;
inline constexpr std::uint64_t kUpgradeRoom = 2 * 1024 * 1024;
std::uint64_t room_for_signature(const Transaction& transaction, std::size_t index) noexcept;

// Begun at another machine, whose archive is not ours (product.md section 5). True: it has ended.
Task<bool> end_if_elsewhere(const Signing& signing, HeldTransaction& held);
FireOrder order_of(const Signing& signing, const Transaction& transaction, std::string language);
// Ends it as FIRe's answer says.
Task<void> end_with(const Signing& signing, HeldTransaction& held, FireFailure why);
// FIRe has begun, so its person can be sent there; or it has not, and that is the end.
Task<void> send_there(const Signing& signing, HeldTransaction& held,
                      FireResult<FireStarted> started);
// What came is good: the receipt is written, and then it is as `next` says.
Task<void> conclude(const Signing& signing, HeldTransaction& held, Transaction next,
                    std::string receipt);
// FIRe's answer to compose was lost, though it may have composed, or still be at it: then to fetch
// would end it. A chore: the person need not wait.
Task<void> fetch_later(Signing signing, HeldTransaction held);
// The last steps of the only document: bytes are on disk, and become a signature or are refused.
Task<void> verify_found(const Signing& signing, HeldTransaction& held, UnverifiedSignature found);
// Asks FIRe why there is no signature, and ends it so.
Task<void> ask_why(const Signing& signing, HeldTransaction& held);

}  // namespace clave
