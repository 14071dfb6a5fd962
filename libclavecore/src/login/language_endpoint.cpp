// The language switch. It works without cookies, too: what it answers is in the language that was
// asked for, and the cookie is for the pages after it.
#include <string>
#include <utility>

#include "login/answer.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "login/logout_onward.h"
#include "login/logout_proof.h"
#include "login/page_language.h"
#include "login/page_ticket.h"

namespace clave {
namespace {

Task<Reply> show_again(const LoginServices& services, const Site& site, const Request& request,
                       const TicketedPage& ticketed) {
    if (ticketed.page() == PageId::redirect || ticketed.shown_by_itself()) {
        // A request to the gateway serves once: the login makes another one. A signature may have
        // gone on in the meantime, and its address shows where it is.
        co_return redirect_answer(303, ticketed.onward());
    }
    if (ticketed.page() == PageId::logout) {
        auto asking = ask_gateway_to_log_out(services, site, request);
        Reply asked = co_await std::move(asking);
        co_return asked;
    }
    pages::Facts facts = ticketed.facts();
    std::string token;
    if (ticketed.page() == PageId::logout_confirm) {
        CurrentSession session(services, site, request, Touch::never);
        auto loading = session.load();
        co_await std::move(loading);
        token = logout_token_for(services, site, session);
        facts.logout_token = token;
    }
    // A refusal has been counted and logged; this is only its text.
    co_return page_answer(services, site, request, 200, ticketed.page(), facts);
}

}  // namespace

Task<Reply> serve_language(const LoginServices& services, const Site& site,
                           const Request& request) {
    const auto ticketed = TicketedPage::open(services, site, query_value(request.query, "p"));
    if (!ticketed) {
        // Of before a restart, or nobody's: the language is still worth keeping.
        Reply home = redirect_answer(303, site.logout_target);
        set_cookie(home, language_cookie(site, page_language(site, request)));
        co_return home;
    }
    auto showing = show_again(services, site, request, *ticketed);
    Reply reply = co_await std::move(showing);
    set_cookie(reply, language_cookie(site, page_language(site, request)));
    co_return reply;
}

}  // namespace clave
