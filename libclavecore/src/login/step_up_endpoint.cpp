#include <utility>

#include "login/answer.h"
#include "login/arrival.h"
#include "login/browser.h"
#include "login/endpoints.h"

namespace clave {

Task<Reply> serve_step_up(const LoginServices& services, const Site& site, const Request& request) {
    const auto login = pending_login(services, site, request);
    if (!login) {
        co_return no_login(services, site, request,
                           Error{Code::state, "no login under way in this browser"});
    }
    const Requirement& requirement = login->state.requirement;
    CurrentSession session(services, site, request);
    auto loading = session.load();
    co_await std::move(loading);
    pages::Facts facts;
    if (session.unknown()) {
        facts.onward = login->state.target;
        co_return refusal_page(services, site, request, Error{Code::store, {}}, facts);
    }
    const std::string login_url = site.path + "login?s=" + login->suffix;
    if (!session.exists()) {
        co_return redirect_answer(303, login_url);  // it ended meanwhile: nothing to explain
    }
    const Credential& held = session.who().session.credential;
    const Admission wanting = admit(requirement, held, services.clock.now());
    if (wanting == Admission::granted) {
        co_return go_on(services, site, request, *login, session);
    }
    facts.onward = login_url;
    facts.needed = &requirement;
    facts.held = &held;
    facts.wanting = wanting;
    co_return explaining_page(services, site, request, PageId::step_up, "stepup", facts);
}

}  // namespace clave
