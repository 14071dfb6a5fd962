// How long the session lasts, for a page that warns of its end, and the button that puts it off.
//
// Asking never keeps a session alive, or a page left open would keep it alive for ever (K-08).
#include <utility>

#include "base/guard.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/json.h"
#include "login/same_origin.h"

namespace clave {
namespace {

Reply session_answer(const Site& site, int status, const JsonObject& json) {
    Reply reply = json_answer(site, status, json);
    // A sibling of the same domain gets our cookie sent along, but not the answer.
    reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    return reply;
}

Reply alive(const Site& site, const SessionView& session, const TimeLeft& left) {
    JsonObject json;
    json.boolean("authenticated", true)
        .number("remaining", left.idle.count())
        .number("absolute", left.absolute.count())
        .text("level", session.level)
        .text("extend", site.path + "session");
    return session_answer(site, 200, json);
}

Reply over(const Site& site) {
    JsonObject json;
    json.boolean("authenticated", false).number("remaining", 0).number("absolute", 0);
    return session_answer(site, 401, json);
}

Reply failure(const LoginServices& services, const Site& site, Error error) {
    const int status = info(error.code).status;
    return refusal_json(site, services.random, status, std::move(error));
}

}  // namespace

Task<Reply> serve_session(const LoginServices& services, const Site& site, const Request& request) {
    const bool extends = request.method == "POST";
    if (extends && !guard("session sender", sender_of(site, request) == Sender::own)) {
        co_return failure(services, site, Error{Code::origin, "session extended by another site"});
    }
    CurrentSession session(services, site, request, Touch::never);
    auto loading = session.load();
    co_await std::move(loading);
    if (session.unknown()) {
        co_return failure(services, site, Error{Code::store, {}});
    }
    if (!session.exists()) {
        co_return over(site);
    }
    const Time now = services.clock.now();
    const Digest& key = session.who().key;
    auto asking = extends ? services.store.touch(key, now) : services.store.time_left(key, now);
    const auto left = co_await std::move(asking);
    if (!left) {
        co_return failure(services, site, left.error());
    }
    co_return *left ? alive(site, session.who().session, **left) : over(site);
}

}  // namespace clave
