#include "login/turn_away.h"

#include "base/guard.h"
#include "login/answer.h"
#include "login/attempts.h"
#include "login/browser.h"
#include "login/lost_form.h"
#include "login/target.h"
#include "login/visitor.h"

namespace clave {
namespace {

// What a session that exists lacks, in the words of a script's answer.
Code code_for(const Identified& who, Admission why) noexcept {
    if (who.lookup != Lookup::hit) {
        return Code::unauthenticated;
    }
    switch (why) {
        case Admission::registration:
            return Code::registration;
        case Admission::represented:
            return Code::represented;
        case Admission::level_low:
            return Code::level;
        case Admission::too_old:
        case Admission::granted:
            break;
    }
    return Code::unauthenticated;
}

Reply turn_script_away(const LoginServices& services, const Site& site,
                       const Requirement& requirement, const Request& request,
                       const Identified& who, Admission why) {
    const Error error{code_for(who, why), {}};
    if (request.method == "OPTIONS") {
        return refusal_json(site, services.random, 401, error);  // nobody reads it
    }
    const auto login = ticket_url(
        services, site, begin_login(services, requirement, calling_page(site, request), who));
    if (!login) {
        return refusal_json(site, services.random, 503, Error{Code::random, {}});
    }
    return refusal_json(site, services.random, 401, error, site.origin + *login);
}

Reply send_to_login(const LoginServices& services, const Site& site, const Requirement& requirement,
                    const Request& request, const Identified& who) {
    const Time now = services.clock.now();
    const std::string target = return_target(site, request);
    pages::Facts facts;
    facts.onward = target;
    if (is_looping(services.attempt_key, site, cookies_of(site, request).attempts, target, now)) {
        return refusal_page(services, site, request, Error{Code::loop, "logins do not stick"},
                            facts);
    }
    auto suffix = make_suffix(services.random);
    if (!suffix) {
        return refusal_page(services, site, request, Error{Code::random, {}}, facts);
    }
    const PendingLogin login{std::move(*suffix), begin_login(services, requirement, target, who)};
    Reply reply = redirect_answer(302, way_in(site, login, who));
    if (!remember(services, site, request, login, reply)) {
        return refusal_page(services, site, request, Error{Code::random, {}}, facts);
    }
    return reply;
}

}  // namespace

Reply turn_away(const LoginServices& services, const Site& site, const Requirement& requirement,
                const Request& request, Unauthenticated mode, const Identified& who,
                Admission why) {
    if (who.lookup == Lookup::error || !guard("unread session", who.lookup != Lookup::unread)) {
        return store_down(services, site, request);
    }
    switch (visitor(request, mode)) {
        case Visitor::script:
            return turn_script_away(services, site, requirement, request, who, why);
        case Visitor::form:
            return lost_form(services, site, requirement, request, who, {Code::post_lost, {}});
        case Visitor::page:
            break;
    }
    return send_to_login(services, site, requirement, request, who);
}

Reply store_down(const LoginServices& services, const Site& site, const Request& request) {
    const Error error{Code::store, "the session store cannot answer"};
    const Visitor who = visitor(request, Unauthenticated::automatic);
    if (who == Visitor::script) {
        return refusal_json(site, services.random, info(error.code).status, error);
    }
    // A form's address need not exist for a link.
    const std::string target = who == Visitor::page ? return_target(site, request) : "/";
    pages::Facts facts;
    facts.onward = target;
    return refusal_page(services, site, request, error, facts);
}

}  // namespace clave
