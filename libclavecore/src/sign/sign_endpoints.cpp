#include "sign/sign_endpoints.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/form.h"
#include "clave/offload.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/page_language.h"
#include "login/set_cookie.h"
#include "login/turn_away.h"
#include "sign/claim.h"
#include "sign/overdue.h"
#include "sign/quota.h"
#include "sign/receipt.h"
#include "sign/sign_page.h"
#include "sign/take_in.h"

namespace clave {
namespace {

constexpr Seconds kClaim{60};
constexpr std::uint64_t kMostReceipt = 64 * 1024;
constexpr auto kLeaving = "this worker is about to leave, or has no memory";

Reply refused(const Signing& signing, const Request& request, Error error) {
    return refusal_page(signing.services(), signing.site(), request, std::move(error));
}

Reply to_base(const Signing& signing, const Transaction& transaction) {
    return redirect_answer(303, sign_base(signing.site(), transaction.id));
}

bool is_read(const Request& request) noexcept {
    return request.method == "GET" || request.method == "HEAD";
}

std::string_view methods_of(std::string_view what) noexcept {
    const bool posts = what == "confirm" || what == "cancel" || what == "again";
    return posts ? "POST" : "GET, HEAD";
}

bool is_known(std::string_view what) noexcept {
    constexpr auto kKnown =
        std::to_array<std::string_view>({"", "document", "confirm", "cancel", "again", "ok", "ko",
                                         "deliver", "fields", "signature", "receipt.json"});
    return std::find(kKnown.begin(), kKnown.end(), what) != kKnown.end();
}

// The step, and what it makes necessary, as one piece of work: nobody else would do the second
// half. Whether the step was taken is in `won`, which the request reads if it is still there.
Task<void> confirm_and_ask(Signing signing, HeldTransaction held, Transaction next,
                           std::string language, std::shared_ptr<Result<bool>> won) {
    auto advancing = signing.advance(held, std::move(next));
    *won = co_await std::move(advancing);
    if (*won && **won) {
        auto asking = ask_fire_to_sign(signing, std::move(held), std::move(language));
        co_await std::move(asking);
    }
}

Task<void> return_and_recover(Signing signing, HeldTransaction held, Transaction next,
                              std::shared_ptr<Result<bool>> won) {
    auto advancing = signing.advance(held, std::move(next));
    *won = co_await std::move(advancing);
    if (*won && **won) {
        auto recovering = recover(signing, std::move(held));
        co_await std::move(recovering);
    }
}

// What is the same when it is done again: who wants what, and nothing that became of it.
Transaction ordered_again(const Transaction& before) {
    Transaction next;
    next.service = before.service;
    next.nif = before.nif;
    next.format = before.format;
    next.operation = before.operation;
    next.wanted_upgrade = before.wanted_upgrade;
    next.requirement = before.requirement;
    next.title = before.title;
    next.procedure = before.procedure;
    next.target = before.target;
    next.document_name = before.document_name;
    next.media_type = before.media_type;
    next.size = before.size;
    next.sha256 = before.sha256;
    next.answered = before.answered;
    return next;
}

// A form cannot wait for a login; the page that it is on can.
Request page_instead(const Request& request, std::string_view base) {
    Request page = request;
    page.method = "GET";
    page.raw_target = base;
    page.path = base;
    return page;
}

// F-04: a login that is too old by now is done again; afterwards she is where she was, and decides
// then. nullopt: it is good.
std::optional<Reply> better_login(const Signing& signing, const Request& request,
                                  const Transaction& transaction, const Identified& who) {
    const Admission admission =
        admit(transaction.requirement, who.session.credential, signing.now());
    if (guard("sign confirm level", admission == Admission::granted)) {
        return std::nullopt;
    }
    const std::string base = sign_base(signing.site(), transaction.id);
    return turn_away(signing.services(), signing.site(), transaction.requirement,
                     page_instead(request, base), Unauthenticated::login, who, admission);
}

}  // namespace

std::string sign_base(const Site& site, std::string_view id) {
    return site.path + "sign/" + std::string(id) + "/";
}

std::string sign_cookie_name(const Site& site) {
    return site.cookie + "-sign";
}

Task<Reply> serve_sign(const LoginServices& services, const Site& site, const Request& request,
                       std::string_view path) {
    const Signing signing(services, site);
    const std::string_view id = path.substr(0, path.find('/'));
    const std::string_view what =
        id.size() == path.size() ? std::string_view("/") : path.substr(id.size() + 1);
    if (!is_sign_id(id) || !is_known(what)) {
        co_return refused(signing, request, Error{Code::not_found, {}});
    }
    const std::string_view allowed = methods_of(what);
    if (allowed.find(request.method) == std::string_view::npos) {
        co_return method_not_allowed(services, site, request, allowed);
    }
    CurrentSession session(services, site, request);
    auto loading = session.load();
    co_await std::move(loading);
    if (session.unknown()) {
        co_return store_down(services, site, request);
    }
    auto finding = signing.find(std::string(id));
    auto found = co_await std::move(finding);
    if (!found) {
        co_return refused(signing, request, std::move(found.error()));
    }
    if (!*found) {
        co_return refused(signing, request, Error{Code::not_found, {}});
    }
    HeldTransaction& held = **found;
    if (!session.exists()) {
        const std::string base = sign_base(site, id);
        const Request page = is_read(request) ? request : page_instead(request, base);
        co_return turn_away(services, site, held.is.requirement, page, Unauthenticated::automatic,
                            session.who(), Admission::level_low);
    }
    if (held.is.unclaimed) {
        auto claiming = claim(signing, request, held, session.who());
        auto answer = co_await std::move(claiming);
        if (answer) {
            co_return std::move(*answer);
        }
    }
    // No oracle: what is somebody else's is not there (F-03).
    if (!belongs_to(held.is, site, session.who())) {
        co_return refused(signing, request, Error{Code::not_found, {}});
    }
    if (is_lost(held)) {
        auto ending = end_forgotten(signing, held);
        const auto ended = co_await std::move(ending);
        co_return ended ? to_base(signing, held.is) : refused(signing, request, ended.error());
    }
    if (!is_read(request)) {
        const auto good = check_sign_form(signing, request, held.is, session.who().key);
        if (!good) {
            co_return refused(signing, request, good.error());
        }
    }
    if (what == "confirm") {
        auto confirming = confirm(signing, request, std::move(held), session.who());
        co_return co_await std::move(confirming);
    }
    if (what == "cancel") {
        auto cancelling = cancel(signing, request, std::move(held));
        co_return co_await std::move(cancelling);
    }
    if (what == "again") {
        auto beginning = begin_again(signing, request, std::move(held), session.who());
        co_return co_await std::move(beginning);
    }
    if (what == "ok" || what == "ko") {
        auto coming = come_back(signing, request, std::move(held), what == "ko");
        co_return co_await std::move(coming);
    }
    if (what == "deliver") {
        auto handing = hand_over(signing, request, std::move(held));
        co_return co_await std::move(handing);
    }
    if (!what.empty()) {
        const Transaction& is = held.is;
        auto showing = show_file(signing, request, is, what);
        co_return co_await std::move(showing);
    }
    // The forms on it are for the session that looks at it.
    held.is.session = session.who().key;
    auto showing = show_state(signing, request, std::move(held));
    co_return co_await std::move(showing);
}

// ---- where it stands

Task<Reply> show_state(const Signing& signing, const Request& request, HeldTransaction held) {
    const Digest session = held.is.session;
    if (is_overdue(signing, held.is)) {
        const std::string id = held.is.id;
        auto settling = settle(signing, std::move(held));
        co_await std::move(settling);
        auto finding = signing.find(id);
        auto found = co_await std::move(finding);
        if (!found || !*found || is_overdue(signing, (*found)->is)) {
            co_return refused(signing, request, Error{Code::store, "nobody ends this signature"});
        }
        held = std::move(**found);
        held.is.session = session;
    }
    const auto page = [&](PageId id) { return sign_page(signing, request, id, held.is, session); };
    SignPageFacts review;
    if (held.is.state <= SignState::shown) {
        auto looking =
            offload(signing.services().pool, [archive = signing.archive(), id = held.is.id] {
                return archive.has(id, Archive::kFields);
            });
        const Result<bool> there = co_await looking;
        if (!there) {
            co_return refused(signing, request, there.error());
        }
        review.fields = *there;
    }
    switch (held.is.state) {
        case SignState::created: {
            Transaction next = held.is;
            next.state = SignState::shown;
            auto advancing = signing.advance(held, std::move(next));
            const auto shown = co_await std::move(advancing);
            if (!shown) {
                co_return refused(signing, request, shown.error());
            }
            co_return *shown
                ? sign_page(signing, request, PageId::sign_review, held.is, session, review)
                : to_base(signing, held.is);
        }
        case SignState::shown:
            co_return sign_page(signing, request, PageId::sign_review, held.is, session, review);
        case SignState::at_gateway:
            co_return page(PageId::sign_redirect);
        case SignState::confirmed:
        case SignState::recovering:
            co_return page(PageId::sign_pending);
        case SignState::finished:
            if (!held.is.is_of_application() && held.is.delivering_until == Time{}) {
                co_return redirect_answer(303, sign_base(signing.site(), held.is.id) + "deliver");
            }
            // The application fetches it, whether its person goes there or not; or it was down.
            [[fallthrough]];
        case SignState::delivered: {
            auto reading = offload(signing.services().pool, [archive = signing.archive(),
                                                             id = held.is.id] {
                return archive.read(id, Archive::kReceipt, kMostReceipt).map_error([&](Error why) {
                    return archive.why_unreadable(id, std::move(why));
                });
            });
            const auto receipt = co_await reading;
            if (!receipt && receipt.error().code == Code::sign_erased) {
                co_return refused(signing, request, receipt.error());
            }
            co_return sign_page(
                signing, request, PageId::sign_receipt, held.is, session,
                {receipt ? read_receipt(as_text(*receipt)) : ReceiptWords(), false});
        }
        case SignState::cancelled:
        case SignState::failed:
        case SignState::expired:
        case SignState::lost:
            break;
    }
    co_return page(page_of_end(held.is));
}

// ---- what a person decides

Task<Reply> confirm(const Signing& signing, const Request& request, HeldTransaction held,
                    const Identified& who) {
    const auto fields = parse_form(request.body);
    const bool has_read = fields && std::any_of(fields->begin(), fields->end(), [](const auto& f) {
                              return f.name == "read" && f.value == "1";
                          });
    if (held.is.state != SignState::shown || !has_read || is_overdue(signing, held.is)) {
        co_return to_base(signing, held.is);  // once is enough (F-08); not seen is not confirmed
    }
    if (auto login = better_login(signing, request, held.is, who)) {
        co_return std::move(*login);
    }
    Transaction next = held.is;
    next.state = SignState::confirmed;
    next.session = who.key;
    next.credential = who.session.credential;
    next.login = login_proof(who.session);
    const std::string base = sign_base(signing.site(), held.is.id);
    std::string language(tag(page_language(signing.site(), request)));
    const auto won = std::make_shared<Result<bool>>(fail(Code::store, kLeaving));
    auto confirming = signing.outlive(
        confirm_and_ask(signing, std::move(held), std::move(next), std::move(language), won));
    co_await std::move(confirming);
    co_return *won ? redirect_answer(303, base) : refused(signing, request, won->error());
}

Task<Reply> cancel(const Signing& signing, const Request& request, HeldTransaction held) {
    if (held.is.state == SignState::created || held.is.state == SignState::shown) {
        auto ending = signing.end(held, SignState::cancelled, SignReason::cancelled,
                                  Code::sign_gateway, "before Cl@ve Firma");
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return refused(signing, request, ended.error());
        }
    }
    co_return to_base(signing, held.is);
}

Task<Reply> begin_again(const Signing& signing, const Request& request, HeldTransaction held,
                        const Identified& who) {
    const bool is_over = is_end(held.is.state) && held.is.state != SignState::delivered;
    // What an application has ordered, it orders again: it would not know of another one.
    if (!is_over || held.is.is_of_application()) {
        co_return to_base(signing, held.is);
    }
    if (auto login = better_login(signing, request, held.is, who)) {
        co_return std::move(*login);
    }
    auto id = make_sign_id(signing.services().random);
    Transaction next = ordered_again(held.is);
    if (!id || !signing.services().random.fill(next.nonce)) {
        co_return refused(signing, request, Error{Code::random, {}});
    }
    next.id = std::move(*id);
    next.created = signing.now();
    next.session = who.key;
    next.name = full_name(who.session);
    next.credential = who.session.credential;
    next.login = login_proof(who.session);
    auto repeating = offload(signing.services().pool,
                             [archive = signing.archive(), id = next.id, from = held.is.id] {
                                 auto made = archive.repeat(id, from);
                                 if (!made) {
                                     archive.discard(id);
                                 }
                                 return made;
                             });
    const Result<void> repeated = co_await repeating;
    if (!repeated) {
        auto looking =
            offload(signing.services().pool, [archive = signing.archive(), id = held.is.id] {
                return archive.has(id, Archive::kDocument);
            });
        const Result<bool> there = co_await looking;
        const bool gone = there && !*there;  // in another machine's archive, or erased
        co_return refused(
            signing, request,
            gone ? Error{Code::post_lost, "its document is not here"} : repeated.error());
    }
    // Afterwards, as the old one may have to make room.
    auto claiming = claim_room(signing, next.nif, next.id, next.size);
    auto claimed = co_await std::move(claiming);
    if (!claimed) {
        auto discarding = offload(signing.services().pool, [archive = signing.archive(),
                                                            id = next.id] { archive.discard(id); });
        static_cast<void>(co_await discarding);
        co_return quota_page(signing, request, std::move(claimed.error()), way_of(held.is), {});
    }
    HeldTransaction fresh;
    const std::string base = sign_base(signing.site(), next.id);
    auto advancing = signing.advance(fresh, std::move(next));
    const auto advanced = co_await std::move(advancing);
    co_return advanced ? redirect_answer(303, base) : refused(signing, request, advanced.error());
}

// ---- back from FIRe

// A hint and no proof: anyone may open this address (F-17). Who has no nonce learns nothing.
Task<Reply> come_back(const Signing& signing, const Request& request, HeldTransaction held,
                      bool with_error) {
    std::array<std::byte, 16> nonce{};
    const bool ours = base64url_decode_to(nonce, query_value(request.query, "n")) &&
                      equal_in_constant_time(nonce, held.is.nonce);
    if (!guard("sign nonce", ours)) {
        co_return refused(signing, request, Error{Code::not_found, {}});
    }
    // An application is told that its person is back; from everything else, the other leads to it.
    const std::string onward =
        sign_base(signing.site(), held.is.id) + (held.is.is_of_application() ? "deliver" : "");
    if (held.is.state == SignState::at_gateway && request.method == "GET") {
        Transaction next = held.is;
        next.state = SignState::recovering;
        next.asks_why = with_error;
        const auto won = std::make_shared<Result<bool>>(fail(Code::store, kLeaving));
        auto returning =
            signing.outlive(return_and_recover(signing, std::move(held), std::move(next), won));
        co_await std::move(returning);
        if (!*won) {
            co_return refused(signing, request, won->error());
        }
    }
    co_return redirect_answer(303, onward);
}

// ---- onward to the application

Task<Reply> hand_over(const Signing& signing, const Request& request, HeldTransaction held) {
    const bool is_signed = held.is.state == SignState::finished ||
                           (held.is.state == SignState::delivered && held.is.is_of_application());
    if (!is_signed || request.method != "GET") {
        co_return to_base(signing, held.is);
    }
    if (held.is.is_of_application()) {  // it asks for the signature; nothing of it is in an address
        co_return redirect_answer(303, held.is.target);
    }
    if (held.is.delivering_until > signing.now()) {  // another tab is at it
        co_return sign_page(signing, request, PageId::sign_pending, held.is, held.is.session);
    }
    Reply reply = redirect_answer(303, held.is.target);
    set_cookie(reply, lasting_cookie(sign_cookie_name(signing.site()), held.is.id, kClaim));
    co_return reply;
}

}  // namespace clave
