#include <utility>

#include "login/answer.h"
#include "login/arrival.h"
#include "login/browser.h"
#include "login/endpoints.h"

namespace clave {

Task<Reply> serve_session_expired(const LoginServices& services, const Site& site,
                                  const Request& request) {
    const auto login = pending_login(services, site, request);
    if (!login) {
        co_return no_login(services, site, request,
                           Error{Code::state, "no login under way in this browser"});
    }
    CurrentSession session(services, site, request);
    auto loading = session.load();
    co_await std::move(loading);
    pages::Facts facts;
    if (session.unknown()) {
        facts.onward = login->state.target;
        co_return refusal_page(services, site, request, Error{Code::store, {}}, facts);
    }
    const std::string login_url = site.path + "login?s=" + login->suffix;
    const Requirement& requirement = login->state.requirement;
    if (session.satisfies(requirement, services.clock.now())) {
        co_return go_on(services, site, request, *login, session);  // another tab has logged in
    }
    if (session.exists()) {
        co_return redirect_answer(303, login_url);
    }
    facts.onward = login_url;
    facts.needed = &requirement;
    facts.form_waits = login->state.form.has_value();
    co_return explaining_page(services, site, request, PageId::session_expired, "session-expired",
                              facts);
}

}  // namespace clave
