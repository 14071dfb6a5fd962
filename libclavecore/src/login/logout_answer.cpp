#include "login/logout_answer.h"

#include <utility>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/offload.h"
#include "clave/saml_logout.h"
#include "login/answer.h"
#include "login/request_id.h"

namespace clave {
namespace {

saml::LogoutExpectations expectations(const Site& site, Time now) {
    saml::LogoutExpectations expected;
    expected.gateway = site.gateway_certificates;
    expected.issuers = site.gateway_issuers;
    expected.return_url = site.acs_url();
    expected.skew = site.skew;
    expected.now = now;
    return expected;
}

Task<Result<void>> use_once(Store& store, const saml::VerifiedLogout& logout, const Site& site,
                            Time now) {
    const Digest key = sha256("logout\n" + site.service() + "\n" + logout.request_id());
    // For as long as the ID itself would be accepted, on a machine whose clock is behind.
    const Time until = logout.requested_at() + kRequestLifetime + site.skew;
    auto marking = store.mark(key, until, now);
    const auto first_time = co_await std::move(marking);
    if (!first_time) {
        co_return tl::unexpected<Error>(first_time.error());
    }
    if (!guard("logout replay", *first_time)) {
        co_return fail(Code::logout, "this logout was confirmed before");
    }
    co_return Result<void>{};
}

}  // namespace

Reply refuse_logout_answer(const LoginServices& services, const Site& site, const Request& request,
                           Error error) {
    return refusal_with(services, site, request, PageId::logout_unconfirmed, std::move(error));
}

Task<Reply> serve_logout_answer(const LoginServices& services, const Site& site,
                                const Request& request, AnswerForm form) {
    const Time now = services.clock.now();
    auto validation = offload(
        services.pool, [message = std::move(form.message), expected = expectations(site, now),
                        proof = RequestIdProof(services.logout_key, std::move(form.relay_state),
                                               site.service(), now)] {
            return saml::validate_logout_response(message, expected, proof);
        });
    const Result<saml::VerifiedLogout> verified = co_await validation;
    if (!verified) {
        co_return refuse_logout_answer(services, site, request, verified.error());
    }
    auto using_it = use_once(services.store, *verified, site, now);
    const auto used = co_await std::move(using_it);
    if (!used) {
        co_return refuse_logout_answer(services, site, request, used.error());
    }
    Reply reply = redirect_answer(303, site.logout_target);
    reply.events.push_back({EventKind::logout_confirmed});
    co_return reply;
}

}  // namespace clave
