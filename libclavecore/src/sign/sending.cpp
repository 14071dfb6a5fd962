// On the way to FIRe: what is to be signed is there before its person is.
#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "sign/batch.h"
#include "sign/recovery.h"
#include "sign/sign_endpoints.h"

namespace clave {

Task<bool> end_if_elsewhere(const Signing& signing, HeldTransaction& held) {
    auto looking = offload(signing.services().pool, [archive = signing.archive(), id = held.is.id] {
        return archive.has(id, Archive::kDocument);
    });
    const Result<bool> here = co_await looking;
    if (!here || *here) {
        co_return false;
    }
    auto ending = signing.end(held, SignState::lost, SignReason::unavailable, Code::sign_lost,
                              "its document is not in this machine's archive");
    static_cast<void>(co_await std::move(ending));
    co_return true;
}

FireOrder order_of(const Signing& signing, const Transaction& transaction, std::string language) {
    const std::string base = signing.site().origin + sign_base(signing.site(), transaction.id);
    const std::string nonce = base64url_encode(transaction.nonce);
    FireOrder order;
    order.signer = {transaction.nif, std::move(language)};
    order.format = transaction.format;
    order.operation = transaction.operation;
    order.office = transaction.title;
    order.name = transaction.document_name;
    order.title = transaction.title.empty() ? transaction.document_name : transaction.title;
    order.procedure = transaction.procedure;
    order.upgrade = transaction.wanted_upgrade;
    order.ok_url = base + "ok?n=" + nonce;
    order.error_url = base + "ko?n=" + nonce;
    if (transaction.format == SignFormat::pades) {
        order.properties = {{"signatureSubFilter", "ETSI.CAdES.detached"}};
    }
    return order;
}

Task<void> send_there(const Signing& signing, HeldTransaction& held,
                      FireResult<FireStarted> started) {
    if (!started) {
        FireFailure why = std::move(started.error());
        why.lost = false;  // nobody was sent there
        auto ending = end_with(signing, held, std::move(why));
        co_await std::move(ending);
        co_return;
    }
    Transaction next = held.is;
    next.state = SignState::at_gateway;
    next.fire_id = std::move(started->transaction.id);
    next.redirect = std::move(started->redirect);
    auto advancing = signing.advance(held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        signing.log(Severity::error, info(advanced.error().code).word, held.is,
                    advanced.error().detail);
    }
}

Task<void> ask_fire_to_sign(Signing signing, HeldTransaction held, std::string language) {
    auto looking = end_if_elsewhere(signing, held);
    const bool elsewhere = co_await std::move(looking);
    if (elsewhere) {
        co_return;
    }
    if (held.is.documents.size() > 1) {
        auto asking = ask_fire_to_sign_batch(signing, std::move(held), std::move(language));
        co_await std::move(asking);
        co_return;
    }
    FireClient* fire = signing.fire();
    auto opening = offload(signing.services().pool, [archive = signing.archive(), id = held.is.id] {
        return archive.open(id, Archive::kDocument);
    });
    const auto document = co_await opening;
    if (fire == nullptr || !document) {
        auto ending = signing.end(held, SignState::failed, SignReason::unavailable, Code::store,
                                  document ? "no memory" : document.error().detail);
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    FireOrder order = order_of(signing, held.is, std::move(language));
    FireDocument bytes{(*document)->descriptor(), held.is.size, held.is.sha256};
    auto starting = fire->start(std::move(order), bytes);
    auto started = co_await std::move(starting);
    auto sending = send_there(signing, held, std::move(started));
    co_await std::move(sending);
}

}  // namespace clave
