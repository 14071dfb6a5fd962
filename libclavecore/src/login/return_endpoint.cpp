#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/guard.h"
#include "clave/cookie.h"
#include "login/answer.h"
#include "login/arrival.h"
#include "login/attempts.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/kept_outcome.h"
#include "login/last_person.h"
#include "login/person_sessions.h"
#include "login/promised_event.h"
#include "login/promised_refusal.h"
#include "login/set_cookie.h"

namespace clave {
namespace {

Error why_not(Admission admission) {
    switch (admission) {
        case Admission::registration:
            return {Code::registration, "advanced registration not proven"};
        case Admission::represented:
            return {Code::represented, "acts for somebody else"};
        case Admission::too_old:
            return {Code::time, "authenticated longer ago than max_age"};
        case Admission::granted:
        case Admission::level_low:
            break;
    }
    return {Code::loa, "method or level not among those accepted"};
}

// Never past the end that the gateway set (S-55), never later than the site allows.
SessionTimes session_times(const Site& site, const KeptOutcome::Person& person, Time now) {
    SessionTimes times;
    times.expires = now + site.absolute;
    if (person.session_end) {
        times.expires = std::min(times.expires, *person.session_end);
    }
    times.idle = site.idle;
    return times;
}

std::string_view nif_or_id(std::string_view nif, std::string_view id) noexcept {
    return nif.empty() ? id : nif;
}

// The steps of one completion, in the order in which `serve_return` takes them.
class Completion {
  public:
    Completion(const LoginServices& services, const Site& site, const Request& request,
               PendingLogin login)
        : services_(services),
          site_(site),
          request_(request),
          login_(std::move(login)),
          session_(services, site, request),
          now_(services.clock.now()),
          left_(services, request, kind(), concerned()) {}

    Task<Reply> run();
    // Whoever asked has waited for what run() gives.
    void is_answered() noexcept { left_.call_off(); }

  private:
    const LoginState& state() const { return login_.state; }
    bool is_of(const Identity& identity) const;
    EventKind kind() const { return state().step_up ? EventKind::step_up : EventKind::login; }
    Concerned concerned() const;
    Task<Result<bool>> is_there(const Digest& session) const;
    Event end_of(const Digest& session) const;
    Reply refuse(Error error) const;
    Task<Reply> end_session_of_another();
    Task<Reply> admit_person(const KeptOutcome::Person& person);
    Task<Reply> begin_session(const SessionToken& token, const KeptOutcome::Person& person,
                              const std::vector<std::byte>& record, SessionTimes times);
    Event begun(const Digest& session) const;
    Reply welcome(const SessionToken& token, const KeptOutcome::Person& person) const;

    const LoginServices& services_;
    const Site& site_;
    const Request& request_;
    PendingLogin login_;
    CurrentSession session_;
    Time now_;
    const KeptOutcome::Person* arrived_ = nullptr;  // whom the gateway has identified
    PromisedRefusal left_;
};

// True if the browser's session is this person's.
bool Completion::is_of(const Identity& identity) const {
    const SessionView& session = session_.who().session;
    return session.nif == identity.nif && session.id == identity.id;
}

Concerned Completion::concerned() const {
    Concerned who;
    who.level = state().requirement.level;
    if (arrived_ != nullptr) {
        who.method = arrived_->credential.method;
        who.loa = arrived_->credential.loa;
        who.nif = nif_or_id(arrived_->identity.nif, arrived_->identity.id);
    }
    return who;
}

// One that ended while its person was at the gateway is told of by the store (session_end.h).
Task<Result<bool>> Completion::is_there(const Digest& session) const {
    if (session_.exists() && session_.who().key == session) {
        co_return true;
    }
    auto asking = services_.store.time_left(session, now_);
    const auto left = co_await std::move(asking);
    if (!left) {
        co_return tl::unexpected<Error>(left.error());
    }
    co_return left->has_value();
}

// Of a session that this login takes the place of. Whose it was is known if the browser still has
// it.
Event Completion::end_of(const Digest& session) const {
    Event event{EventKind::session_end};
    event.who.session = session_hash(session);
    if (state().step_up && state().step_up->session == session) {
        event.end = EndReason::step_up;
    }
    if (session_.exists() && session_.who().key == session) {
        const SessionView& held = session_.who().session;
        event.who.level = held.level;
        event.who.method = held.credential.method;
        event.who.loa = held.credential.loa;
        event.who.nif = nif_or_id(held.nif, held.id);
    }
    return event;
}

Reply Completion::refuse(Error error) const {
    pages::Facts facts;
    facts.onward = state().target;
    facts.needed = &state().requirement;
    Reply reply = refusal_page(services_, site_, request_, std::move(error), facts);
    for (Refusal& refusal : reply.refusals) {
        refusal.who = concerned();
        refusal.instead_of = kind();
    }
    if (reply.status != 503) {  // the outcome may still wait: reloading the page is worth a try
        forget(site_, login_.suffix, reply);
    }
    return reply;
}

Task<Reply> Completion::run() {
    if (state().request_id.empty()) {
        co_return refuse({Code::state, "login not begun"});
    }
    auto loading = session_.load();
    co_await std::move(loading);
    if (session_.unknown()) {  // it would not end with this login (S-68)
        co_return refuse({Code::store, "the session store cannot answer"});
    }
    const std::string service = site_.service();
    auto taking = KeptOutcome::take(services_.store, state().request_id, service,
                                    query_value(request_.query, "o"), now_);
    const auto taken = co_await std::move(taking);
    if (!taken) {
        co_return refuse(taken.error());
    }
    if (!*taken) {
        // Taken already (a double click, a step back in the history), or not brought by this
        // browser.
        if (session_.satisfies(state().requirement, now_)) {
            co_return go_on(services_, site_, request_, login_, session_);
        }
        co_return refuse({Code::state, "no outcome waits for this login"});
    }
    // Asked after the outcome was taken: whatever became of the store before that shows.
    auto asking = KeptOutcome::epoch(services_.store, state().request_id);
    const auto epoch = co_await std::move(asking);
    if (!epoch) {
        co_return refuse(epoch.error());
    }
    if (!guard("return epoch", *epoch == state().epoch)) {
        co_return refuse({Code::state, "the session store may have lost what this login did"});
    }
    const KeptOutcome& outcome = **taken;
    if (const auto* refused = outcome.refused()) {
        co_return refuse({refused->code, refused->status});
    }
    arrived_ = outcome.person();
    left_.is_of(concerned());
    auto admitting = admit_person(*arrived_);
    co_return co_await std::move(admitting);
}

Task<Reply> Completion::end_session_of_another() {
    const Digest& old = state().step_up->session;
    Reply reply = refuse({Code::subject_change, "step-up by another person"});
    left_.becomes(reply.refusals.front());
    auto looking = is_there(old);
    const auto there = co_await std::move(looking);
    if (!there) {
        co_return refuse(there.error());
    }
    std::optional<PromisedEvent> end;
    if (*there) {
        end.emplace(request_, end_of(old));
    }
    auto erasing = services_.store.erase(old);
    const auto erased = co_await std::move(erasing);
    if (end && erased) {
        end->tell_with(reply);
    } else if (end) {
        end->call_off();
    }
    if (!erased) {
        co_return refuse(erased.error());
    }
    if (session_.exists() && session_.who().key == old) {
        set_cookie(reply, expired_cookie(site_.cookie));
        set_cookie(reply, expired_cookie(last_person_cookie_name(site_)));
    }
    co_return reply;
}

Task<Reply> Completion::admit_person(const KeptOutcome::Person& person) {
    if (state().step_up &&
        !guard("step-up person", is_person(services_, state().step_up->person, person.identity.nif,
                                           person.identity.id))) {
        auto ending = end_session_of_another();
        co_return co_await std::move(ending);
    }
    const Admission admission = admit(state().requirement, person.credential, now_);
    if (!guard("return admission", admission == Admission::granted)) {
        co_return refuse(why_not(admission));
    }
    // Another tab was faster, perhaps with a stronger method: nobody loses a session that will do.
    if (session_.satisfies(state().requirement, now_) && is_of(person.identity)) {
        co_return go_on(services_, site_, request_, login_, session_);
    }
    const SessionTimes times = session_times(site_, person, now_);
    if (times.expires <= now_) {
        co_return refuse({Code::time, "SessionNotOnOrAfter is past"});
    }

    const auto token = SessionToken::create(services_.random);
    if (!token) {
        co_return refuse({Code::random, {}});
    }
    Session session;
    session.service = site_.service();
    session.level = state().requirement.level;
    session.credential = person.credential;
    session.created = now_;
    session.identity = person.identity;
    session.proof = person.proof;
    const auto record = encode(session);
    if (!record) {
        co_return refuse(record.error());
    }
    auto beginning = begin_session(*token, person, *record, times);
    co_return co_await std::move(beginning);
}

Task<Reply> Completion::begin_session(const SessionToken& token, const KeptOutcome::Person& person,
                                      const std::vector<std::byte>& record, SessionTimes times) {
    // A login always ends the session it replaces: that of the browser, or the one it stepped up
    // (S-68, K-07).
    const Digest key = token.key();
    const Digest* replaced = nullptr;
    if (session_.exists()) {
        replaced = &session_.who().key;
    } else if (state().step_up) {
        replaced = &state().step_up->session;
    }
    std::optional<PromisedEvent> end;
    if (replaced != nullptr) {
        auto looking = is_there(*replaced);
        const auto there = co_await std::move(looking);
        if (!there) {
            co_return refuse(there.error());
        }
        if (*there) {
            end.emplace(request_, end_of(*replaced));
        }
    }
    PromisedEvent begin(request_, begun(key));
    left_.call_off();
    const SessionOwner owner = session_owner(services_, site_, person.identity);
    auto putting = services_.store.put(key, record, times, now_, replaced, &owner);
    const auto put = co_await std::move(putting);
    if (!put) {
        begin.call_off();
        if (end) {
            end->call_off();
        }
        co_return refuse(put.error());
    }
    auto bounding = end_former_sessions(services_, site_, person.identity);
    const auto bounded = co_await std::move(bounding);
    if (!bounded) {
        // It would be there until it ends by itself, and nobody has its token.
        auto erasing = services_.store.erase(key);
        static_cast<void>(co_await std::move(erasing));
        begin.call_off();
    }
    Reply reply = bounded ? welcome(token, person) : refuse(bounded.error());
    if (bounded) {
        begin.tell_with(reply);
    }
    if (end) {
        end->tell_with(reply);
    }
    co_return reply;
}

Event Completion::begun(const Digest& session) const {
    Event event{kind(), concerned()};
    event.who.session = session_hash(session);
    return event;
}

Reply Completion::welcome(const SessionToken& token, const KeptOutcome::Person& person) const {
    const Digest key = token.key();
    const Identity& identity = person.identity;
    Reply reply =
        go_on(services_, site_, request_, login_, Arrival{key, identity.nif, identity.id});
    set_cookie(reply, session_cookie(site_.cookie, token.cookie()));
    if (site_.preserve_post) {
        const Digest who = person_digest(services_.person_key.current(), identity.nif, identity.id);
        const auto last = seal_last_person(services_, site_, key, who);
        set_cookie(reply, last ? session_cookie(last_person_cookie_name(site_), *last)
                               : expired_cookie(last_person_cookie_name(site_)));
    }
    const std::string& asked = state().form ? state().form->target : state().target;
    const auto attempts = count_attempt(services_.attempt_key, services_.random, site_,
                                        cookies_of(site_, request_).attempts, asked, now_);
    if (attempts) {
        set_cookie(reply, lasting_cookie(attempts_cookie_name(site_), *attempts, kAttemptWindow));
    }
    return reply;
}

}  // namespace

Task<Reply> serve_return(const LoginServices& services, const Site& site, const Request& request) {
    auto login = pending_login(services, site, request);
    if (!login) {
        // Not this browser's: the outcome stays where it is, for the one that began the login
        // (K-06).
        Reply refused = refusal_page(services, site, request,
                                     Error{Code::state, "no login under way in this browser"});
        doubt_keys(services, site, request, refused);
        co_return refused;
    }
    Completion completion(services, site, request, std::move(*login));
    auto completing = completion.run();
    Reply reply = co_await std::move(completing);
    completion.is_answered();
    co_return reply;
}

}  // namespace clave
