// A logout without a web server: the session ends here first, nobody else can end it, and the
// gateway's answer changes nothing about that (S-69, K-10).
#include "cmocka_cpp.h"
//
#include "clave/crypto.h"
#include "seen.h"
#include "support/logout_response.h"
#include "support/office.h"
#include "without_guard.h"

using namespace clave;
using namespace clave::test;

namespace {

constexpr std::string_view kPath = "/.clave/logout";

// An office with somebody logged in.
struct LoggedIn {
    explicit LoggedIn(Store* store = nullptr) : office(store) {
        office.site.logout_target = "/adios";
        office.log_in(browser, "/puntos/", "permanente");
        cookie = office.session_of(browser);
    }
    Reply post(std::string_view site, std::string_view origin = {}, std::string_view body = {}) {
        Request request;
        request.method = "POST";
        request.path = kPath;
        request.fetch_site = site;
        request.origin = origin;
        request.body = body;
        request.content_type = "application/x-www-form-urlencoded";
        return office.serve(browser, request);
    }
    // Of a thief who copied the cookie before the logout.
    bool alive() {
        RecordBytes record;
        return office.gate->identify(office.site, cookie, record).lookup == Lookup::hit;
    }
    std::string told(const Reply& reply) {
        return outcome(reply) + (alive() ? " alive" : " ended") +
               (office.session_of(browser).empty() ? "" : " cookie");
    }

    Office office;
    Browser browser;
    std::string cookie;
};

std::string field(const Reply& page, const std::string& name) {
    const std::string mark = "name=\"" + name + "\" value=\"";
    const std::size_t at = page.body.find(mark);
    return at == std::string::npos
               ? std::string()
               : page.body.substr(at + mark.size(),
                                  page.body.find('"', at + mark.size()) - at - mark.size());
}

Seen asked(std::string_view site, std::string_view origin = {}) {
    LoggedIn in;
    return in.told(in.post(site, origin));
}

void a_page_of_ours_ends_the_session(void**) {
    assert_string_equal(asked("same-origin").c_str(), "200  ended");
    assert_string_equal(asked("same-origin", "null").c_str(), "200  ended");
    assert_string_equal(asked("", "https://sede.example.gob.es").c_str(), "200  ended");
}

void no_other_page_does(void**) {
    for (const char* site : {"cross-site", "same-site", "SAME-ORIGIN", "x"}) {
        assert_string_equal(asked(site, "https://sede.example.gob.es").c_str(),
                            "403 E-SLO alive cookie");
    }
    for (const char* origin : {"https://sede.example.gob.es.otra.example", "http://sede.example",
                               "https://sede.example.gob.es:444", "https://otra.example"}) {
        assert_string_equal(asked("", origin).c_str(), "403 E-SLO alive cookie");
    }
    assert_string_equal(without_guard("logout sender", [] { return asked("cross-site"); }).c_str(),
                        "200  ended");
}

Seen by_method(std::string_view method) {
    LoggedIn in;
    Request request = page_load(kPath);
    request.method = method;
    request.fetch_site = "same-origin";
    const Reply reply = in.office.serve(in.browser, request);
    return in.told(reply) + " " + header(reply, "Allow");
}

void no_method_but_post_does(void**) {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}) {
        assert_string_equal(by_method(method).c_str(), "405 E-METHOD alive cookie POST");
    }
    assert_string_equal(without_guard("logout method", [] { return by_method("GET"); }).c_str(),
                        "200  ended ");
}

// The browser says nothing: asked, then confirmed by the page's own button.
Seen confirmed(std::string_view change = {}) {
    LoggedIn in;
    const Reply page = in.post("");
    if (in.told(page) != "200  alive cookie" || !page.refusals.empty()) {
        return in.told(page);
    }
    std::string token = field(page, "token");
    if (!change.empty()) {
        token = change == "flip" ? std::string(token.rbegin(), token.rend()) : std::string(change);
    }
    return in.told(in.post("", "null", "token=" + token));
}

// A token of somebody else's session.
Seen confirmed_with_foreign_token() {
    LoggedIn in;
    Browser other;
    in.office.log_in(other, "/puntos/", "permanente", {.assertion_id = "_assertion2"});
    Request request;
    request.method = "POST";
    request.path = kPath;
    const std::string token = field(in.office.serve(other, request), "token");
    return in.told(in.post("", "", "token=" + token));
}

void a_silent_browser_is_asked(void**) {
    assert_string_equal(asked("").c_str(), "200  alive cookie");
    assert_string_equal(asked("none").c_str(), "200  alive cookie");
    assert_string_equal(asked("", "null").c_str(), "200  alive cookie");
    assert_string_equal(confirmed().c_str(), "200  ended");
    assert_string_equal(confirmed("flip").c_str(), "403 E-SLO alive cookie");
    assert_string_equal(confirmed("x").c_str(), "403 E-SLO alive cookie");
    assert_string_equal(confirmed_with_foreign_token().c_str(), "403 E-SLO alive cookie");
    assert_string_equal(without_guard("logout token", confirmed_with_foreign_token).c_str(),
                        "200  ended");
    assert_string_equal(without_guard("logout proof", [] { return asked(""); }).c_str(),
                        "200  ended");
}

// Nobody is asked for a token of his own through another site's form.
bool a_foreign_page_with_the_token_is_refused() {
    LoggedIn in;
    const std::string token = field(in.post(""), "token");
    return in.told(in.post("cross-site", "", "token=" + token)) == "403 E-SLO alive cookie";
}

void the_token_does_not_help_other_sites(void**) {
    assert_true(a_foreign_page_with_the_token_is_refused());
}

Seen without_session() {
    LoggedIn in;
    in.browser.cookies.clear();
    return outcome(in.post("same-origin"));
}

// The second logout of a browser that kept its cookie.
Seen with_ended_session() {
    LoggedIn in;
    in.post("same-origin");
    in.browser.cookies[in.office.site.cookie] = in.cookie;
    return in.told(in.post(""));
}

void without_a_session_it_just_goes_on(void**) {
    assert_string_equal(without_session().c_str(), "303 /adios");
    assert_string_equal(with_ended_session().c_str(), "303 /adios ended");
}

bool page_leads_to_gateway() {
    LoggedIn in;
    const Reply page = in.post("same-origin");
    const std::string xml = base64_decode(field(page, "logoutRequest")).value_or("");
    return page.body.find("action=\"" + in.office.site.gateway_url + "\"") != std::string::npos &&
           page.body.find("<button class=\"button\" type=\"submit\">") != std::string::npos &&
           header(page, "Content-Security-Policy").find("form-action https:;") !=
               std::string::npos &&
           header(page, "Cache-Control") == "no-store" && field(page, "RelayState").size() == 22 &&
           xml.find(">E00000000X_E04975701</saml2:NameID>") != std::string::npos &&
           xml.find("<saml2:Issuer>https://sede.example.gob.es/.clave/acs<") != std::string::npos;
}

void the_page_leads_to_the_gateway(void**) {
    assert_true(page_leads_to_gateway());
}

// ---- the gateway answers

struct Asked {
    std::string id, relay_state;
};

Asked asked_gateway(LoggedIn& in) {
    in.office.clock.time = *parse_utc(Office::kAsked);
    const Reply page = in.post("same-origin");
    in.office.clock.time = *parse_utc(Office::kAnswered);
    const std::string xml = base64_decode(field(page, "logoutRequest")).value_or("");
    const std::size_t at = xml.find(" ID=\"") + 5;
    return {xml.substr(at, xml.find('"', at) - at), field(page, "RelayState")};
}

std::string form_with(const std::string& id, const std::string& relay_state,
                      const TestKey* signer = nullptr) {
    const std::string message =
        logout_response(gateway(), {.response = replaced("_request1", id), .signer = signer});
    return "logoutResponse=" + percent_encode(base64_encode(as_bytes(message))) +
           "&RelayState=" + percent_encode(relay_state);
}

enum class Answered { well, twice, by_stranger, other_relay, late, unasked, to_a_login };

std::string answered_how(Answered how, std::size_t& cookies) {
    LoggedIn in;
    Asked sent = asked_gateway(in);
    const TestKey* signer = how == Answered::by_stranger ? &gateway().attacker() : nullptr;
    if (how == Answered::other_relay) {
        sent.relay_state = "AAAAAAAAAAAAAAAAAAAAAA";
    } else if (how == Answered::unasked) {
        sent.id = "_" + std::string(75, 'A');
    } else if (how == Answered::late) {
        in.office.clock.time += Seconds{601};
    } else if (how == Answered::to_a_login) {
        Browser other;
        const Reply page = in.office.page_to_gateway(other, "/puntos/", "permanente");
        in.office.clock.time = *parse_utc(Office::kAnswered);
        sent = {Office::request_id(page), Office::relay_state(page)};
    }
    const std::string form = form_with(sent.id, sent.relay_state, signer);
    Reply reply = in.office.post_form(form);
    if (how == Answered::twice) {
        reply = in.office.post_form(form);
    }
    cookies = static_cast<std::size_t>(
        std::count_if(reply.headers.begin(), reply.headers.end(),
                      [](const auto& one) { return one.first == "Set-Cookie"; }));
    const bool says = reply.body.find("Cierre el navegador") != std::string::npos;
    return outcome(reply) + (says ? " says so" : "");
}

Seen answered(Answered how) {
    std::size_t cookies = 0;
    return answered_how(how, cookies);
}

void a_good_answer_leads_on(void**) {
    assert_string_equal(answered(Answered::well).c_str(), "303 /adios");
}

void a_bad_one_is_told(void**) {
    assert_string_equal(answered(Answered::by_stranger).c_str(), "403 E-SIG-KEY says so");
    assert_string_equal(answered(Answered::twice).c_str(), "403 E-SLO says so");
    assert_string_equal(answered(Answered::other_relay).c_str(), "403 E-SLO says so");
    assert_string_equal(answered(Answered::late).c_str(), "403 E-SLO says so");
    assert_string_equal(answered(Answered::unasked).c_str(), "403 E-SLO says so");
    assert_string_equal(answered(Answered::to_a_login).c_str(), "403 E-SLO says so");
    assert_string_equal(
        without_guard("logout replay", [] { return answered(Answered::twice); }).c_str(),
        "303 /adios");
}

std::size_t cookies_set_by(Answered how) {
    std::size_t cookies = 0;
    answered_how(how, cookies);
    return cookies;
}

// An answer comes from another site: it must not be able to log anybody out.
void no_answer_touches_a_cookie(void**) {
    assert_int_equal(cookies_set_by(Answered::well), 0);
    assert_int_equal(cookies_set_by(Answered::by_stranger), 0);
}

Seen form(const std::string& body) {
    Office office;
    const Reply reply = office.post_form(body);
    return outcome(reply) +
           (reply.body.find("Cierre el navegador") != std::string::npos ? " says so" : "");
}

void forms_are_read_strictly(void**) {
    assert_string_equal(form("logoutResponse=%2A&RelayState=x").c_str(), "400 E-FMT says so");
    assert_string_equal(form("logoutResponse=AAAA&logoutResponse=AAAA").c_str(),
                        "400 E-FMT says so");
    assert_string_equal(form("logoutResponse=AAAA&SAMLResponse=AAAA").c_str(), "400 E-FMT");
    assert_string_equal(form("logoutRequest=AAAA&RelayState=x").c_str(), "400 E-FMT");
}

// The answer to a logout is none to a login.
Seen answer_to_logout_as_login() {
    LoggedIn in;
    const Asked sent = asked_gateway(in);
    Answer plan;
    plan.assertion = replaced("_request1", sent.id);
    plan.response = replaced("_request1", sent.id);
    return outcome(in.office.post(gateway().answer(plan), sent.relay_state));
}

void a_logout_is_no_login(void**) {
    assert_string_equal(answer_to_logout_as_login().c_str(), "403 E-IRT");
}

// ---- things break

Seen with_store_down() {
    MapStore store;
    LoggedIn in(&store);
    store.down = true;
    const Reply reply = in.post("same-origin");
    const bool says = reply.body.find("Puede que la sesión siga abierta") != std::string::npos;
    return outcome(reply) + (says ? " says so" : "") + " " + header(reply, "Retry-After") +
           (in.office.session_of(in.browser).empty() ? "" : " cookie");
}

Seen without_randomness() {
    LoggedIn in;
    in.office.random.broken = true;
    return in.told(in.post("same-origin"));
}

void the_cookie_goes_whatever_breaks(void**) {
    assert_string_equal(with_store_down().c_str(), "503 E-STORE says so 30");
    assert_string_equal(without_randomness().c_str(), "503 E-RNG ended");
}

// Four logins and logouts within a minute are no loop.
Seen in_and_out_again() {
    LoggedIn in;
    for (int i = 0; i < 3; ++i) {
        in.post("same-origin");
        in.office.log_in(in.browser, "/puntos/", "permanente",
                         {.assertion_id = "_again" + std::to_string(i)});
    }
    return in.office.session_of(in.browser).empty() ? "turned away" : "in";
}

void logging_in_again_is_no_loop(void**) {
    assert_string_equal(in_and_out_again().c_str(), "in");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_page_of_ours_ends_the_session),
        cmocka_unit_test(no_other_page_does),
        cmocka_unit_test(no_method_but_post_does),
        cmocka_unit_test(a_silent_browser_is_asked),
        cmocka_unit_test(the_token_does_not_help_other_sites),
        cmocka_unit_test(without_a_session_it_just_goes_on),
        cmocka_unit_test(the_page_leads_to_the_gateway),
        cmocka_unit_test(a_good_answer_leads_on),
        cmocka_unit_test(a_bad_one_is_told),
        cmocka_unit_test(no_answer_touches_a_cookie),
        cmocka_unit_test(forms_are_read_strictly),
        cmocka_unit_test(a_logout_is_no_login),
        cmocka_unit_test(the_cookie_goes_whatever_breaks),
        cmocka_unit_test(logging_in_again_is_no_loop),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
