// The gate: who may pass, and the way in for those who may not yet (product.md 8.1).
//
// Nothing is stored on the server before the gateway has answered: a login under way lives sealed
// in a cookie of the browser that began it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/answered_document.h"
#include "clave/key_ring.h"
#include "clave/level.h"
#include "clave/parcels.h"
#include "clave/request.h"
#include "clave/secret.h"
#include "clave/session.h"
#include "clave/sign_desk.h"
#include "clave/signing_site.h"
#include "clave/site.h"
#include "clave/store.h"
#include "clave/task.h"

namespace clave {

// What a visitor without a sufficient session gets (clave_unauthenticated).
enum class Unauthenticated { automatic, login, status_401 };

struct Identified {
    Lookup lookup = Lookup::miss;
    // Valid on a hit, and of what is unread. After a miss: of the session that has ended, or zero
    // if the cookie was none of this service's.
    Digest key{};
    SessionView session;  // valid on a hit, views into the caller's buffer

    // There was a session, as far as the cookie says.
    bool has_ended() const noexcept { return lookup == Lookup::miss && key != Digest{}; }
};

// A form that a login interrupted, to be sent on as it was.
struct PreservedForm {
    std::string method;
    // What the sender's browser said of the body and of where it came from; an empty value was not
    // sent.
    std::vector<std::pair<std::string_view, std::string>> headers;
    std::vector<std::byte> bytes;  // ends with the body
    std::size_t body_size = 0;
    std::string forget_cookie;  // Set-Cookie of the response

    std::span<const std::byte> body() const noexcept { return std::span(bytes).last(body_size); }
};

// Why there is no form for a page load; `lost`: one was promised to it.
enum class NoForm { none, lost };

// Such a form with a verified signature of it.
struct SignedForm {
    PreservedForm form;
    std::string id;
    std::string page;  // of ours, that leads to it: a path
    // "Id", "State", …: of the headers that the application finds it by.
    std::vector<std::pair<std::string_view, std::string>> headers;
    Reply unreached;  // to the browser, if there was no application to take it
};

struct LoginServices;  // src/login

class Gate {
  public:
    // `master` seals what goes into cookies; all else is borrowed and outlives the gate.
    // Without `parcels`, no form is kept; without a `desk`, nothing is signed.
    Gate(Store& store, const KeyRing& master, WorkerPool& pool, Clock& clock, Random& random,
         Parcels* parcels = nullptr, SignDesk* desk = nullptr);
    ~Gate();
    Gate(Gate&&) noexcept;
    Gate& operator=(Gate&&) noexcept;

    // The hot path: synchronous, allocates only through `buffer`. A session of another service is a
    // miss (K-11). A request of a script in the background does not touch the session (K-08).
    Identified identify(const Site& site, std::string_view session_cookie, RecordBytes& buffer,
                        Touch touch = Touch::if_due) const noexcept;
    // When that was `unread`, and before anything is decided: asks the store. `key` is that of
    // identify(); `site` and `buffer` outlive the Task. Never unread.
    Task<Identified> ask_store(const Site& site, Digest key, RecordBytes& buffer,
                               Touch touch = Touch::if_due) const;

    // The answer for a visitor who was not admitted. `why` and `session` say how far he came:
    // no session (nullptr), or one that `admit` found wanting. Page loads are sent to the login
    // (302, with a state cookie), or first to the explanation of a step-up or of a session's end;
    // scripts get 401 and JSON; a POST gets 409 and a page. `target` is request.raw_target if it is
    // fit to come back to (same origin, at most 1 KiB), else "/". Statuses other than 401 replace
    // the 401 that the host has to answer with for the sake of `satisfy any`.
    Reply turn_away(const Site& site, const Requirement& requirement, const Request& request,
                    Unauthenticated mode, const Identified& who, Admission why) const;

    // The store could not answer: 503, Retry-After and a page; JSON for scripts.
    Reply store_down(const Site& site, const Request& request) const;

    // clave_preserve_post (product.md 8.12). True if the form that is about to be turned away may
    // wait for the login: sent from this origin, by a page load, to an address that can be come
    // back to, and either by somebody of whom there is no trace or by somebody who will be known
    // again.
    bool may_keep_form(const Site& site, const Request& request, Unauthenticated mode,
                       const Identified& who) const;
    // Instead of turn_away(), when request.body is whole: 303 to the login, which comes back to
    // `request.raw_target` with the means to fetch the form. If there is no room, the page that
    // says so, while the form is still in the browser's history.
    Reply keep_form(const Site& site, const Requirement& requirement, const Request& request,
                    const Identified& who) const;
    // The same page for a body that is over the limit: 413.
    Reply form_too_large(const Site& site, const Requirement& requirement, const Request& request,
                         const Identified& who) const;
    // The form that this page load of `who` comes to fetch, once: with the session that the login
    // made, at the address that the form was sent to.
    tl::expected<PreservedForm, NoForm> fetch_form(const Site& site, const Request& request,
                                                   const Identified& who) const;
    // The page for NoForm::lost: 409, and the browser does not come for it again.
    Reply form_is_lost(const Site& site, const Request& request) const;

    // clave_sign form (product.md section 5). The form of somebody who was admitted, whole: freezes
    // it as a document, and leads to the page that shows it. All arguments outlive the Task.
    Task<Reply> take_to_sign(const Site& site, const SignOrder& order, const Request& request,
                             const Identified& who) const;
    // The page for a body over most_form(): 413.
    Reply too_large_to_sign(const Site& site, const Request& request) const;
    static std::size_t most_form(const Site& site) noexcept;
    // clave_sign upstream: the application has answered with a document to sign. `who` is nullptr
    // if nobody was admitted. The document, to be filled, or the answer that takes its place: the
    // log has the reason, and the browser nothing of it. All arguments but `answer` outlive the
    // result.
    tl::expected<std::unique_ptr<AnsweredDocument>, Reply> take_answer(
        const Site& site, const SignOrder& order, const Request& request, const Identified* who,
        const ApplicationAnswer& answer) const;
    // The signed form, or document, that this page load of `who` comes to hand over. For as long as
    // it takes, no other request gets it; hand_over_ended() says how it went. nullopt: there is
    // none.
    Task<std::optional<SignedForm>> fetch_signed(const Site& site, const Request& request,
                                                 const Identified& who) const;
    // With the status of the application's answer, or none if the request was turned away before it
    // came there: a fault of its own is no delivery, and the form can be handed over again. Never
    // suspends; what is left to do goes on by itself.
    void hand_over_ended(const Site& site, const std::string& id, std::optional<int> status) const;
    // clave_sign_api. `path`: behind the location's name. Of a document, the body is in a file
    // (Request::body_file). All arguments outlive the Task.
    Task<Reply> serve_api(const Site& site, const SignApi& api, const Request& request,
                          std::string_view path) const;
    // How many bytes such a request may bring; whether it brings a document.
    static std::size_t api_body_limit(const Site& site, const Request& request) noexcept;
    static bool is_api_document(const Request& request) noexcept;
    Reply api_body_too_large(const Site& site, const Request& request) const;
    // To who asks from another machine: 403.
    Reply api_is_local() const;
    // What has been in the archive for longer than the site retains it, or never became a
    // signature. As above; wanted at start, and every quarter of an hour.
    void erase_old_signatures(const Site& site) const;
    // What nobody has confirmed in its time expires, what a worker has left is taken over, and the
    // documents of what was never signed go. As above; wanted at start, and every minute.
    void end_overdue(const Site& site) const;
    // Signatures that FIRe completes later, and whose time has come while nobody was there. As
    // above; wanted at start, and every quarter of an hour.
    void go_on_waiting(const Site& site) const;

    // True if `path` is below site.path.
    static bool owns(const Site& site, std::string_view path) noexcept;
    // The largest body that the endpoint reads, in bytes; 0: none.
    static std::size_t body_limit(const Site& site, const Request& request) noexcept;

    // Our own endpoints: login, acs, return, stepup, expired, session, logout, assets/… . May
    // suspend (worker pool, store). `site` and what `request` points to outlive the Task.
    Task<Reply> serve(const Site& site, const Request& request) const;

    // The page for a body over body_limit(): 413.
    Reply too_large(const Site& site, const Request& request) const;

    // For the operator: the sessions at this site of the person with that NIF (or identifier, of
    // those who have none), and the end of them all, with their number. Errors: Code::store.
    Task<Result<std::vector<Digest>>> sessions_of(const Site& site, std::string person) const;
    Task<Result<std::size_t>> end_sessions_of(const Site& site, std::string person) const;

  private:
    std::unique_ptr<const LoginServices> services_;
};

}  // namespace clave
