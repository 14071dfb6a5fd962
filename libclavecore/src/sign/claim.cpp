#include "sign/claim.h"

#include <utility>

#include "base/guard.h"
#include "clave/session.h"
#include "login/answer.h"
#include "login/turn_away.h"
#include "sign/api.h"
#include "sign/sign_endpoints.h"
#include "sign/take_in.h"

namespace clave {

Task<std::optional<Reply>> claim(const Signing& signing, const Request& request,
                                 HeldTransaction& held, const Identified& who) {
    const Site& site = signing.site();
    const LoginServices& services = signing.services();
    const bool his = guard("sign claim person", who.session.nif == held.is.nif) &&
                     site.is_service(held.is.service);
    const bool in_session =
        held.is.only_session.empty() || session_hash(who.key) == held.is.only_session;
    if (!his || !guard("sign claim session", in_session)) {
        co_return refusal_page(services, site, request, Error{Code::not_found, {}});
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
    held.is.unclaimed = false;
    held.is.only_session.clear();
    held.is.session = who.key;
    held.is.name = full_name(who.session);
    held.is.credential = who.session.credential;
    held.is.login = login_proof(who.session);
    co_return std::nullopt;
}

}  // namespace clave
