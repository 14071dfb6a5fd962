// Signatures that FIRe has made and completes later: a grace period (protocol-fire sections 1.2 and
// 2.1, operations 70 and 71). Nobody is held meanwhile: the transaction stays `recovering`, and
// says when FIRe is to be asked.
//
// To ask (70) can be repeated, and is, less and less often; to fetch (71) cannot.
#pragma once

#include <optional>
#include <string>

#include "sign/signing.h"

namespace clave {

// What FIRe has said of this document, at the first time.
void begin_to_wait(Upgrade& upgrade, FireGrace grace);
// Any that is left, of all documents.
bool awaits_upgrade(const Transaction& transaction) noexcept;
// Whether FIRe will be ready as long as anybody waits for it.
bool is_soon_enough(const Transaction& transaction, const Upgrade& upgrade) noexcept;

// `next`, which awaits some, is what the store and the archive have then; whoever comes when it is
// time, or a chore of this worker, asks. All of them are soon enough.
Task<void> wait_for_upgrade(const Signing& signing, HeldTransaction& held, Transaction next);

struct LateAnswer {
    enum class Kind {
        fetched,    // `found` is on disk
        not_ready,  // `held.is` says when to ask again; the store does not yet
        never,      // `why`
        taken,      // somebody else is at it
    };
    Kind kind = Kind::taken;
    std::optional<UnverifiedSignature> found{};
    FireFailure why{};
};
// Asks for what is awaited of one document of a transaction that has just been won for it. Before
// it fetches, the store says that it does.
Task<LateAnswer> ask_for_upgrade(const Signing& signing, HeldTransaction& held, std::size_t index);

// How often whoever waits is looked after (archive_watch.cpp of the module).
inline constexpr Seconds kBetweenRounds{15 * 60};
// Whoever waits and was left alone: those whose time has come are asked for, and those whose time
// comes before the next round then.
Task<void> go_on_waiting(Signing signing);

}  // namespace clave
