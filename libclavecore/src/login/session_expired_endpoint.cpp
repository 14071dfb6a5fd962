#include <utility>

#include "login/answer.h"
#include "login/arrival.h"
#include "login/browser.h"
#include "login/endpoints.h"

namespace clave {
namespace {

// Whether the browser was on its way back from Cl@ve Firma, where a signature may have been made.
bool comes_from_signing(const Site& site, std::string_view target) noexcept {
    const std::string_view path = target.substr(0, target.find('?'));
    return path.starts_with(site.path) && path.substr(site.path.size()).starts_with("sign/") &&
           (path.ends_with("/ok") || path.ends_with("/ko"));
}

}  // namespace

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
    facts.signing = comes_from_signing(site, login->state.target);
    co_return explaining_page(services, site, request, PageId::session_expired, "session-expired",
                              facts);
}

}  // namespace clave
