// What the browser that sends a request holds of ours: a session, and logins under way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/cookie.h"
#include "clave/gate.h"
#include "clave/task.h"
#include "login/login_services.h"
#include "login/login_state.h"

namespace clave {

Identified identify(const LoginServices& services, const Site& site,
                    std::string_view session_cookie, RecordBytes& buffer, Touch touch) noexcept;
// For who is unread: what the store says, never unread.
Task<Identified> ask_store(const LoginServices& services, const Site& site, Digest key,
                           RecordBytes& buffer, Touch touch);

OwnCookies cookies_of(const Site& site, const Request& request);

// The session of the request, with the record that its views point into. Nothing of it may be
// believed before load() is over.
class CurrentSession {
  public:
    CurrentSession(const LoginServices& services, const Site& site, const Request& request,
                   Touch touch = Touch::if_due);
    CurrentSession(const CurrentSession&) = delete;
    CurrentSession& operator=(const CurrentSession&) = delete;

    Task<void> load();

    const Identified& who() const noexcept { return who_; }
    bool exists() const noexcept { return who_.lookup == Lookup::hit; }
    bool unknown() const noexcept {
        return who_.lookup == Lookup::error || who_.lookup == Lookup::unread;
    }
    bool satisfies(const Requirement& requirement, Time now) const noexcept;

  private:
    const LoginServices& services_;
    const Site& site_;
    Touch touch_;
    RecordBytes record_;
    Identified who_;
};

// A login that this browser has begun.
struct PendingLogin {
    std::string suffix;
    LoginState state;
};

// By the state cookie that `?s=` names; nullopt if it is missing, of another browser, or too old.
std::optional<PendingLogin> pending_login(const LoginServices& services, const Site& site,
                                          const Request& request);
// By the ticket in `?r=`; it has no suffix yet.
std::optional<LoginState> ticketed_login(const LoginServices& services, const Site& site,
                                         const Request& request);

// A login that starts now; a session that was found wanting is remembered as the one to step up.
LoginState begin_login(const LoginServices& services, const Requirement& requirement,
                       std::string target, const Identified& who);
// "{path}login?r=…"; nullopt without randomness.
std::optional<std::string> ticket_url(const LoginServices& services, const Site& site,
                                      const LoginState& state);

// Of a refusal for want of a login: whether a cookie is there that no key opens.
void doubt_keys(const LoginServices& services, const Site& site, const Request& request,
                Reply& reply);

// Where the way of a login that starts now begins: with a page that explains why, if somebody has
// been identified already.
std::string way_in(const Site& site, const PendingLogin& login, const Identified& who);
// There is no such login. Whose browser sends no cookie of ours at all is told about cookies.
Reply no_login(const LoginServices& services, const Site& site, const Request& request,
               Error error);

// Sets the state cookie, and expires others that leave it no room. False without randomness.
bool remember(const LoginServices& services, const Site& site, const Request& request,
              const PendingLogin& login, Reply& reply);
void forget(const Site& site, std::string_view suffix, Reply& reply);

// Value of a query parameter; empty if it is absent or given twice. Not decoded: ours need none.
std::string_view query_value(std::string_view query, std::string_view name) noexcept;

}  // namespace clave
