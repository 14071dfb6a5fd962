// What nobody comes back for: ended, taken over, and, if it was never signed, erased (F-20).
#include <utility>

#include "clave/offload.h"
#include "sign/overdue.h"
#include "sign/under_way.h"

namespace clave {
namespace {

// Its record tells an application what became of it; the documents go.
Task<void> erase_unsigned(const Signing& signing, std::string id, bool of_application) {
    auto erasing =
        offload(signing.services().pool,
                [archive = signing.archive(), under_way = UnderWay(signing.settings().archive),
                 id = std::move(id), of_application] {
                    archive.erase_unsigned(id, of_application);
                    under_way.remove(id);
                });
    static_cast<void>(co_await erasing);
}

Task<void> look_at(const Signing& signing, const UnderWay::One& one) {
    auto finding = signing.find(one.id);
    auto found = co_await std::move(finding);
    if (!found) {
        co_return;  // another time
    }
    if (!*found) {
        // Nobody had come to keep a record of it: it may be ordered again, with the same folder.
        if (one.since + kForgottenAfter <= signing.now()) {
            auto erasing = erase_unsigned(signing, one.id, true);
            co_await std::move(erasing);
        }
        co_return;
    }
    HeldTransaction& held = **found;
    if (!signing.site().is_service(held.is.service)) {
        co_return;  // of another site with the same archive
    }
    if (held.is.late && held.is.state == SignState::recovering) {
        co_return;  // go_on_waiting() looks after it
    }
    const bool is_old = held.is.created + kTransactionLifetime <= signing.now();
    if (held.forgotten && !is_old) {
        co_return;  // another machine may have it in a store of its own
    }
    if (is_lost(held)) {
        auto ending = end_forgotten(signing, held);
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    if (is_overdue(signing, held.is)) {
        auto settling = settle(signing, std::move(held));
        co_await std::move(settling);
        co_return;
    }
    if (held.is.state == SignState::finished || held.is.state == SignState::delivered) {
        auto removing =
            offload(signing.services().pool, [under_way = UnderWay(signing.settings().archive),
                                              id = one.id] { under_way.remove(id); });
        static_cast<void>(co_await removing);
    } else if (is_end(held.is.state) && is_old) {
        // Until then its person may begin again with what is there
        auto erasing = erase_unsigned(signing, one.id, held.is.is_of_application());
        co_await std::move(erasing);
    }
}

}  // namespace

Task<void> end_overdue(Signing signing) {
    auto listing =
        offload(signing.services().pool,
                [under_way = UnderWay(signing.settings().archive)] { return under_way.all(); });
    const auto all = co_await listing;
    if (!all) {
        co_return;
    }
    for (const UnderWay::One& one : *all) {
        if (signing.parts() == nullptr) {
            co_return;
        }
        auto looking = look_at(signing, one);
        co_await std::move(looking);
    }
}

}  // namespace clave
