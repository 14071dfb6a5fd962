// What FIRe is asked, by chores: the requests that began them may be gone.
//
// compose and fetch can be asked for once. Whoever asks has won the transaction by compare and set
// just before, and what it brings is on disk before anybody is told. A worker that is killed on the
// way leaves its transaction in `recovering`. Whoever takes it over later looks for the bytes, or
// asks for them, if nobody had come to that (is_first_to_ask), or fetches them in the hope that
// FIRe has composed them: if it has not, it gives the unsigned document and forgets the rest
// (protocol section 2.5), which no verifier takes for a signature; then the signature is lost, and
// says so. It is the same with an answer to compose that is lost. Nothing is ever signed again by
// itself (F-09).
#include <utility>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "clave/offload.h"
#include "clave/verified_signature.h"
#include "sign/batch.h"
#include "sign/judgement.h"
#include "sign/late_upgrade.h"
#include "sign/receipt.h"
#include "sign/recovery.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// FIRe has not given what it may have composed. Without `composed` nobody knows whether it had.
Task<void> end_unfetched(const Signing& signing, HeldTransaction& held, bool composed,
                         FireFailure why) {
    // FIRe was not reached, or there is no room for it here: the take-over may have better luck.
    if (why.code == 0 && why.status == 0 && !why.lost && !held.is.doubtful) {
        signing.log(Severity::error, info(Code::sign_gateway).word, held.is,
                    why.detail + ", later");
        co_return;
    }
    // Signed it was: of what was not, FIRe says another thing.
    if (composed && (why.code == 0 || why.reason == SignReason::expired)) {
        why.lost = true;
        why.reason = why.code == 0 ? why.reason : SignReason::gateway;
    }
    auto ending = end_with(signing, held, std::move(why));
    co_await std::move(ending);
}

Task<void> fetch_and_verify(const Signing& signing, HeldTransaction& held, bool composed,
                            FireTicket ticket) {
    SpoolPlace place = signing.archive().spool(held.is.id, room_for_signature(held.is, 0));
    auto fetching = signing.fire()->fetch(std::move(ticket), std::move(place));
    auto fetched = co_await std::move(fetching);
    if (!fetched) {
        auto ending = end_unfetched(signing, held, composed, std::move(fetched.error()));
        co_await std::move(ending);
        co_return;
    }
    auto verifying = verify_found(signing, held, std::move(*fetched));
    co_await std::move(verifying);
}

// Signed, and to be completed later.
Task<void> wait_or_refuse(const Signing& signing, HeldTransaction& held, FireGrace grace) {
    Transaction next = held.is;
    begin_to_wait(next.upgrade, std::move(grace));
    if (!is_soon_enough(next, next.upgrade)) {
        auto ending = signing.end(held, SignState::failed, SignReason::gateway, Code::sign_grace,
                                  "FIRe wants to be asked at " + format_utc(next.upgrade.after));
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    auto waiting = wait_for_upgrade(signing, held, std::move(next));
    co_await std::move(waiting);
}

// What FIRe was to complete: it is ready, or not yet, or never will be.
Task<void> ask_and_verify(const Signing& signing, HeldTransaction& held) {
    auto asking = ask_for_upgrade(signing, held, 0);
    LateAnswer answer = co_await std::move(asking);
    if (answer.kind == LateAnswer::Kind::fetched) {
        auto verifying = verify_found(signing, held, std::move(*answer.found));
        co_await std::move(verifying);
    } else if (answer.kind == LateAnswer::Kind::not_ready) {
        Transaction next = held.is;
        auto waiting = wait_for_upgrade(signing, held, std::move(next));
        co_await std::move(waiting);
    } else if (answer.kind == LateAnswer::Kind::never) {
        const bool lost = answer.why.lost;
        auto ending =
            signing.end(held, lost ? SignState::lost : SignState::failed,
                        lost ? SignReason::gateway : answer.why.reason,
                        lost ? Code::sign_lost : Code::sign_grace, std::move(answer.why.detail));
        static_cast<void>(co_await std::move(ending));
    }
}

Task<void> compose_and_fetch(const Signing& signing, HeldTransaction& held) {
    FireTransaction transaction{held.is.fire_id, held.is.nif};
    FireRecovery recovery(std::move(transaction));
    auto composing = signing.fire()->compose(std::move(recovery), held.is.wanted_upgrade);
    auto composed = co_await std::move(composing);
    if (!composed && composed.error().lost && signing.parts() != nullptr) {
        signing.log(Severity::error, info(Code::sign_lost).word, held.is,
                    composed.error().detail + ", to be fetched later");
        signing.parts()->chores.begin(fetch_later(signing, std::move(held)));
        co_return;
    }
    if (!composed) {
        auto ending = end_with(signing, held, std::move(composed.error()));
        co_await std::move(ending);
        co_return;
    }
    auto keeping = offload(signing.services().pool, [archive = signing.archive(), id = held.is.id,
                                                     der = std::move(composed->certificate)] {
        return archive.write(id, Archive::kCertificate, as_bytes(der));
    });
    static_cast<void>(co_await keeping);  // the signature has it, too
    if (composed->grace) {
        auto waiting = wait_or_refuse(signing, held, std::move(*composed->grace));
        co_await std::move(waiting);
        co_return;
    }
    // From here on, whoever takes over knows that only the fetching is left.
    Transaction next = held.is;
    next.composed = true;
    next.upgrade.reached = composed->upgrade;
    next.upgrade.partial = composed->partial;
    auto advancing = signing.advance(held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    if (advanced && !*advanced) {
        co_return;  // somebody has taken over: what is left is his
    }
    auto fetching = fetch_and_verify(signing, held, true, std::move(*composed->ticket));
    co_await std::move(fetching);
}

// Whether nobody has asked FIRe to compose yet, and nobody but us will: also a worker that is slow
// and not dead. An error: nobody can tell, and whoever comes next tries again.
Task<Result<bool>> is_first_to_ask(const Signing& signing, const Transaction& transaction) {
    // Whoever had no time to keep its record lets an order begin anew, with the same folder.
    const std::string name = std::string(Archive::kAsked) + "." +
                             hex_encode(sha256("fire\n" + transaction.fire_id)).substr(0, 16);
    auto marking =
        offload(signing.services().pool, [archive = signing.archive(), id = transaction.id, name] {
            return archive.mark(id, name);
        });
    co_return co_await marking;
}

Task<void> compose_or_fetch(const Signing& signing, HeldTransaction& held) {
    bool first = false;
    if (!held.is.composed) {
        auto asking = is_first_to_ask(signing, held.is);
        const auto told = co_await std::move(asking);
        if (!told) {
            signing.log(Severity::error, info(told.error().code).word, held.is,
                        told.error().detail);
            co_return;
        }
        first = *told;
    }
    if (first) {
        held.is.doubtful = false;
        auto composing = compose_and_fetch(signing, held);
        co_await std::move(composing);
    } else if (held.is.composed || held.is.doubtful) {
        FireTransaction transaction{held.is.fire_id, held.is.nif};
        FireTicket ticket = FireTicket::of_transaction(std::move(transaction));
        auto fetching = fetch_and_verify(signing, held, held.is.composed, std::move(ticket));
        co_await std::move(fetching);
    }
}

}  // namespace

std::uint64_t room_for_signature(const Transaction& transaction, std::size_t index) noexcept {
    const std::uint64_t size =
        transaction.documents.size() > 1 ? transaction.documents[index].size : transaction.size;
    return size * 2 + kSignatureRoom + (transaction.wanted_upgrade.empty() ? 0 : kUpgradeRoom);
}

Task<void> verify_found(const Signing& signing, HeldTransaction& held, UnverifiedSignature found) {
    const Digest signature_sha256 = found.sha256();
    auto judging = judge(signing, held.is, 0, std::move(found));
    const Result<Judgement> judged = co_await std::move(judging);
    if (!judged) {  // the bytes stay: whoever comes next tries again
        signing.log(Severity::error, info(judged.error().code).word, held.is,
                    judged.error().detail);
        co_return;
    }
    if (judged->refusal) {
        const SignatureRefusal& refusal = *judged->refusal;
        auto ending = held.is.doubtful && !held.is.composed
                          ? signing.end(held, SignState::lost, SignReason::gateway, Code::sign_lost,
                                        "nothing was composed before the crash")
                          : signing.end(held, SignState::failed, refusal.reason, code_of(refusal),
                                        refusal.detail);
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    Transaction next = held.is;
    next.state = SignState::finished;
    next.composed = false;
    next.doubtful = false;
    next.signed_at = signing.now();
    next.signature_sha256 = signature_sha256;
    next.upgrade.id.clear();
    next.certificate_sha256 = certificate_digest(*judged->good);
    if (next.is_of_application()) {
        next.documents.front().state = DocumentState::finished;
        next.documents.front().signature_sha256 = signature_sha256;
    }
    std::string receipt = receipt_json(signing.site(), next, *judged->good);
    auto concluding = conclude(signing, held, std::move(next), std::move(receipt));
    co_await std::move(concluding);
}

Task<void> end_with(const Signing& signing, HeldTransaction& held, FireFailure why) {
    SignState state = SignState::failed;
    Code code = Code::sign_gateway;
    if (why.lost || held.is.doubtful) {
        state = SignState::lost;
        code = Code::sign_lost;
    } else if (why.reason == SignReason::cancelled) {
        state = SignState::cancelled;
    } else if (why.reason == SignReason::expired) {
        state = SignState::expired;
    }
    auto ending = signing.end(held, state, why.reason, code, std::move(why.detail));
    static_cast<void>(co_await std::move(ending));
}

Task<void> fetch_later(Signing signing, HeldTransaction held) {
    auto pausing = signing.pause(signing.settings().fire.compose_limit);
    co_await std::move(pausing);
    Transaction next = held.is;
    next.doubtful = true;
    auto advancing = signing.advance(held, std::move(next));
    const auto won = co_await std::move(advancing);
    if (!won || !*won) {
        co_return;  // whoever comes next takes over
    }
    auto recovering = recover(signing, std::move(held));
    co_await std::move(recovering);
}

Task<void> ask_why(const Signing& signing, HeldTransaction& held) {
    FireTransaction transaction{held.is.fire_id, held.is.nif};
    auto asking = signing.fire()->ask_error(std::move(transaction));
    FireFailure why = co_await std::move(asking);
    why.lost = false;  // nobody has asked for a signature
    auto ending = end_with(signing, held, std::move(why));
    co_await std::move(ending);
}

Task<void> conclude(const Signing& signing, HeldTransaction& held, Transaction next,
                    std::string receipt) {
    auto writing = offload(signing.services().pool, [archive = signing.archive(), id = next.id,
                                                     receipt] {
        archive.remove(id, Archive::kReceipt);  // of somebody who was killed before he could say so
        return archive.write(id, Archive::kReceipt, as_bytes(receipt));
    });
    const Result<void> written = co_await writing;
    if (!written) {
        signing.log(Severity::error, info(written.error().code).word, held.is,
                    written.error().detail);
        co_return;
    }
    auto advancing = signing.advance(held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        signing.log(Severity::error, info(advanced.error().code).word, held.is,
                    advanced.error().detail);
    }
}

Task<void> recover(Signing signing, HeldTransaction held) {
    if (!held.is.asks_why) {  // before FIRe hands over what could not be kept
        auto missing = end_if_elsewhere(signing, held);
        const bool elsewhere = co_await std::move(missing);
        if (elsewhere) {
            co_return;
        }
    }
    if (held.is.documents.size() > 1) {
        auto recovering = held.is.late ? recover_late_batch(signing, std::move(held))
                                       : recover_batch(signing, std::move(held));
        co_await std::move(recovering);
        co_return;
    }
    auto looking =
        offload(signing.services().pool,
                [archive = signing.archive(),
                 id = held.is.id]() -> Result<std::optional<UnverifiedSignature>> {
                    for (const auto judged : {Archive::kSignature, Archive::kQuarantine}) {
                        if (!archive.has(id, judged)) {
                            continue;
                        }
                        // and not told: judged again, for the receipt or the reason
                        const auto back = archive.rename(id, judged, Archive::kUnverified);
                        if (!back) {
                            return tl::unexpected(back.error());
                        }
                    }
                    if (!archive.has(id, Archive::kUnverified)) {
                        return std::optional<UnverifiedSignature>();
                    }
                    auto found = archive.found_signature(id, Archive::kUnverified);
                    if (!found) {
                        return tl::unexpected(found.error());
                    }
                    return std::optional(std::move(*found));
                });
    auto found = co_await looking;
    if (!found || signing.fire() == nullptr) {  // whoever comes next tries again
        signing.log(Severity::error, info(Code::store).word, held.is,
                    found ? "no memory" : found.error().detail);
        co_return;
    }
    if (*found) {
        auto verifying = verify_found(signing, held, std::move(**found));
        co_await std::move(verifying);
    } else if (held.is.asks_why) {
        auto asking = ask_why(signing, held);
        co_await std::move(asking);
    } else if (held.is.late) {
        auto asking = ask_and_verify(signing, held);
        co_await std::move(asking);
    } else {
        auto bringing = compose_or_fetch(signing, held);
        co_await std::move(bringing);
    }
}

}  // namespace clave
