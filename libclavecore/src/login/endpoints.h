// Our own endpoints, one file each. Those that return a Task may suspend; `site` and what `request`
// points to outlive the Task.
#pragma once

#include "clave/request.h"
#include "clave/site.h"
#include "clave/task.h"
#include "login/login_services.h"

namespace clave {

// The largest body of a POST to `acs`: base64 of the largest message, line breaks, RelayState.
inline constexpr std::size_t kMaxAnswerBody = 256 * 1024;

// GET login: signs the request to the gateway and answers the page that posts it.
Task<Reply> serve_login(const LoginServices& services, const Site& site, const Request& request);
// The largest body of a POST to `logout`: an application's form may carry more than our token.
inline constexpr std::size_t kMaxLogoutBody = 64 * 1024;

// POST acs: the gateway's answer, by way of the browser, without any cookie of ours.
Task<Reply> serve_answer(const LoginServices& services, const Site& site, const Request& request);
// GET return: completes the login in the browser that began it.
Task<Reply> serve_return(const LoginServices& services, const Site& site, const Request& request);
// POST logout, by a page of ours or of this origin: ends the session, and answers the page that
// tells the gateway. Whatever else comes gets the page that asks.
Task<Reply> serve_logout(const LoginServices& services, const Site& site, const Request& request);
// GET session: how long it lasts, as JSON; POST session, by a page of ours: until later.
Task<Reply> serve_session(const LoginServices& services, const Site& site, const Request& request);
// GET language: the page that offered it, in another language, and the cookie that remembers it.
Task<Reply> serve_language(const LoginServices& services, const Site& site, const Request& request);
// GET stepup: says why the person has to identify again.
Task<Reply> serve_step_up(const LoginServices& services, const Site& site, const Request& request);
// GET expired: says that the session has ended, before the person is led to the gateway.
Task<Reply> serve_session_expired(const LoginServices& services, const Site& site,
                                  const Request& request);
// GET assets/NAME.
Reply serve_asset(const LoginServices& services, const Site& site, const Request& request,
                  std::string_view name);

}  // namespace clave
