// Which language a visitor gets, and the switch on every page: it shows the same page again,
// whatever that was the answer to, and leads nowhere else.
#include "cmocka_cpp.h"

#include <string>
#include <vector>

#include "login_fixture.h"
#include "seen.h"
#include "support/office.h"

namespace {

using namespace clave;
using namespace clave::test;

// -- Negotiation --------------------------------------------------------------------------------

struct Wish {
    const char* chosen;
    const char* accept;
    const char* expected;
};

const Wish kWishes[] = {
    {"", "", "es"},
    {"", "ca", "ca"},
    {"", "CA-es", "ca"},
    {"", "fr,de", "es"},
    {"", "fr;q=1.0, eu;q=0.5", "eu"},
    {"", "en;q=0.8, gl;q=0.9", "gl"},
    {"", "en;q=0.8,gl;q=0.80", "en"},  // the first of equals
    {"", "eu ; q=0.3 , ca ; q=0.7", "ca"},
    {"", "en;q=0, ca;q=0.1", "ca"},
    {"", "en;q=0", "es"},
    {"", "en;Q=0.001", "en"},
    {"", "en;q=high, gl;q=0.2", "gl"},
    {"", "en;q=1.9, gl;q=1", "en"},
    {"", "en;q=0.1234, gl;q=0.1", "gl"},
    {"", "en;level=1;q=0.2, gl;q=0.3", "gl"},
    {"", "*", "es"},
    {"", ",,;q=,-,ca", "ca"},
    {"", "catalan", "es"},
    {"eu", "en", "eu"},
    {"EU", "en", "en"},
    {"fr", "gl", "gl"},
    {"eu; Path=/", "gl", "gl"},
    {"<script>", "", "es"},
};

Seen chosen(const Wish& wish, std::vector<Language> offered) {
    return std::string(tag(choose_language(offered, wish.chosen, wish.accept)));
}

void the_best_offered_language_is_chosen(void**) {
    for (const Wish& wish : kWishes) {
        assert_string_equal(chosen(wish, {kLanguages.begin(), kLanguages.end()}).c_str(),
                            wish.expected);
    }
}

void only_offered_ones_are_chosen(void**) {
    assert_string_equal(chosen({"ca", "en", ""}, {Language::gl, Language::es}).c_str(), "gl");
    assert_string_equal(chosen({"ca", "en, es;q=0.1", ""}, {Language::gl, Language::es}).c_str(),
                        "es");
}

Seen chosen_from_too_many() {
    std::string header;
    for (int i = 0; i < 1000; ++i) {
        header += "fr,";
    }
    return chosen({"", (header + "ca").c_str(), ""}, {Language::es, Language::ca});
}

void a_header_without_end_is_not_read_to_it(void**) {
    assert_string_equal(chosen_from_too_many().c_str(), "es");
}

// -- The switch ---------------------------------------------------------------------------------

std::string between(const std::string& text, const std::string& before, const char* after) {
    const std::size_t at = text.find(before);
    if (at == std::string::npos) {
        return {};
    }
    const std::size_t from = at + before.size();
    return text.substr(from, text.find(after, from) - from);
}

std::string language_url(const Reply& page, const std::string& language) {
    return "/.clave/language?p=" + between(page.body, "name=\"p\" value=\"", "\"") +
           "&l=" + language;
}

std::string title(const Reply& page) {
    return between(page.body, "<h1>", "</h1>");
}

std::string reference(const Reply& page) {
    return between(page.body, "<code>", "</code>");
}

// A refusal that answered a POST from another site: the hardest to come back to.
Reply refused_post(Office& office) {
    return office.post_form("SAMLResponse=x&RelayState=y");
}

Seen same_page_in_catalan() {
    Office office;
    Browser browser;
    const Reply spanish = refused_post(office);
    const Reply catalan = office.get(browser, language_url(spanish, "ca"));
    return std::to_string(spanish.status) + " " + title(spanish) + " | " +
           std::to_string(catalan.status) + " " + title(catalan) + " | " +
           header(catalan, "Content-Language") + " " + browser.cookies["__Host-clave-lang"] + " " +
           (reference(spanish) == reference(catalan) && !reference(spanish).empty() ? "same"
                                                                                    : "other") +
           " " + (catalan.refusals.empty() ? "not logged again" : "logged");
}

void the_answer_to_a_post_is_shown_again(void**) {
    assert_string_equal(same_page_in_catalan().c_str(),
                        "400 No hemos podido comprobar su identificación | 200 No hem pogut "
                        "comprovar la seva identificació | ca ca same not logged again");
}

Seen pages_after_the_switch() {
    Office office;
    Browser browser;
    office.get(browser, language_url(refused_post(office), "gl"));
    return title(office.get(browser, "/.clave/login?s=x"));
}

void the_cookie_is_for_the_pages_after_it(void**) {
    assert_string_equal(pages_after_the_switch().c_str(), "Esta identificación xa non é válida");
}

Seen switch_without_cookies() {
    Office office;
    Browser nobody;
    const Reply first = office.get(nobody, language_url(refused_post(office), "en"));
    nobody.cookies.clear();
    return title(office.get(nobody, language_url(first, "eu")));
}

void the_switch_needs_no_cookie(void**) {
    assert_string_equal(switch_without_cookies().c_str(),
                        "Ezin izan dugu zure identifikazioa egiaztatu");
}

// On the way to the gateway: another request is signed, in the page of the same login.
Seen login_goes_on() {
    Office office;
    Browser browser;
    const Reply spanish = office.page_to_gateway(browser, "/puntos/", "pin");
    const Reply leads = office.get(browser, language_url(spanish, "eu"));
    const std::string location = header(leads, "Location");
    const Reply basque = office.get(browser, location);
    const bool same_login = Office::relay_state(basque) == Office::relay_state(spanish);
    const bool new_request = Office::request_id(basque) != Office::request_id(spanish);
    return std::to_string(leads.status) + " " + title(basque) + (same_login ? " same login" : "") +
           (new_request ? " new request" : "") +
           (location.starts_with("/.clave/login?s=") ? "" : location);
}

void a_login_under_way_goes_on(void**) {
    assert_string_equal(login_goes_on().c_str(),
                        "303 Cl@ve sistemara eramango zaitugu same login new request");
}

Seen step_up_again() {
    Office office;
    Browser browser;
    office.log_in(browser, "/puntos/", "permanente", {.loa = "low"});
    const Reply away = office.visit(browser, "/domicilio/", "permanente_otp");
    const Reply spanish = office.get(browser, header(away, "Location"));
    const Reply english = office.get(browser, language_url(spanish, "en"));
    const bool keeps_method =
        english.body.find("Cl@ve Permanente (password)") != std::string::npos &&
        english.body.find("a code that you will receive") != std::string::npos;
    const std::string way = "<a class=\"button\" href=\"/.clave/login?s=";
    return title(english) + (keeps_method ? ", says what there is and what is needed" : "") +
           (between(spanish.body, way, "\"") == between(english.body, way, "\"") ? ", goes on"
                                                                                 : "");
}

void a_step_up_says_the_same(void**) {
    assert_string_equal(step_up_again().c_str(),
                        "This procedure asks for a more secure identification, says what there is "
                        "and what is needed, goes on");
}

Reply log_out(Office& office, Browser& browser, const char* method) {
    Request request = page_load("/.clave/logout");
    request.method = method;
    request.fetch_site = "same-origin";
    return office.serve(browser, request);
}

Seen logout_again() {
    Office office;
    Browser browser;
    office.log_in(browser, "/puntos/", "permanente");
    const Reply asks = log_out(office, browser, "GET");
    const Reply asks_again = office.get(browser, language_url(asks, "gl"));
    const bool still_in = !office.session_of(browser).empty();
    const std::string token = between(asks.body, "name=\"token\" value=\"", "\"");
    const bool same_token = between(asks_again.body, "name=\"token\" value=\"", "\"") == token;
    const Reply leaves = log_out(office, browser, "POST");
    const Reply leaves_again = office.get(browser, language_url(leaves, "en"));
    const bool posts = leaves_again.body.find("name=\"logoutRequest\"") != std::string::npos;
    return title(asks_again) + (still_in ? " still in" : "") +
           (same_token && !token.empty() ? " same token" : "") + " | " + title(leaves_again) +
           (posts ? " goes on" : "") + (office.session_of(browser).empty() ? "" : " still in");
}

void a_logout_goes_on(void**) {
    assert_string_equal(logout_again().c_str(),
                        "Quere pechar a sesión? still in same token | You have logged out "
                        "goes on");
}

// -- Nothing else comes of it -------------------------------------------------------------------

Seen opened(std::string_view target) {
    Office office;
    Browser browser;
    const Reply reply = office.get(browser, target);
    return outcome(reply) + " " + browser.cookies["__Host-clave-lang"];
}

Seen opened_of_another_service() {
    Office office;
    const Reply page = refused_post(office);
    office.site.origin = "https://otra.example.gob.es";
    Browser browser;
    return outcome(office.get(browser, language_url(page, "ca")));
}

Seen opened_after_a_change() {
    Office office;
    Reply page = refused_post(office);
    std::string url = language_url(page, "ca");
    url[40] = url[40] == 'A' ? 'B' : 'A';
    Browser browser;
    return outcome(office.get(browser, url));
}

void what_nobody_sealed_leads_home(void**) {
    assert_string_equal(opened("/.clave/language").c_str(), "303 / es");
    assert_string_equal(opened("/.clave/language?l=ca").c_str(), "303 / ca");
    assert_string_equal(opened("/.clave/language?l=xx&p=AAAA").c_str(), "303 / es");
    assert_string_equal(opened("/.clave/language?l=ca&p=//evil.example/").c_str(), "303 / ca");
    assert_string_equal(opened("/.clave/language?l=ca&l=eu").c_str(), "303 / es");
    assert_string_equal(opened_of_another_service().c_str(), "303 /");
    assert_string_equal(opened_after_a_change().c_str(), "303 /");
}

Seen posted() {
    Office office;
    Browser browser;
    Request request = page_load("/.clave/language?l=ca");
    request.method = "POST";
    return outcome(office.serve(browser, request));
}

void the_switch_is_a_page_load(void**) {
    assert_string_equal(posted().c_str(), "405 E-METHOD");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_best_offered_language_is_chosen),
        cmocka_unit_test(only_offered_ones_are_chosen),
        cmocka_unit_test(a_header_without_end_is_not_read_to_it),
        cmocka_unit_test(the_answer_to_a_post_is_shown_again),
        cmocka_unit_test(the_cookie_is_for_the_pages_after_it),
        cmocka_unit_test(the_switch_needs_no_cookie),
        cmocka_unit_test(a_login_under_way_goes_on),
        cmocka_unit_test(a_step_up_says_the_same),
        cmocka_unit_test(a_logout_goes_on),
        cmocka_unit_test(what_nobody_sealed_leads_home),
        cmocka_unit_test(the_switch_is_a_page_load),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
