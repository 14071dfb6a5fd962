#include "sign/batch.h"

#include <utility>

#include "clave/offload.h"
#include "sign/recovery.h"

namespace clave {
namespace {

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
    // What one of them lacks is no reason not to sign the others, unless the order says so: each
    // says what became of it.
    auto signing_all =
        fire->sign_batch(std::move(*batch), std::move(language), transaction.stop_on_error);
    co_return co_await std::move(signing_all);
}

}  // namespace

Task<void> ask_fire_to_sign_batch(Signing signing, HeldTransaction held, std::string language) {
    auto starting = start_batch(signing, held.is, std::move(language));
    auto started = co_await std::move(starting);
    auto sending = send_there(signing, held, std::move(started));
    co_await std::move(sending);
}

}  // namespace clave
