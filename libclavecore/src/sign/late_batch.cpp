// What FIRe completes later of several documents: each in its own time, and the receipt when the
// last has come.
#include <algorithm>
#include <utility>

#include "clave/offload.h"
#include "sign/batch.h"
#include "sign/judgement.h"
#include "sign/late_upgrade.h"
#include "sign/recovery.h"

namespace clave {
namespace {

struct LateBatch {
    const Signing& signing;
    HeldTransaction& held;
    std::optional<VerifiedSignature> good{};
};

void log_document(const LateBatch& all, Code code, std::size_t index, const std::string& detail) {
    all.signing.log(info(code).severity, info(code).word, all.held.is,
                    "document " + std::to_string(index + 1) + " " + detail);
}

void give_up(LateBatch& all, std::size_t index, SignReason reason, bool lost = false) {
    AnnouncedDocument& document = all.held.is.documents[index];
    document.state = lost ? DocumentState::lost : DocumentState::failed;
    document.reason = reason;
    document.upgrade.id.clear();
}

// Bytes that somebody who died has left here; what he had judged is judged again.
Task<Result<std::optional<UnverifiedSignature>>> left_here(const LateBatch& all,
                                                           std::size_t index) {
    auto looking = offload(
        all.signing.services().pool,
        [archive = all.signing.archive(), id = all.held.is.id,
         index]() -> Result<std::optional<UnverifiedSignature>> {
            const std::string unverified = Archive::numbered(Archive::kUnverified, index);
            for (const std::string_view judged : {Archive::kSignature, Archive::kQuarantine}) {
                const std::string name = Archive::numbered(judged, index);
                const auto back =
                    archive.has(id, name) ? archive.rename(id, name, unverified) : Result<void>();
                if (!back) {
                    return tl::unexpected(back.error());
                }
            }
            if (!archive.has(id, unverified)) {
                return std::optional<UnverifiedSignature>();
            }
            auto found = archive.found_signature(id, unverified);
            if (!found) {
                return tl::unexpected(found.error());
            }
            return std::optional(std::move(*found));
        });
    co_return co_await looking;
}

// False: whoever comes next tries again.
Task<bool> judge_found(LateBatch& all, std::size_t index, UnverifiedSignature found) {
    const Digest sha256 = found.sha256();
    auto judging = judge(all.signing, all.held.is, index, std::move(found));
    Result<Judgement> judged = co_await std::move(judging);
    if (!judged) {
        log_document(all, judged.error().code, index, judged.error().detail);
        co_return false;
    }
    if (judged->refusal) {
        log_document(all, code_of(*judged->refusal), index, judged->refusal->detail);
        give_up(all, index, judged->refusal->reason);
        co_return true;
    }
    AnnouncedDocument& document = all.held.is.documents[index];
    document.state = DocumentState::finished;
    document.signature_sha256 = sha256;
    document.upgrade.id.clear();
    all.good = std::move(judged->good);
    co_return true;
}

// False: somebody else is at it, or tries again.
Task<bool> settle_late(LateBatch& all, std::size_t index) {
    auto looking = left_here(all, index);
    auto found = co_await std::move(looking);
    if (!found) {
        log_document(all, found.error().code, index, found.error().detail);
        co_return false;
    }
    if (!*found) {
        if (all.held.is.documents[index].upgrade.after > all.signing.now()) {
            co_return true;
        }
        auto asking = ask_for_upgrade(all.signing, all.held, index);
        LateAnswer answer = co_await std::move(asking);
        if (answer.kind == LateAnswer::Kind::never) {
            log_document(all, answer.why.lost ? Code::sign_lost : Code::sign_grace, index,
                         answer.why.detail);
            give_up(all, index, answer.why.lost ? SignReason::gateway : answer.why.reason,
                    answer.why.lost);
        }
        if (answer.kind != LateAnswer::Kind::fetched) {
            co_return answer.kind != LateAnswer::Kind::taken;
        }
        *found = std::move(answer.found);
    }
    auto judging = judge_found(all, index, std::move(**found));
    co_return co_await std::move(judging);
}

// The receipt says who has signed, which each of the signatures says.
Task<bool> look_at_an_old_one(LateBatch& all) {
    const auto& documents = all.held.is.documents;
    const auto at = std::find_if(documents.begin(), documents.end(), [](const auto& document) {
        return document.state == DocumentState::finished;
    });
    if (all.good || at == documents.end()) {
        co_return true;
    }
    const auto index = static_cast<std::size_t>(at - documents.begin());
    auto looking = left_here(all, index);
    auto found = co_await std::move(looking);
    if (!found || !*found) {
        log_document(all, Code::store, index, found ? "is not here" : found.error().detail);
        co_return false;
    }
    auto judging = judge_found(all, index, std::move(**found));
    co_return co_await std::move(judging);
}

}  // namespace

Task<void> recover_late_batch(Signing signing, HeldTransaction held) {
    LateBatch all{signing, held};
    for (std::size_t i = 0; i < held.is.documents.size(); ++i) {
        if (!held.is.documents[i].upgrade.is_awaited()) {
            continue;
        }
        auto settling = settle_late(all, i);
        const bool settled = co_await std::move(settling);
        if (!settled) {
            co_return;
        }
    }
    if (!awaits_upgrade(held.is)) {
        auto looking = look_at_an_old_one(all);
        const bool looked = co_await std::move(looking);
        if (!looked) {
            co_return;
        }
    }
    auto ending = end_batch(signing, held, all.good);
    co_await std::move(ending);
}

}  // namespace clave
