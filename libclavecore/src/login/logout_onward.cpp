#include "login/logout_onward.h"

#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"
#include "clave/saml_logout.h"
#include "login/answer.h"
#include "login/login_state.h"
#include "login/request_id.h"

namespace clave {
namespace {

saml::LogoutRequest logout_request(const Site& site, std::string id, Time now) {
    saml::LogoutRequest request;
    request.id = std::move(id);
    request.issue_instant = now;
    request.destination = site.gateway_url;
    request.return_url = site.acs_url();
    request.provider_id = site.provider_name.substr(0, site.provider_name.find(';'));
    return request;
}

}  // namespace

Task<Reply> ask_gateway_to_log_out(const LoginServices& services, const Site& site,
                                   const Request& request) {
    const Time now = services.clock.now();
    const auto suffix = make_suffix(services.random);
    auto id =
        suffix ? make_request_id(services.logout_key, services.random, now, *suffix, site.service())
               : std::nullopt;
    if (!id) {
        co_return refusal_with(services, site, request, PageId::logout_unconfirmed,
                               Error{Code::random, {}});
    }
    auto signing = offload(
        services.pool,
        [logout = logout_request(site, std::move(*id), now), key = site.keys.front(),
         leaf = site.certificate.front()] { return saml::sign_logout_request(logout, key, leaf); });
    const Result<std::string> xml = co_await signing;
    if (!xml) {
        co_return refusal_with(services, site, request, PageId::logout_unconfirmed, xml.error());
    }
    const std::string message = base64_encode(as_bytes(*xml));
    pages::Facts facts;
    facts.gateway_url = site.gateway_url;
    facts.saml_request = message;
    facts.relay_state = *suffix;
    co_return page_answer(services, site, request, 200, PageId::logout, facts);
}

}  // namespace clave
