#include "login/page_language.h"

#include "login/browser.h"
#include "login/set_cookie.h"

namespace clave {
namespace {

constexpr Seconds kRemembered{365 * 24 * 3600};

}  // namespace

Language page_language(const Site& site, const Request& request) {
    const bool switches = request.path.size() > site.path.size() &&
                          request.path.substr(site.path.size()) == "language";
    const std::string_view asked = switches ? query_value(request.query, "l") : std::string_view{};
    const std::string_view chosen = language_of(asked) ? asked : cookies_of(site, request).language;
    return choose_language(site.languages, chosen, request.accept_language);
}

std::string language_cookie(const Site& site, Language language) {
    return lasting_cookie(site.cookie + "-lang", tag(language), kRemembered);
}

}  // namespace clave
