#include "login/lost_form.h"

#include "login/answer.h"
#include "login/browser.h"
#include "login/target.h"

namespace clave {

Reply lost_form(const LoginServices& services, const Site& site, const Requirement& requirement,
                const Request& request, const Identified& who, Error why) {
    const auto login = ticket_url(
        services, site, begin_login(services, requirement, calling_page(site, request), who));
    if (!login) {
        return refusal_page(services, site, request, Error{Code::random, {}});
    }
    pages::Facts facts;
    facts.onward = *login;
    return refusal_page(services, site, request, std::move(why), facts);
}

}  // namespace clave
