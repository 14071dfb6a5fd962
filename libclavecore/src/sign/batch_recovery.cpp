// What FIRe has signed of several documents, and what became of each.
#include <algorithm>
#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "sign/batch.h"
#include "sign/fire_answer.h"
#include "sign/judgement.h"
#include "sign/late_upgrade.h"
#include "sign/recovery.h"

namespace clave {
namespace {

using Tickets = std::vector<std::optional<FireTicket>>;

// What FIRe is asked after a crash, or when its answer was lost. Unlike for one document, to ask
// too early or twice destroys nothing (protocol section 2.2): of each document it says whether it
// was handed over before (code 51), and of the batch whether it was composed (49).
struct BatchRecovery {
    const Signing& signing;
    HeldTransaction& held;
    std::vector<bool> here;  // not to be fetched: a worker that died has left it
    Tickets tickets;
    std::vector<bool> judged;  // by us
    bool asked_to_compose = false;
    std::optional<VerifiedSignature> good;
};

enum class Settled {
    known,       // and in the transaction
    unanswered,  // it may be asked for again
    uncomposed,  // FIRe says that it was never asked to
    not_now,     // whoever comes next tries again
};

void fail_document(AnnouncedDocument& document, SignReason reason) {
    document.state = DocumentState::failed;
    document.reason = reason;
}

// What was verified or refused and not told is judged again: the receipt needs it, and the reason.
Result<bool> look_for(const Archive& archive, const std::string& id, std::size_t index) {
    const std::string unverified = Archive::numbered(Archive::kUnverified, index);
    for (const std::string_view judged : {Archive::kSignature, Archive::kQuarantine}) {
        const std::string name = Archive::numbered(judged, index);
        if (archive.has(id, name)) {
            const auto back = archive.rename(id, name, unverified);
            if (!back) {
                return tl::unexpected(back.error());
            }
        }
    }
    return archive.has(id, unverified);
}

// True for each that a worker that died on the way has left here.
Task<Result<std::vector<bool>>> look(const Signing& signing, const Transaction& transaction) {
    std::vector<bool> wanted;
    for (const AnnouncedDocument& document : transaction.documents) {
        wanted.push_back(!is_without_signature(document));
    }
    auto looking = offload(signing.services().pool,
                           [archive = signing.archive(), id = transaction.id,
                            wanted = std::move(wanted)]() -> Result<std::vector<bool>> {
                               std::vector<bool> here;
                               for (std::size_t i = 0; i < wanted.size(); ++i) {
                                   const auto found =
                                       wanted[i] ? look_for(archive, id, i) : Result<bool>(false);
                                   if (!found) {
                                       return tl::unexpected(found.error());
                                   }
                                   here.push_back(*found);
                               }
                               return here;
                           });
    co_return co_await looking;
}

// What became of each, as FIRe says.
void take_tickets(BatchRecovery& all, Transaction& next, FireBatch& composed) {
    for (std::size_t i = 0; i < next.documents.size(); ++i) {
        AnnouncedDocument& document = next.documents[i];
        const auto told = std::find_if(composed.documents.begin(), composed.documents.end(),
                                       [&](const auto& one) { return one.id == document.id; });
        if (told != composed.documents.end() && told->grace) {
            begin_to_wait(document.upgrade, *told->grace);
        }
        if (document.upgrade.is_awaited() && is_soon_enough(next, document.upgrade)) {
            continue;
        }
        if (told == composed.documents.end() || !told->ticket) {
            document.upgrade.id.clear();
            fail_document(document, SignReason::gateway);
            all.signing.log(Severity::error, info(Code::sign_gateway).word, next,
                            "document " + std::to_string(i + 1) + " was not signed");
        } else {
            all.tickets[i] = std::move(told->ticket);
        }
    }
}

// True: it is `next` now, or the store does not answer and the end will say so. False: somebody has
// taken over.
Task<bool> note(BatchRecovery& all, Transaction next) {
    auto advancing = all.signing.advance(all.held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        all.signing.log(Severity::error, info(advanced.error().code).word, all.held.is,
                        advanced.error().detail);
    }
    co_return !advanced || *advanced;
}

// False: it is over, or somebody else's now.
Task<bool> compose(BatchRecovery& all) {
    const Signing& signing = all.signing;
    HeldTransaction& held = all.held;
    all.asked_to_compose = true;
    FireTransaction transaction{held.is.fire_id, held.is.nif};
    FireRecovery recovery(std::move(transaction));
    auto composing = signing.fire()->compose_batch(std::move(recovery));
    auto composed = co_await std::move(composing);
    if (!composed) {
        FireFailure& why = composed.error();
        if (!why.lost) {
            held.is.doubtful = false;  // it says that nothing was signed
            auto ending = end_with(signing, held, std::move(why));
            co_await std::move(ending);
            co_return false;
        }
        signing.log(Severity::error, info(Code::sign_lost).word, held.is,
                    why.detail + ", to be fetched later");
        // Composed before (code 54), or asked twice in vain: what there is, is fetched now.
        if (is_already_recovered(why.code) || held.is.doubtful || signing.parts() == nullptr) {
            co_return true;
        }
        signing.parts()->chores.begin(fetch_later(signing, std::move(held)));
        co_return false;
    }
    Transaction next = held.is;
    next.composed = true;
    take_tickets(all, next, *composed);
    auto keeping = offload(signing.services().pool, [archive = signing.archive(), id = held.is.id,
                                                     der = std::move(composed->certificate)] {
        return archive.write(id, Archive::kCertificate, as_bytes(der));
    });
    static_cast<void>(co_await keeping);  // the signatures have it, too
    // From here on, whoever takes over knows that only the fetching is left.
    auto noting = note(all, std::move(next));
    co_return co_await std::move(noting);
}

Task<FireResult<UnverifiedSignature>> fetch(BatchRecovery& all, std::size_t index) {
    const Transaction& is = all.held.is;
    const AnnouncedDocument& document = is.documents[index];
    if (!all.tickets[index]) {
        FireTransaction batch{is.fire_id, is.nif};
        all.tickets[index] = FireTicket::of_document(std::move(batch), document.id);
    }
    FireTicket ticket = std::move(*all.tickets[index]);
    all.tickets[index].reset();
    SpoolPlace place = all.signing.archive().spool(is.id, document.size * 2 + kSignatureRoom);
    place.name = Archive::numbered(Archive::kUnverified, index);
    auto fetching = all.signing.fire()->fetch(std::move(ticket), std::move(place));
    co_return co_await std::move(fetching);
}

Task<Result<UnverifiedSignature>> reread(const Signing& signing, const Transaction& transaction,
                                         std::size_t index) {
    auto reading =
        offload(signing.services().pool, [archive = signing.archive(), id = transaction.id,
                                          name = Archive::numbered(Archive::kUnverified, index)] {
            return archive.found_signature(id, name);
        });
    co_return co_await reading;
}

void log_document(const Signing& signing, const Transaction& transaction, Code code,
                  std::size_t index, const std::string& detail) {
    signing.log(info(code).severity, info(code).word, transaction,
                "document " + std::to_string(index + 1) + " " + detail);
}

// FIRe has not given it: what that means for document `index` of `next`.
Settled settle_unfetched(BatchRecovery& all, Transaction& next, std::size_t index,
                         const FireFailure& why, bool last_time) {
    const bool doubtful = next.doubtful && !next.composed && !all.asked_to_compose;
    if (doubtful && is_not_composed(why.code)) {
        return Settled::uncomposed;
    }
    // A repetition is answered by the bytes, or by whether they were handed over.
    if (why.code == 0 && !last_time) {
        log_document(all.signing, next, Code::sign_gateway, index,
                     why.detail + ", to be fetched again");
        return Settled::unanswered;
    }
    // FIRe was not reached, or there is no room for it here: the take-over may have better luck.
    if (why.code == 0 && why.status == 0 && !why.lost && !next.doubtful) {
        log_document(all.signing, next, Code::sign_gateway, index, why.detail + ", later");
        return Settled::not_now;
    }
    // Signed it was: of what was not, FIRe says another thing.
    const bool was_there = why.lost || why.code == 0 || why.reason == SignReason::expired ||
                           (next.doubtful && is_not_composed(why.code));
    if (was_there) {
        next.documents[index].state = DocumentState::lost;
        next.documents[index].reason = SignReason::gateway;
    } else {
        fail_document(next.documents[index], why.reason);
    }
    log_document(all.signing, next, was_there ? Code::sign_lost : Code::sign_gateway, index,
                 why.detail);
    return Settled::known;
}

Task<Settled> settle_found(BatchRecovery& all, Transaction& next, std::size_t index,
                           UnverifiedSignature found) {
    const Digest sha256 = found.sha256();
    auto judging = judge(all.signing, next, index, std::move(found));
    Result<Judgement> judged = co_await std::move(judging);
    if (!judged) {
        all.signing.log(Severity::error, info(judged.error().code).word, next,
                        judged.error().detail);
        co_return Settled::not_now;
    }
    AnnouncedDocument& document = next.documents[index];
    if (judged->refusal) {
        const SignatureRefusal& refusal = *judged->refusal;
        fail_document(document, refusal.reason);
        log_document(all.signing, next, code_of(refusal), index, refusal.detail);
        co_return Settled::known;
    }
    document.state = DocumentState::finished;
    document.signature_sha256 = sha256;
    all.good = std::move(judged->good);
    co_return Settled::known;
}

// What becomes of document `index` is in `next`, if it is known.
Task<Settled> settle_document(BatchRecovery& all, Transaction& next, std::size_t index,
                              bool last_time) {
    if (!all.here[index]) {
        auto fetching = fetch(all, index);
        auto fetched = co_await std::move(fetching);
        if (!fetched) {
            co_return settle_unfetched(all, next, index, fetched.error(), last_time);
        }
        auto settling = settle_found(all, next, index, std::move(*fetched));
        co_return co_await std::move(settling);
    }
    auto rereading = reread(all.signing, next, index);
    auto bytes = co_await std::move(rereading);
    if (!bytes) {
        all.signing.log(Severity::error, info(bytes.error().code).word, next, bytes.error().detail);
        co_return Settled::not_now;
    }
    auto settling = settle_found(all, next, index, std::move(*bytes));
    co_return co_await std::move(settling);
}

// One after the other, so that what they need is not needed at once; each is a change of its own,
// with its line in the evidence. False: it is over, somebody else's, or to be tried again later.
Task<bool> settle_all(BatchRecovery& all, bool last_time) {
    for (std::size_t i = 0; i < all.held.is.documents.size();) {
        const AnnouncedDocument& document = all.held.is.documents[i];
        if (all.judged[i] || is_without_signature(document) || document.upgrade.is_awaited()) {
            ++i;
            continue;
        }
        Transaction next = all.held.is;
        auto settling = settle_document(all, next, i, last_time);
        const Settled settled = co_await std::move(settling);
        if (settled == Settled::not_now) {
            co_return false;
        }
        if (settled == Settled::uncomposed) {
            auto composing = compose(all);
            const bool go_on = co_await std::move(composing);
            if (!go_on) {
                co_return false;
            }
            continue;
        }
        if (settled == Settled::known) {
            all.judged[i] = true;
            auto noting = note(all, next);
            const bool ours = co_await std::move(noting);
            if (!ours) {
                co_return false;
            }
            all.held.is.documents = next.documents;
        }
        ++i;
    }
    co_return true;
}

}  // namespace

Task<void> recover_batch(Signing signing, HeldTransaction held) {
    auto looking = look(signing, held.is);
    const auto here = co_await std::move(looking);
    if (!here || signing.fire() == nullptr) {  // whoever comes next tries again
        signing.log(Severity::error, info(Code::store).word, held.is,
                    here ? "no memory" : here.error().detail);
        co_return;
    }
    if (held.is.asks_why) {
        auto asking = ask_why(signing, held);
        co_await std::move(asking);
        co_return;
    }
    const std::size_t count = held.is.documents.size();
    BatchRecovery all{signing, held, *here, Tickets(count), std::vector<bool>(count), false, {}};
    const bool some_here = std::find(here->begin(), here->end(), true) != here->end();
    if (!held.is.composed && !held.is.doubtful && !some_here) {
        auto composing = compose(all);
        const bool go_on = co_await std::move(composing);
        if (!go_on) {
            co_return;
        }
    }
    for (const bool last_time : {false, true}) {
        auto settling = settle_all(all, last_time);
        const bool settled = co_await std::move(settling);
        if (!settled) {
            co_return;
        }
    }
    auto ending = end_batch(signing, held, all.good);
    co_await std::move(ending);
}

}  // namespace clave
