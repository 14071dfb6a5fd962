#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/offload.h"
#include "clave/saml.h"
#include "login/answer.h"
#include "login/answer_form.h"
#include "login/endpoints.h"
#include "login/kept_outcome.h"
#include "login/login_state.h"
#include "login/logout_answer.h"
#include "login/promised_refusal.h"
#include "login/request_id.h"

namespace clave {
namespace {

saml::Expectations expectations(const Site& site, Time now) {
    saml::Expectations expected;
    expected.gateway = site.gateway_certificates;
    expected.issuers = site.gateway_issuers;
    expected.decryption = site.keys;
    expected.acs_url = site.acs_url();
    expected.own_issuer = site.issuer;
    expected.require_encryption = site.require_encryption;
    expected.skew = site.skew;
    expected.now = now;
    expected.registration_attribute = site.registration_attribute;
    expected.registration_values = site.registration_values;
    expected.wanted_attributes = site.attributes;
    return expected;
}

// Marks the assertion as seen for as long as it could be presented again. A store that cannot tell
// is an error: nobody gets in on a doubt (S-52).
Task<Result<void>> refuse_replay(Store& store, const saml::VerifiedAssertion& assertion,
                                 const Site& site, Time now) {
    const Digest key = sha256("assertion\n" + site.service() + "\n" + assertion.assertion_id());
    const Time until = std::max(assertion.not_on_or_after(), now) + site.skew;
    auto marking = store.mark(key, until, now);
    const auto first_time = co_await std::move(marking);
    if (!first_time) {
        co_return tl::unexpected<Error>(first_time.error());
    }
    if (!guard("replay mark", *first_time)) {
        co_return fail(Code::replay, "assertion presented before");
    }
    co_return Result<void>{};
}

Task<Reply> judge_answer(const LoginServices& services, const Site& site, const Request& request) {
    const Time now = services.clock.now();
    auto form = read_answer_form(request);
    if (!form) {
        co_return apparent_request(request) == AnswerTo::logout
            ? refuse_logout_answer(services, site, request, form.error())
            : refusal_page(services, site, request, form.error());
    }
    if (form->request == AnswerTo::logout) {
        auto confirming = serve_logout_answer(services, site, request, std::move(*form));
        co_return co_await std::move(confirming);
    }
    const std::string relay_state = form->relay_state;
    const Digest response = sha256(form->message);

    auto validation =
        offload(services.pool,
                [message = std::move(form->message), expected = expectations(site, now),
                 proof = RequestIdProof(services.request_key, relay_state, site.service(), now)] {
                    return saml::validate_response(message, expected, proof);
                });
    const Result<saml::Outcome> outcome = co_await validation;
    if (!outcome) {
        co_return refusal_page(services, site, request, outcome.error());
    }

    if (const auto* assertion = std::get_if<saml::VerifiedAssertion>(&*outcome)) {
        auto marking = refuse_replay(services.store, *assertion, site, now);
        const auto marked = co_await std::move(marking);
        if (!marked) {
            co_return refusal_page(services, site, request, marked.error());
        }
    }
    const auto receipt = make_suffix(services.random);
    if (!receipt) {
        co_return refusal_page(services, site, request, Error{Code::random, {}});
    }
    const std::string service = site.service();
    auto keeping = KeptOutcome::keep(services.store, *outcome, response, service, *receipt, now);
    const auto kept = co_await std::move(keeping);
    if (!kept) {
        co_return refusal_page(services, site, request, kept.error());
    }
    // The proof bound RelayState to the request: it is a suffix of ours, and no other text.
    Reply reply = redirect_answer(303, site.path + "return?s=" + relay_state + "&o=" + *receipt);
    if (const auto* assertion = std::get_if<saml::VerifiedAssertion>(&*outcome)) {
        reply.gateway_ahead = assertion->issued_at() - now;
    }
    co_return reply;
}

}  // namespace

Task<Reply> serve_answer(const LoginServices& services, const Site& site, const Request& request) {
    PromisedRefusal left(services, request);
    auto judging = judge_answer(services, site, request);
    Reply reply = co_await std::move(judging);
    left.call_off();
    co_return reply;
}

}  // namespace clave
