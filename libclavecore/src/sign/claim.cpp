#include "sign/claim.h"

#include <utility>

#include "base/guard.h"
#include "clave/session.h"
#include "login/answer.h"
#include "login/turn_away.h"
#include "sign/api.h"
#include "sign/overdue.h"
#include "sign/sign_endpoints.h"
#include "sign/take_in.h"

namespace clave {
namespace {

void make_his(Transaction& transaction, const Identified& who) {
    transaction.unclaimed = false;
    transaction.only_session.clear();
    transaction.session = who.key;
    transaction.name = full_name(who.session);
    transaction.credential = who.session.credential;
    transaction.login = login_proof(who.session);
}

}  // namespace

Task<std::optional<Reply>> claim(const Signing& signing, const Request& request,
                                 HeldTransaction& held, const Identified& who) {
    const Site& site = signing.site();
    const LoginServices& services = signing.services();
    const auto nothing_here = [&] {
        return refusal_page(services, site, request, Error{Code::not_found, {}});
    };
    const bool his = guard("sign claim person", who.session.nif == held.is.nif) &&
                     site.is_service(held.is.service);
    if (!his) {
        co_return nothing_here();
    }
    if (is_lost(held)) {  // with the session that it may have been for; nothing can be signed
        make_his(held.is, who);
        co_return std::nullopt;
    }
    const bool in_session =
        held.is.only_session.empty() || session_hash(who.key) == held.is.only_session;
    if (!guard("sign claim session", in_session)) {
        co_return nothing_here();
    }
    const bool ready = held.is.state != SignState::created || is_complete(held.is);
    if (!guard("sign incomplete", ready)) {
        co_return refusal_page(services, site, request,
                               Error{Code::api_state, "not all documents are there"});
    }
    const Admission admission = admit(held.is.requirement, who.session.credential, signing.now());
    if (!guard("sign claim level", admission == Admission::granted)) {
        if (!held.is.only_session.empty()) {
            // He was here in the session that was meant, and comes back with a better one.
            Transaction next = held.is;
            next.only_session.clear();
            auto advancing = signing.advance(held, std::move(next));
            const auto advanced = co_await std::move(advancing);
            if (!advanced) {
                co_return refusal_page(services, site, request, advanced.error());
            }
        }
        co_return turn_away(services, site, held.is.requirement, request,
                            Unauthenticated::automatic, who, admission);
    }
    make_his(held.is, who);
    co_return std::nullopt;
}

}  // namespace clave
