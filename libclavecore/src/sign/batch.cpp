#include "sign/batch.h"

#include <algorithm>
#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "sign/judgement.h"
#include "sign/receipt.h"
#include "sign/recovery.h"

namespace clave {
namespace {

using Tickets = std::vector<std::optional<FireTicket>>;

// ---- there

tl::unexpected<FireFailure> not_asked(std::string why) {
    tl::unexpected<FireFailure> failure{FireFailure{}};
    failure.value().detail = std::move(why);
    return failure;
}

// Code::store, or what FIRe said against it.
Task<FireResult<bool>> add_document(const Signing& signing, const Transaction& transaction,
                                    std::size_t index, FireTransaction batch) {
    const AnnouncedDocument& document = transaction.documents[index];
    auto opening = offload(
        signing.services().pool,
        [archive = signing.archive(), id = transaction.id,
         name = Archive::numbered(Archive::kDocument, index)] { return archive.open(id, name); });
    const auto file = co_await opening;
    if (!file) {
        co_return not_asked(file.error().detail);
    }
    FireOrder order = order_of(signing, transaction, "es");
    order.name = document.name;
    order.title = document.name;
    FireDocument bytes{(*file)->descriptor(), document.size, document.sha256};
    auto adding = signing.fire()->add(std::move(batch), document.id, std::move(order), bytes);
    co_return co_await std::move(adding);
}

// The whole way to where its person is led to.
Task<FireResult<FireStarted>> start_batch(const Signing& signing, const Transaction& transaction,
                                          std::string language) {
    FireClient* fire = signing.fire();
    if (fire == nullptr) {
        co_return not_asked("no memory");
    }
    FireOrder order = order_of(signing, transaction, language);
    auto creating = fire->create_batch(std::move(order), transaction.documents.size());
    auto batch = co_await std::move(creating);
    if (!batch) {
        co_return tl::unexpected(std::move(batch.error()));
    }
    for (std::size_t i = 0; i < transaction.documents.size(); ++i) {
        auto adding = add_document(signing, transaction, i, *batch);
        auto added = co_await std::move(adding);
        if (!added) {
            co_return tl::unexpected(std::move(added.error()));
        }
    }
    // What one of them lacks is no reason not to sign the others: each says what became of it.
    auto signing_all = fire->sign_batch(std::move(*batch), std::move(language), false);
    co_return co_await std::move(signing_all);
}

// ---- and back

void fail_document(AnnouncedDocument& document, SignReason reason) {
    document.state = DocumentState::failed;
    document.reason = reason;
}

// What is here already: of a worker that died on the way. True for each that need not be fetched.
Task<Result<std::vector<bool>>> look(const Signing& signing, const Transaction& transaction) {
    auto looking =
        offload(signing.services().pool,
                [archive = signing.archive(), id = transaction.id,
                 count = transaction.documents.size()]() -> Result<std::vector<bool>> {
                    std::vector<bool> here;
                    for (std::size_t i = 0; i < count; ++i) {
                        const std::string verified = Archive::numbered(Archive::kSignature, i);
                        const std::string unverified = Archive::numbered(Archive::kUnverified, i);
                        if (archive.has(id, verified)) {  // and not told
                            const auto back = archive.rename(id, verified, unverified);
                            if (!back) {
                                return tl::unexpected(back.error());
                            }
                        }
                        here.push_back(archive.has(id, unverified));
                    }
                    return here;
                });
    co_return co_await looking;
}

// Asked for once. False: it is over, or somebody else's now.
Task<bool> compose(const Signing& signing, HeldTransaction& held, Tickets& tickets) {
    FireTransaction transaction{held.is.fire_id, held.is.nif};
    FireRecovery recovery(std::move(transaction));
    auto composing = signing.fire()->compose_batch(std::move(recovery));
    auto composed = co_await std::move(composing);
    if (!composed) {
        auto ending = end_with(signing, held, std::move(composed.error()));
        co_await std::move(ending);
        co_return false;
    }
    Transaction next = held.is;
    next.composed = true;
    for (std::size_t i = 0; i < next.documents.size(); ++i) {
        AnnouncedDocument& document = next.documents[i];
        const auto told = std::find_if(composed->documents.begin(), composed->documents.end(),
                                       [&](const auto& one) { return one.id == document.id; });
        if (told == composed->documents.end() || !told->ticket) {
            fail_document(document, SignReason::gateway);
            signing.log(Severity::error, info(Code::sign_gateway).word, held.is,
                        "document " + std::to_string(i + 1) + " was not signed");
        } else {
            tickets[i] = std::move(told->ticket);
        }
    }
    auto keeping = offload(signing.services().pool, [archive = signing.archive(), id = held.is.id,
                                                     der = std::move(composed->certificate)] {
        return archive.write(id, Archive::kCertificate, as_bytes(der));
    });
    static_cast<void>(co_await keeping);  // the signatures have it, too
    // From here on, whoever takes over knows that only the fetching is left.
    auto advancing = signing.advance(held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    co_return !advanced || *advanced;
}

// nullopt: it was not given, which document `index` of `next` says.
Task<std::optional<UnverifiedSignature>> fetch(const Signing& signing, Transaction& next,
                                               std::size_t index, FireTicket ticket) {
    SpoolPlace place =
        signing.archive().spool(next.id, next.documents[index].size * 2 + kSignatureRoom);
    place.name = Archive::numbered(Archive::kUnverified, index);
    auto fetching = signing.fire()->fetch(std::move(ticket), std::move(place));
    auto fetched = co_await std::move(fetching);
    if (!fetched) {
        const FireFailure& why = fetched.error();
        fail_document(next.documents[index], why.reason);
        const Code code = why.lost ? Code::sign_lost : Code::sign_gateway;
        signing.log(info(code).severity, info(code).word, next,
                    "document " + std::to_string(index + 1) + " " + why.detail);
        co_return std::nullopt;
    }
    co_return std::optional<UnverifiedSignature>(std::move(*fetched));
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

// One after the other, so that what they need is not needed at once. False: try again later.
Task<bool> settle_document(const Signing& signing, Transaction& next, std::size_t index, bool here,
                           std::optional<FireTicket> ticket,
                           std::optional<VerifiedSignature>& last_good) {
    std::optional<UnverifiedSignature> found;
    if (here) {
        auto rereading = reread(signing, next, index);
        auto bytes = co_await std::move(rereading);
        if (!bytes) {
            signing.log(Severity::error, info(bytes.error().code).word, next, bytes.error().detail);
            co_return false;
        }
        found.emplace(std::move(*bytes));
    } else {
        if (!ticket) {
            FireTransaction batch{next.fire_id, next.nif};
            ticket = FireTicket::of_document(std::move(batch), next.documents[index].id);
        }
        auto fetching = fetch(signing, next, index, std::move(*ticket));
        found = co_await std::move(fetching);
    }
    if (!found) {
        co_return true;
    }
    const Digest sha256 = found->sha256();
    auto judging = judge(signing, next, index, std::move(*found));
    Result<Judgement> judged = co_await std::move(judging);
    if (!judged) {
        signing.log(Severity::error, info(judged.error().code).word, next, judged.error().detail);
        co_return false;
    }
    AnnouncedDocument& document = next.documents[index];
    if (judged->refusal) {
        const Code code = code_of(*judged->refusal);
        fail_document(document, judged->refusal->reason);
        signing.log(info(code).severity, info(code).word, next,
                    "document " + std::to_string(index + 1) + " " + judged->refusal->detail);
        co_return true;
    }
    document.state = DocumentState::finished;
    document.signature_sha256 = sha256;
    last_good = std::move(judged->good);
    co_return true;
}

Task<void> end_without_signature(const Signing& signing, HeldTransaction& held,
                                 const Transaction& next) {
    const SignReason reason = next.documents.front().reason;
    held.is.documents = next.documents;
    auto ending = held.is.doubtful
                      ? signing.end(held, SignState::lost, SignReason::gateway, Code::sign_lost,
                                    "none of its documents is here")
                      : signing.end(held, SignState::failed, reason, Code::sign_gateway,
                                    "none of its documents was signed");
    static_cast<void>(co_await std::move(ending));
}

Task<void> finish(const Signing& signing, HeldTransaction& held, Transaction next,
                  const VerifiedSignature& good) {
    next.state = SignState::finished;
    next.composed = false;
    next.doubtful = false;
    next.signed_at = signing.now();
    next.certificate_sha256 = certificate_digest(good);
    std::string receipt = receipt_json(signing.site(), next, good);
    auto concluding = conclude(signing, held, std::move(next), std::move(receipt));
    co_await std::move(concluding);
}

}  // namespace

Task<void> ask_fire_to_sign_batch(Signing signing, HeldTransaction held, std::string language) {
    auto starting = start_batch(signing, held.is, std::move(language));
    auto started = co_await std::move(starting);
    auto sending = send_there(signing, held, std::move(started));
    co_await std::move(sending);
}

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
    Tickets tickets(held.is.documents.size());
    const bool some_here = std::find(here->begin(), here->end(), true) != here->end();
    if (!held.is.composed && !held.is.doubtful && !some_here) {
        auto composing = compose(signing, held, tickets);
        const bool go_on = co_await std::move(composing);
        if (!go_on) {
            co_return;
        }
    }
    Transaction next = held.is;
    std::optional<VerifiedSignature> good;
    for (std::size_t i = 0; i < next.documents.size(); ++i) {
        if (next.documents[i].state != DocumentState::stored) {
            continue;
        }
        auto settling = settle_document(signing, next, i, (*here)[i], std::move(tickets[i]), good);
        const bool settled = co_await std::move(settling);
        if (!settled) {
            co_return;
        }
    }
    if (!good) {
        auto ending = end_without_signature(signing, held, next);
        co_await std::move(ending);
        co_return;
    }
    auto finishing = finish(signing, held, std::move(next), *good);
    co_await std::move(finishing);
}

}  // namespace clave
