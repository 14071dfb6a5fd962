// POST transactions: from an order to a transaction, once.
#include <utility>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/offload.h"
#include "sign/api.h"
#include "sign/api_answer.h"
#include "sign/api_order.h"
#include "sign/quota.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// What will be known later, and then must fit beside what is ordered now.
constexpr std::size_t kMostRedirect = 600;
constexpr std::size_t kMostFireId = 64;
constexpr std::size_t kMostPersonName = 200;
constexpr auto kOfAnother = "\"idempotency_key\" is that of another order";

Digest key_of(const Site& site, std::string_view idempotency_key) {
    return sha256("sign order\n" + site.service() + "\n" + std::string(idempotency_key));
}

// What is kept under an idempotency key: the order's meaning, and whose transaction it became.
std::vector<std::byte> mark_of(const ApiOrder& order, std::string_view id) {
    std::vector<std::byte> mark(order.meaning.begin(), order.meaning.end());
    const auto text = as_bytes(id);
    mark.insert(mark.end(), text.begin(), text.end());
    return mark;
}

// The id in it; nullopt: it is of another order.
std::optional<std::string> id_in(std::span<const std::byte> mark, const ApiOrder& order) {
    if (mark.size() != order.meaning.size() + kSignIdLength ||
        !equal_in_constant_time(mark.first(order.meaning.size()), order.meaning)) {
        return std::nullopt;
    }
    return std::string(as_text(mark.subspan(order.meaning.size())));
}

Transaction transaction_of(const Site& site, const SignApi& api, const ApiOrder& order) {
    Transaction made;
    made.service = site.service();
    made.nif = order.nif;
    made.unclaimed = true;
    made.only_session = order.session;
    made.format = order.format;
    made.wanted_upgrade = order.upgrade;
    made.requirement = api.requirement;
    made.title = order.title;
    made.procedure = order.procedure;
    made.target = order.target;
    made.documents = order.documents;
    made.stop_on_error = order.stop_on_error;
    describe_documents(made);
    return made;
}

bool will_fit(Transaction later) {
    later.redirect.assign(kMostRedirect, 'x');
    later.fire_id.assign(kMostFireId, 'x');
    later.name.assign(kMostPersonName, 'x');
    return encode(later).has_value();
}

// The archive knows an order for as long as its transaction: longer than the store, which also may
// be emptied (F-09: an application never sees two signatures for one key).
Task<Result<std::string>> keep(const Signing& signing, const ApiOrder& order, const Digest& key,
                               std::string id) {
    const auto unique = make_sign_id(signing.services().random);
    if (!unique) {
        co_return fail(Code::random);
    }
    auto keeping =
        offload(signing.services().pool,
                [archive = signing.archive(), name = hex_encode(key), unique = "order-" + *unique,
                 mark = mark_of(order, id)] { return archive.keep_order(name, unique, mark); });
    const auto kept = co_await keeping;
    if (!kept) {
        co_return tl::unexpected(kept.error());
    }
    auto known = id_in(*kept, order);
    if (!known) {
        co_return fail(Code::api_key, kOfAnother);
    }
    co_return std::move(*known);
}

// The transaction that this order is, from now on or from before. Whoever has sent it twice at once
// gets the same.
Task<Result<std::string>> reserve(const Signing& signing, const ApiOrder& order) {
    const Digest key = key_of(signing.site(), order.idempotency_key);
    const auto id = make_sign_id(signing.services().random);
    if (!id) {
        co_return fail(Code::random);
    }
    const Time now = signing.now();
    const std::vector<std::byte> mark = mark_of(order, *id);
    auto swapping = signing.services().store.swap(key, "", mark, now + kTransactionLifetime, now);
    const auto won = co_await std::move(swapping);
    if (won && *won) {
        auto keeping = keep(signing, order, key, *id);
        co_return co_await std::move(keeping);
    }
    // Also after an error: it may have been written.
    auto reading = signing.services().store.read(key, now);
    const auto there = co_await std::move(reading);
    if (!there || !*there) {
        co_return there ? fail(Code::store, "an order's key was written and is not there")
                        : tl::unexpected(there.error());
    }
    auto known = id_in((*there)->record, order);
    if (!known) {
        co_return fail(Code::api_key, kOfAnother);
    }
    auto keeping = keep(signing, order, key, std::move(*known));
    co_return co_await std::move(keeping);
}

Reply refused(const Signing& signing, Error error) {
    return problem_answer(signing.services().random, std::move(error));
}

}  // namespace

Task<Reply> take_order(const Signing& signing, const SignApi& api, const Request& request) {
    const std::string_view type = request.content_type.substr(0, request.content_type.find(';'));
    if (type != "application/json") {
        co_return refused(signing, Error{Code::api_format, "not of type application/json"});
    }
    auto order = read_order(signing.site(), request.body, signing.settings().fire.most_documents);
    if (!order) {
        co_return refused(signing, std::move(order.error()));
    }
    Transaction made = transaction_of(signing.site(), api, *order);
    made.created = signing.now();
    if (!will_fit(made)) {  // before its key is taken
        co_return refused(signing, Error{Code::api_field, "names and texts are too long together"});
    }
    auto reserving = reserve(signing, *order);
    auto id = co_await std::move(reserving);
    if (!id) {
        co_return refused(signing, std::move(id.error()));
    }
    auto finding = find_order(signing, *id);
    auto found = co_await std::move(finding);
    if (!found) {
        co_return refused(signing, std::move(found.error()));
    }
    if (*found) {
        co_return order_answer(signing.site(), 200, (*found)->is);
    }
    made.id = *id;
    auto claiming = claim_room(signing, made.nif, made.id, 0);
    auto claimed = co_await std::move(claiming);
    if (!claimed) {
        co_return refused(signing, std::move(claimed.error().error));
    }
    if (!signing.services().random.fill(made.nonce)) {
        co_return refused(signing, Error{Code::random, {}});
    }
    auto making = offload(signing.services().pool, [archive = signing.archive(), id = made.id] {
        return archive.make_room(id);
    });
    const Result<void> room = co_await making;
    if (!room) {
        co_return refused(signing, room.error());
    }
    HeldTransaction held;
    auto advancing = signing.advance(held, std::move(made));
    const auto first = co_await std::move(advancing);
    if (!first) {
        co_return refused(signing, first.error());
    }
    if (!*first) {  // sent twice at once
        auto again = signing.find(*id);
        found = co_await std::move(again);
        if (!found || !*found) {
            co_return refused(signing, found ? Error{Code::store, "an order that went"}
                                             : std::move(found.error()));
        }
        co_return order_answer(signing.site(), 200, (*found)->is);
    }
    Reply reply = order_answer(signing.site(), 201, held.is);
    reply.headers.emplace_back(
        "Location",
        std::string(request.path) + (request.path.ends_with('/') ? "" : "/") + held.is.id);
    co_return reply;
}

}  // namespace clave
