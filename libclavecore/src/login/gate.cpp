#include "clave/gate.h"

#include <algorithm>
#include <iterator>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/signing_site.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/person_sessions.h"
#include "login/same_origin.h"
#include "login/turn_away.h"
#include "sign/api.h"
#include "sign/api_answer.h"
#include "sign/api_order.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

struct Endpoint {
    std::string_view name;
    std::string_view methods;  // as in the Allow header; empty: it answers every one
    std::size_t most_body;     // of a POST
    Task<Reply> (*serve)(const LoginServices&, const Site&, const Request&);
};

constexpr Endpoint kEndpoints[] = {
    {"login", "GET, HEAD", 0, serve_login},
    {"acs", "POST", kMaxAnswerBody, serve_answer},
    {"return", "GET", 0, serve_return},  // it takes the outcome, which a HEAD must not
    {"stepup", "GET, HEAD", 0, serve_step_up},
    {"expired", "GET, HEAD", 0, serve_session_expired},
    {"session", "GET, HEAD, POST", 0, serve_session},
    {"logout", "", kMaxLogoutBody, serve_logout},  // a link that leads here is asked, not lost
    {"language", "GET, HEAD", 0, serve_language},
};
constexpr std::string_view kAssets = "assets/";
constexpr std::string_view kSign = "sign/";

const Endpoint* find_endpoint(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kEndpoints, name, &Endpoint::name);
    return found == std::end(kEndpoints) ? nullptr : found;
}

bool is_allowed(std::string_view method, std::string_view allowed) noexcept {
    if (allowed.empty()) {
        return true;
    }
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
    if (endpoint.starts_with(kSign)) {
        return kMaxSignBody;
    }
    // Where a header says whose page asks for it, nothing in the body is needed: so a logout does
    // not wait for one either, which over HTTP/2 a client that has sent it all and left takes back.
    if (endpoint == "logout" && sender_of(site, request) != Sender::unknown) {
        return 0;
    }
    const Endpoint* const one = find_endpoint(endpoint);
    return one == nullptr ? 0 : one->most_body;
}

Reply Gate::too_large(const Site& site, const Request& request) const {
    return refusal_page(*services_, site, request, Error{Code::too_large, "body over the limit"});
}

Task<Reply> Gate::serve(const Site& site, const Request& request) const {
    const std::string_view name =
        owns(site, request.path) ? request.path.substr(site.path.size()) : std::string_view{};
    if (name.starts_with(kSign) && site.signing != nullptr) {
        auto signing = serve_sign(*services_, site, request, name.substr(kSign.size()));
        co_return co_await std::move(signing);
    }
    const bool is_asset = name.starts_with(kAssets);
    const Endpoint* const endpoint = find_endpoint(name);
    if (!is_asset && endpoint == nullptr) {
        co_return refusal_page(*services_, site, request, Error{Code::not_found, {}});
    }
    const std::string_view methods = is_asset ? "GET, HEAD" : endpoint->methods;
    if (!is_allowed(request.method, methods)) {
        co_return method_not_allowed(*services_, site, request, methods);
    }
    if (is_asset) {
        co_return serve_asset(*services_, site, request, name.substr(kAssets.size()));
    }
    auto answering = endpoint->serve(*services_, site, request);
    co_return co_await std::move(answering);
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
