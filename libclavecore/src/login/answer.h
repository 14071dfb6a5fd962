// The answers of the gate and its endpoints. None may be cached, framed, or sniffed, and none gives
// the browser the cause of a refusal: only a reference under which the log has it.
#pragma once

#include <string>
#include <string_view>

#include "clave/request.h"
#include "clave/site.h"
#include "login/json.h"
#include "login/login_services.h"
#include "pages/page.h"

namespace clave {

// "7F3K-92QD": 40 random bits in letters and digits that are not mistaken for each other.
std::string make_reference(Random& random);

// In the visitor's language, with the means to read it in another one.
Reply page_answer(const LoginServices& services, const Site& site, const Request& request,
                  int status, PageId page, pages::Facts facts);
// The same, of one that explains: with a reference, under which the log has `word`, a literal.
Reply explaining_page(const LoginServices& services, const Site& site, const Request& request,
                      PageId page, std::string_view word, pages::Facts facts);
// Neither a page nor JSON of ours.
Reply content_answer(int status, std::string content_type, std::string body);
// `location` is of our making: a path of this origin.
Reply redirect_answer(int status, std::string location);
// Page, status and log line as the table of codes says; `facts` for what else the page can say.
Reply refusal_page(const LoginServices& services, const Site& site, const Request& request,
                   Error error, pages::Facts facts = {});
// The same with another page than the table's.
Reply refusal_with(const LoginServices& services, const Site& site, const Request& request,
                   PageId page, Error error, pages::Facts facts = {});
// For scripts. A 401 says how to authenticate (RFC 9110 section 11.6.1).
Reply json_answer(const Site& site, int status, const JsonObject& json);
// {"error": …, "ref": …, "login": …}, the latter if not empty.
Reply refusal_json(const Site& site, Random& random, int status, Error error,
                   std::string_view login_url = {});
Reply method_not_allowed(const LoginServices& services, const Site& site, const Request& request,
                         std::string_view allowed);

void set_cookie(Reply& reply, std::string value);

}  // namespace clave
