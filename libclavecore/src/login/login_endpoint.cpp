#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "clave/saml.h"
#include "login/answer.h"
#include "login/arrival.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/kept_outcome.h"
#include "login/request_id.h"

namespace clave {
namespace {

std::vector<Method> methods_not_offered(const Requirement& requirement) {
    std::vector<Method> excluded;
    for (std::size_t i = 0; i < kMethods; ++i) {
        if (!requirement.offer[i]) {
            excluded.push_back(static_cast<Method>(i));
        }
    }
    return excluded;
}

saml::AuthnRequest authn_request(const Site& site, const PendingLogin& login) {
    saml::AuthnRequest authn;
    authn.id = login.state.request_id;
    authn.issue_instant = login.state.begun;
    authn.destination = site.gateway_url;
    authn.acs_url = site.acs_url();
    authn.provider_name = site.provider_name;
    authn.issuer = site.issuer;
    authn.relay_state = login.suffix;
    authn.loa = loa_to_ask(login.state.requirement);
    authn.excluded = methods_not_offered(login.state.requirement);
    return authn;
}

// Cookie or ticket. Code::state if there is neither, or it does not open; Code::random.
Result<PendingLogin> requested_login(const LoginServices& services, const Site& site,
                                     const Request& request) {
    if (auto pending = pending_login(services, site, request)) {
        return std::move(*pending);
    }
    auto state = ticketed_login(services, site, request);
    if (!state) {
        return fail(Code::state, "no login under way in this browser");
    }
    auto suffix = make_suffix(services.random);
    if (!suffix) {
        return fail(Code::random);
    }
    return PendingLogin{std::move(*suffix), std::move(*state)};
}

}  // namespace

Task<Reply> serve_login(const LoginServices& services, const Site& site, const Request& request) {
    const Time now = services.clock.now();
    auto login = requested_login(services, site, request);
    if (!login) {
        co_return no_login(services, site, request, login.error());
    }
    LoginState& state = login->state;
    pages::Facts facts;
    facts.onward = state.target;
    facts.needed = &state.requirement;

    CurrentSession session(services, site, request);
    auto loading = session.load();
    co_await std::move(loading);
    if (session.unknown()) {
        co_return refusal_page(services, site, request, Error{Code::store, {}}, facts);
    }
    if (session.satisfies(state.requirement, now)) {
        // Another tab was faster, or somebody went back in the history.
        co_return go_on(services, site, request, *login, session);
    }

    auto id =
        make_request_id(services.request_key, services.random, now, login->suffix, site.service());
    if (!id) {
        co_return refusal_page(services, site, request, Error{Code::random, {}}, facts);
    }
    state.request_id = std::move(*id);
    state.begun = now;
    auto asking = KeptOutcome::epoch(services.store, state.request_id);
    const auto epoch = co_await std::move(asking);
    if (!epoch) {
        co_return refusal_page(services, site, request, epoch.error(), facts);
    }
    state.epoch = *epoch;

    auto signing = offload(
        services.pool,
        [authn = authn_request(site, *login), key = site.keys.front(),
         leaf = site.certificate.front()] { return saml::sign_authn_request(authn, key, leaf); });
    const Result<std::string> xml = co_await signing;
    if (!xml) {
        co_return refusal_page(services, site, request, xml.error(), facts);
    }

    const std::string message = base64_encode(as_bytes(*xml));
    const std::string this_page = site.path + "login?s=" + login->suffix;
    facts.onward = this_page;
    facts.gateway_url = site.gateway_url;
    facts.saml_request = message;
    facts.relay_state = login->suffix;
    Reply reply = explaining_page(services, site, request, PageId::redirect, "redirect", facts);
    if (!remember(services, site, request, *login, reply)) {
        facts.onward = state.target;
        co_return refusal_page(services, site, request, Error{Code::random, {}}, facts);
    }
    co_return reply;
}

}  // namespace clave
