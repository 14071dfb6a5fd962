// How several documents end together, whether FIRe was asked at once or later.
#include <algorithm>
#include <utility>

#include "clave/verified_signature.h"
#include "sign/batch.h"
#include "sign/judgement.h"
#include "sign/late_upgrade.h"
#include "sign/receipt.h"
#include "sign/recovery.h"

namespace clave {
namespace {

Task<void> end_without_signature(const Signing& signing, HeldTransaction& held) {
    const auto& documents = held.is.documents;
    const auto is_lost = [](const AnnouncedDocument& one) {
        return one.state == DocumentState::lost;
    };
    const SignReason reason = documents.front().reason;
    auto ending = std::any_of(documents.begin(), documents.end(), is_lost)
                      ? signing.end(held, SignState::lost, SignReason::gateway, Code::sign_lost,
                                    "none of its documents is here")
                      : signing.end(held, SignState::failed, reason, Code::sign_gateway,
                                    "none of its documents was signed");
    static_cast<void>(co_await std::move(ending));
}

Task<void> finish(const Signing& signing, HeldTransaction& held, const VerifiedSignature& good) {
    Transaction next = held.is;
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

Task<void> end_batch(const Signing& signing, HeldTransaction& held,
                     const std::optional<VerifiedSignature>& good) {
    if (awaits_upgrade(held.is)) {
        Transaction next = held.is;
        auto waiting = wait_for_upgrade(signing, held, std::move(next));
        co_await std::move(waiting);
        co_return;
    }
    if (!good) {
        auto ending = end_without_signature(signing, held);
        co_await std::move(ending);
        co_return;
    }
    auto finishing = finish(signing, held, *good);
    co_await std::move(finishing);
}

}  // namespace clave
