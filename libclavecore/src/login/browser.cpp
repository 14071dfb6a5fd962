#include "login/browser.h"

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "login/answer.h"
#include "login/set_cookie.h"

namespace clave {

OwnCookies cookies_of(const Site& site, const Request& request) {
    return own_cookies(request.cookies, site.cookie, std::pmr::get_default_resource());
}

namespace {

constexpr std::size_t kLeastSealed = 12 + 16;  // nonce and tag

// A record that cannot be read, or is of another service, is no session here (K-11, R-09).
void read(const Site& site, const RecordBytes& record, Identified& who) noexcept {
    const auto session = decode_session(record);
    if (session && site.is_service(session->service)) {
        who.session = *session;
    } else {
        // During an upgrade, machine by machine, a login would replace what others can read.
        const bool readable = guard("session of a newer version", !is_newer_session(record));
        who.lookup = readable ? Lookup::miss : Lookup::error;
        who.key = {};
    }
}

}  // namespace

Identified identify(const LoginServices& services, const Site& site,
                    std::string_view session_cookie, RecordBytes& buffer, Touch touch) noexcept {
    Identified who;
    const auto token = SessionToken::parse(session_cookie);
    if (!token) {
        return who;
    }
    who.key = token->key();
    who.lookup = services.store.find(who.key, services.clock.now(), buffer, touch);
    if (who.lookup == Lookup::hit) {
        read(site, buffer, who);
    }
    return who;
}

Task<Identified> ask_store(const LoginServices& services, const Site& site, Digest key,
                           RecordBytes& buffer, Touch touch) {
    Identified who;
    who.key = key;
    auto loading = services.store.load(key, services.clock.now(), buffer, touch);
    const auto found = co_await std::move(loading);
    who.lookup = found ? *found : Lookup::error;
    if (who.lookup == Lookup::hit) {
        read(site, buffer, who);
    }
    co_return who;
}

CurrentSession::CurrentSession(const LoginServices& services, const Site& site,
                               const Request& request, Touch touch)
    : services_(services),
      site_(site),
      touch_(touch),
      who_(identify(services, site, cookies_of(site, request).session, record_, touch)) {}

Task<void> CurrentSession::load() {
    if (who_.lookup == Lookup::unread) {
        auto asking = ask_store(services_, site_, who_.key, record_, touch_);
        who_ = co_await std::move(asking);
    }
}

bool CurrentSession::satisfies(const Requirement& requirement, Time now) const noexcept {
    return exists() && admit(requirement, who_.session.credential, now) == Admission::granted;
}

std::optional<PendingLogin> pending_login(const LoginServices& services, const Site& site,
                                          const Request& request) {
    const std::string_view suffix = query_value(request.query, "s");
    if (!is_suffix(suffix)) {
        return std::nullopt;
    }
    auto state = open_state(services.state_key, state_context(site, suffix),
                            cookies_of(site, request).state(suffix), services.clock.now());
    if (!state) {
        return std::nullopt;
    }
    return PendingLogin{std::string(suffix), std::move(*state)};
}

std::optional<LoginState> ticketed_login(const LoginServices& services, const Site& site,
                                         const Request& request) {
    return open_state(services.state_key, ticket_context(site), query_value(request.query, "r"),
                      services.clock.now());
}

LoginState begin_login(const LoginServices& services, const Requirement& requirement,
                       std::string target, const Identified& who) {
    LoginState state;
    state.target = std::move(target);
    state.requirement = requirement;
    state.begun = services.clock.now();
    if (who.lookup == Lookup::hit) {
        SteppedUp& step_up = state.step_up.emplace();
        step_up.session = who.key;
        step_up.person =
            person_digest(services.person_key.current(), who.session.nif, who.session.id);
    }
    return state;
}

std::optional<std::string> ticket_url(const LoginServices& services, const Site& site,
                                      const LoginState& state) {
    const auto sealed =
        seal_state(services.state_key, services.random, ticket_context(site), state);
    if (!sealed) {
        return std::nullopt;
    }
    return site.path + "login?r=" + *sealed;
}

bool remember(const LoginServices& services, const Site& site, const Request& request,
              const PendingLogin& login, Reply& reply) {
    const auto sealed = seal_state(services.state_key, services.random,
                                   state_context(site, login.suffix), login.state);
    if (!sealed) {
        return false;
    }
    for (auto& expired : make_room(site, services.state_key, cookies_of(site, request),
                                   login.suffix, sealed->size(), services.clock.now())) {
        set_cookie(reply, std::move(expired));
    }
    set_cookie(reply,
               lasting_cookie(state_cookie_name(site, login.suffix), *sealed, kLoginLifetime));
    return true;
}

std::string way_in(const Site& site, const PendingLogin& login, const Identified& who) {
    const char* page = who.has_ended() ? "expired?s=" : "login?s=";
    return site.path + (login.state.step_up ? "stepup?s=" : page) + login.suffix;
}

namespace {

// Of a length and an alphabet that we could have made, and no key of ours has.
bool is_sealed_elsewhere(const LoginServices& services, const Site& site, const Request& request) {
    const std::string_view suffix = query_value(request.query, "s");
    if (!is_suffix(suffix)) {
        return false;
    }
    const auto sealed = base64url_decode(cookies_of(site, request).state(suffix));
    return sealed && sealed->size() > kLeastSealed &&
           !open(services.state_key, state_context(site, suffix), *sealed);
}

}  // namespace

void doubt_keys(const LoginServices& services, const Site& site, const Request& request,
                Reply& reply) {
    Refusal& refusal = reply.refusals.back();
    if (refusal.error.code == Code::state && is_sealed_elsewhere(services, site, request)) {
        refusal.sealed_elsewhere = true;
        refusal.error.detail = "no key of ours opens the cookie of this login";
    }
}

Reply no_login(const LoginServices& services, const Site& site, const Request& request,
               Error error) {
    // A ticket comes with no cookie; whoever has been sent here by us has got one.
    const bool none = error.code == Code::state && is_suffix(query_value(request.query, "s")) &&
                      cookies_of(site, request).none();
    const PageId page = none ? PageId::cookies_off : info(error.code).page;
    Reply reply = refusal_with(services, site, request, page, std::move(error));
    doubt_keys(services, site, request, reply);
    return reply;
}

void forget(const Site& site, std::string_view suffix, Reply& reply) {
    set_cookie(reply, expired_cookie(state_cookie_name(site, suffix)));
}

std::string_view query_value(std::string_view query, std::string_view name) noexcept {
    std::string_view found;
    bool seen = false;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        if (pair.substr(0, pair.find('=')) != name || pair.size() == name.size()) {
            continue;
        }
        if (seen) {
            return {};
        }
        seen = true;
        found = pair.substr(name.size() + 1);
    }
    return found;
}

}  // namespace clave
