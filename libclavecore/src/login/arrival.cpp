#include "login/arrival.h"

#include "base/guard.h"
#include "login/answer.h"
#include "login/last_person.h"
#include "login/set_cookie.h"
#include "login/waiting_form.h"

namespace clave {
namespace {

Reply with_form(const LoginServices& services, const Site& site, const Request& request,
                const LoginState& state, const WaitingForm& form, const Arrival& arrival) {
    pages::Facts facts;
    facts.onward = state.target;
    const bool theirs = !form.person || is_person(services, *form.person, arrival.nif, arrival.id);
    if (!guard("form person", theirs)) {
        Reply reply = redirect_answer(303, state.target);
        reply.refusals.push_back({Error{Code::post_lost, "the form is of another person"},
                                  make_reference(services.random)});
        return reply;
    }
    if (!still_waits(services, form)) {
        return refusal_page(services, site, request,
                            Error{Code::post_lost, "the form has waited too long"}, facts);
    }
    const auto claim = seal_claim(services, site, form, arrival.session);
    if (!claim) {
        return refusal_page(services, site, request, Error{Code::random, {}}, facts);
    }
    Reply reply = redirect_answer(303, form.target);
    set_cookie(reply, lasting_cookie(claim_cookie_name(site), *claim, kClaimLifetime));
    return reply;
}

}  // namespace

Reply go_on(const LoginServices& services, const Site& site, const Request& request,
            const PendingLogin& login, const Arrival& arrival) {
    const LoginState& state = login.state;
    Reply reply = state.form ? with_form(services, site, request, state, *state.form, arrival)
                             : redirect_answer(303, state.target);
    forget(site, login.suffix, reply);
    return reply;
}

Reply go_on(const LoginServices& services, const Site& site, const Request& request,
            const PendingLogin& login, const CurrentSession& session) {
    const Identified& who = session.who();
    return go_on(services, site, request, login, Arrival{who.key, who.session.nif, who.session.id});
}

}  // namespace clave
