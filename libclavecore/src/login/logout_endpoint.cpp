// The session here ends first, and whatever the gateway does afterwards, it stays ended.
#include <utility>

#include "base/guard.h"
#include "login/answer.h"
#include "login/attempts.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/last_person.h"
#include "login/logout_onward.h"
#include "login/logout_proof.h"
#include "login/promised_event.h"
#include "login/same_origin.h"
#include "login/set_cookie.h"
#include "login/waiting_form.h"

namespace clave {
namespace {

// The steps of one logout, in the order in which `serve_logout` takes them.
class Logout {
  public:
    Logout(const LoginServices& services, const Site& site, const Request& request)
        : services_(services),
          site_(site),
          request_(request),
          cookies_(cookies_of(site, request)),
          session_(services, site, request) {}

    // Why this request may not end the session, as the page that asks the person; nullopt if it
    // may.
    std::optional<Reply> objection() const;
    Task<void> find_session() { return session_.load(); }
    Task<Reply> run();

  private:
    Reply ask(int status) const;
    Reply ask_after(Error error) const;
    // The cookie goes with every answer from here on, good or bad.
    Reply ended(Reply reply) const;
    Event this_logout() const;

    const LoginServices& services_;
    const Site& site_;
    const Request& request_;
    OwnCookies cookies_;
    CurrentSession session_;
};

Reply Logout::ask(int status) const {
    const std::string token = logout_token_for(services_, site_, session_);
    pages::Facts facts;
    facts.logout_token = token;
    return page_answer(services_, site_, request_, status, PageId::logout_confirm, facts);
}

Reply Logout::ask_after(Error error) const {
    const std::string token = logout_token_for(services_, site_, session_);
    pages::Facts facts;
    facts.logout_token = token;
    return refusal_with(services_, site_, request_, PageId::logout_confirm, std::move(error),
                        facts);
}

std::optional<Reply> Logout::objection() const {
    if (!guard("logout method", request_.method == "POST")) {
        Reply reply = ask_after({Code::method, {}});
        reply.headers.emplace_back("Allow", "POST");
        return reply;
    }
    const Sender sender = sender_of(site_, request_);
    if (!guard("logout sender", sender != Sender::foreign)) {
        return ask_after({Code::logout, "logout asked for by another site"});
    }
    if (sender != Sender::unknown || !session_.exists()) {
        return std::nullopt;
    }
    switch (read_logout_token(services_.logout_key, site_, request_, session_.who().key)) {
        case LogoutToken::good:
            return std::nullopt;
        case LogoutToken::wrong:
            return ask_after({Code::logout, "logout token of another session"});
        case LogoutToken::absent:
            break;
    }
    return guard("logout proof", false) ? std::nullopt : std::optional(ask(200));
}

Reply Logout::ended(Reply reply) const {
    set_cookie(reply, expired_cookie(site_.cookie));
    // Who logs out and in again is not somebody whose cookies get lost.
    if (!cookies_.attempts.empty()) {
        set_cookie(reply, expired_cookie(attempts_cookie_name(site_)));
    }
    if (!cookies_.person.empty() || !cookies_.form.empty()) {
        set_cookie(reply, expired_cookie(last_person_cookie_name(site_)));
        set_cookie(reply, expired_cookie(claim_cookie_name(site_)));
    }
    return reply;
}

Event Logout::this_logout() const {
    const SessionView& session = session_.who().session;
    Event event{EventKind::logout};
    event.who.level = session.level;
    event.who.method = session.credential.method;
    event.who.loa = session.credential.loa;
    event.who.session = session_hash(session_.who().key);
    event.who.nif = session.nif.empty() ? session.id : session.nif;
    return event;
}

Task<Reply> Logout::run() {
    if (session_.unknown()) {
        co_return ended(refusal_with(services_, site_, request_, PageId::logout_unsure,
                                     Error{Code::store, "the session may live on"}));
    }
    if (!session_.exists()) {
        const bool stale = !cookies_.session.empty() || cookies_.conflict;
        if (stale) {
            co_return ended(redirect_answer(303, site_.logout_target));
        }
        co_return redirect_answer(303, site_.logout_target);
    }
    PromisedEvent event(request_, this_logout());
    auto erasing = services_.store.erase(session_.who().key);
    const auto erased = co_await std::move(erasing);
    if (!erased) {
        event.call_off();
        co_return ended(refusal_with(services_, site_, request_, PageId::logout_unsure,
                                     Error{Code::store, "the session may live on"}));
    }
    event.tell();
    auto asking = ask_gateway_to_log_out(services_, site_, request_);
    Reply asked = co_await std::move(asking);
    co_return ended(std::move(asked));
}

}  // namespace

Task<Reply> serve_logout(const LoginServices& services, const Site& site, const Request& request) {
    Logout logout(services, site, request);
    auto finding = logout.find_session();
    co_await std::move(finding);
    if (auto objection = logout.objection()) {
        co_return std::move(*objection);
    }
    auto running = logout.run();
    co_return co_await std::move(running);
}

}  // namespace clave
