#include "clave/gate.h"

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/signing_site.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/person_sessions.h"
#include "login/turn_away.h"
#include "sign/api.h"
#include "sign/api_answer.h"
#include "sign/api_order.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// As in the Allow header; empty if there is no such endpoint.
std::string_view allowed_methods(std::string_view endpoint) noexcept {
    if (endpoint == "acs") {
        return "POST";
    }
    if (endpoint == "return") {
        return "GET";  // it takes the outcome, which a HEAD must not
    }
    if (endpoint == "session") {
        return "GET, HEAD, POST";
    }
    const bool readable = endpoint == "login" || endpoint == "stepup" || endpoint == "expired" ||
                          endpoint == "language" || endpoint.starts_with("assets/");
    return readable ? "GET, HEAD" : "";
}

bool is_allowed(std::string_view method, std::string_view allowed) noexcept {
    while (!allowed.empty()) {
        const std::size_t comma = allowed.find(", ");
        if (method == allowed.substr(0, comma)) {
            return true;
        }
        allowed.remove_prefix(comma == std::string_view::npos ? allowed.size() : comma + 2);
    }
    return false;
}

}  // namespace

Gate::Gate(Store& store, const KeyRing& master, WorkerPool& pool, Clock& clock, Random& random,
           Parcels* parcels, SignDesk* desk)
    : services_(std::make_unique<const LoginServices>(LoginServices{
          store, pool, clock, random, master.derive("clave state"), master.derive("clave request"),
          master.derive("clave attempts"), master.derive("clave person"),
          master.derive("clave logout"), master.derive("clave form"), master.derive("clave owner"),
          master.derive("clave page"), master.derive("clave sign"), parcels, desk})) {}
Gate::~Gate() = default;
Gate::Gate(Gate&&) noexcept = default;
Gate& Gate::operator=(Gate&&) noexcept = default;

Identified Gate::identify(const Site& site, std::string_view session_cookie, RecordBytes& buffer,
                          Touch touch) const noexcept {
    return clave::identify(*services_, site, session_cookie, buffer, touch);
}

Task<Identified> Gate::ask_store(const Site& site, Digest key, RecordBytes& buffer,
                                 Touch touch) const {
    return clave::ask_store(*services_, site, key, buffer, touch);
}

Reply Gate::turn_away(const Site& site, const Requirement& requirement, const Request& request,
                      Unauthenticated mode, const Identified& who, Admission why) const {
    return clave::turn_away(*services_, site, requirement, request, mode, who, why);
}

Reply Gate::store_down(const Site& site, const Request& request) const {
    return clave::store_down(*services_, site, request);
}

bool Gate::owns(const Site& site, std::string_view path) noexcept {
    return path.starts_with(site.path);
}

std::size_t Gate::body_limit(const Site& site, const Request& request) noexcept {
    if (request.method != "POST" || !owns(site, request.path)) {
        return 0;
    }
    const std::string_view endpoint = request.path.substr(site.path.size());
    if (endpoint == "acs") {
        return kMaxAnswerBody;
    }
    if (endpoint.starts_with("sign/")) {
        return kMaxSignBody;
    }
    return endpoint == "logout" ? kMaxLogoutBody : 0;
}

Reply Gate::too_large(const Site& site, const Request& request) const {
    return refusal_page(*services_, site, request, Error{Code::too_large, "body over the limit"});
}

Task<Reply> Gate::serve(const Site& site, const Request& request) const {
    static constexpr std::string_view kAssets = "assets/";
    static constexpr std::string_view kSign = "sign/";
    const std::string_view endpoint =
        owns(site, request.path) ? request.path.substr(site.path.size()) : std::string_view{};
    if (endpoint.starts_with(kSign) && site.signing != nullptr) {
        auto signing = serve_sign(*services_, site, request, endpoint.substr(kSign.size()));
        co_return co_await std::move(signing);
    }
    if (endpoint == "logout") {  // answers every method: a link that leads here is asked, not lost
        auto ending = serve_logout(*services_, site, request);
        co_return co_await std::move(ending);
    }
    const std::string_view allowed = allowed_methods(endpoint);
    if (allowed.empty()) {
        co_return refusal_page(*services_, site, request, Error{Code::not_found, {}});
    }
    if (!is_allowed(request.method, allowed)) {
        co_return method_not_allowed(*services_, site, request, allowed);
    }
    if (endpoint == "login") {
        auto beginning = serve_login(*services_, site, request);
        co_return co_await std::move(beginning);
    }
    if (endpoint == "acs") {
        auto answering = serve_answer(*services_, site, request);
        co_return co_await std::move(answering);
    }
    if (endpoint == "return") {
        auto completing = serve_return(*services_, site, request);
        co_return co_await std::move(completing);
    }
    if (endpoint == "session") {
        auto telling = serve_session(*services_, site, request);
        co_return co_await std::move(telling);
    }
    if (endpoint == "language") {
        auto repeating = serve_language(*services_, site, request);
        co_return co_await std::move(repeating);
    }
    if (endpoint == "stepup") {
        auto explaining = serve_step_up(*services_, site, request);
        co_return co_await std::move(explaining);
    }
    if (endpoint == "expired") {
        auto explaining = serve_session_expired(*services_, site, request);
        co_return co_await std::move(explaining);
    }
    co_return serve_asset(*services_, site, request, endpoint.substr(kAssets.size()));
}

Task<Reply> Gate::serve_api(const Site& site, const SignApi& api, const Request& request,
                            std::string_view path) const {
    return clave::serve_api(*services_, site, api, request, path);
}

bool Gate::is_api_document(const Request& request) noexcept {
    return request.method == "PUT";
}

std::size_t Gate::api_body_limit(const Site& site, const Request& request) noexcept {
    if (is_api_document(request)) {
        return static_cast<std::size_t>(site.signing->fire.most_document_bytes);
    }
    return request.method == "POST" ? kMostOrder : 0;
}

Reply Gate::api_body_too_large(const Site& site, const Request& request) const {
    const Code code = is_api_document(request) ? Code::sign_too_large : Code::too_large;
    ProblemFacts facts;
    facts.limit = api_body_limit(site, request);
    return problem_answer(services_->random, Error{code, "over the limit"}, facts);
}

Reply Gate::api_is_local() const {
    return problem_answer(
        services_->random,
        Error{Code::api_address, "for this machine only; \"allow\" others in the location"});
}

Task<Result<std::vector<Digest>>> Gate::sessions_of(const Site& site, std::string person) const {
    return clave::sessions_of(*services_, site, std::move(person));
}

Task<Result<std::size_t>> Gate::end_sessions_of(const Site& site, std::string person) const {
    return clave::end_sessions_of(*services_, site, std::move(person));
}

}  // namespace clave
