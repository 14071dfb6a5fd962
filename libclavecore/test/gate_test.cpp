// Logins from the first click to the session, and everything that must not become one (product.md
// 8.1, S-50 to S-52, S-60 to S-63, K-06, K-07).
#include "cmocka_cpp.h"

#include <string>

#include "seen.h"
#include "support/office.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr const char* kTarget = "/puntos/consulta?a=1";

bool has_session(const Office& office, const Browser& browser) {
    RecordBytes record;
    return office.gate->identify(office.site, office.session_of(browser), record).lookup ==
           Lookup::hit;
}

std::string set_cookie_of(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers) {
        if (key == "Set-Cookie" && value.starts_with(std::string(name) + "=")) {
            return value;
        }
    }
    return {};
}

// -- The way in ---------------------------------------------------------------------------------

Seen whole_login() {
    Office office;
    Browser browser;
    const Reply done = office.log_in(browser, kTarget, "permanente");
    const Reply page = office.visit(browser, kTarget, "permanente");
    return outcome(done) + ", " + std::to_string(page.status) + " " + page.body;
}

bool session_cookie_is_strict() {
    Office office;
    Browser browser;
    const Reply done = office.log_in(browser, kTarget, "permanente");
    const std::string cookie = set_cookie_of(done, "__Host-clave");
    return cookie.size() ==
               std::string_view("__Host-clave=").size() + 43 +
                   std::string_view("; Path=/; Secure; HttpOnly; SameSite=Lax").size() &&
           cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax") &&
           browser.count("__Host-clave-st-") == 0 && done.refusals.empty() &&
           event_line(done.events.at(0))
               .starts_with("login level=permanente method=permanente loa=substantial") &&
           event_line(done.events.at(0)).find("00000000T") == std::string::npos;
}

std::size_t records_in(const MapStore& store) {
    return store.sessions.size() + store.times.size() + store.outcomes.size() + store.marks.size() +
           store.entries.size();
}

struct Kept {
    std::size_t by_visits = 0;
    std::size_t by_pages = 0;
    std::size_t by_login = 0;
    int pages = 0;
};

Kept kept_for_the_unidentified() {
    MapStore store;
    Office office(&store);
    Kept kept;
    for (int i = 0; i < 50; ++i) {
        Browser browser;
        office.visit(browser, kTarget, "permanente");
    }
    kept.by_visits = records_in(store);
    for (int i = 0; i < 50; ++i) {
        Browser browser;
        const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
        kept.pages += Office::relay_state(page).empty() ? 0 : 1;
    }
    kept.by_pages = records_in(store);
    Browser browser;
    office.log_in(browser, kTarget, "permanente");
    kept.by_login = records_in(store);
    return kept;
}

// Who only clicks fills no memory (product.md 8.1).
void nothing_is_stored_before_the_gateway_answers(void**) {
    const Kept kept = kept_for_the_unidentified();
    assert_int_equal(kept.by_visits, 0);
    assert_int_equal(kept.pages, 50);
    assert_int_equal(kept.by_pages, 0);
    assert_true(kept.by_login > 0);
}

void a_login_ends_at_its_target(void**) {
    assert_string_equal(whole_login().c_str(),
                        "303 /puntos/consulta?a=1, 200 00000000T permanente");
}

void its_cookies_are_strict(void**) {
    assert_true(session_cookie_is_strict());
}

Seen other_service() {
    Office office;
    Browser browser;
    office.log_in(browser, kTarget, "permanente");
    office.site.provider_name = "E00000000X_E04975701;Otra";
    return has_session(office, browser) ? "session" : "none";
}

void a_session_is_of_one_service(void**) {
    assert_string_equal(other_service().c_str(), "none");
}

Seen login_from_script() {
    Office office;
    Browser browser;
    Request request = page_load("/api/puntos");
    request.fetch_mode = "cors";
    request.referer = "https://sede.example.gob.es/puntos/";
    const Reply refused = office.gate->turn_away(office.site, requirement("permanente"), request,
                                                 Unauthenticated::automatic, {}, {});
    const std::size_t at = refused.body.find("/.clave/login?r=");
    const Reply page =
        office.get(browser, refused.body.substr(at, refused.body.find('"', at) - at));
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    return outcome(office.get(browser, header(accepted, "Location")));
}

void a_script_can_offer_a_login(void**) {
    assert_string_equal(login_from_script().c_str(), "303 /puntos/");
}

// -- Whose login it is --------------------------------------------------------------------------

Seen stolen_answer() {
    Office office;
    Browser victim;
    Browser thief;
    const Reply page = office.page_to_gateway(victim, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    const std::string location = header(accepted, "Location");
    const std::string stolen = outcome(office.get(thief, location));
    return stolen + ", " + outcome(office.get(victim, location));
}

void another_browser_gets_nothing_and_takes_nothing(void**) {
    assert_string_equal(stolen_answer().c_str(), "403 E-STATE, 303 /puntos/consulta?a=1");
}

// The thief's own request, which a page of his has had the citizen's browser post to the gateway:
// he keeps the state, and asks for the outcome at the address that every login comes back to.
Seen request_answered_by_another() {
    Office office;
    Browser thief;
    Browser citizen;
    const Reply page = office.page_to_gateway(thief, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    const std::string refused = outcome(office.get(citizen, header(accepted, "Location")));
    const Reply stolen =
        office.get(thief, "/.clave/return?s=" + Office::relay_state(page) + "&o=AAAA");
    return refused + ", " + outcome(stolen) + (has_session(office, thief) ? " session" : "");
}

void nobody_lends_his_request_to_another(void**) {
    assert_string_equal(request_answered_by_another().c_str(), "403 E-STATE, 403 E-STATE");
    assert_string_equal(without_guard("outcome receipt", request_answered_by_another).c_str(),
                        "403 E-STATE, 303 /puntos/consulta?a=1 session");
}

Seen relay_state_of_another() {
    Office office;
    Browser browser;
    Browser attacker;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    const Reply other = office.page_to_gateway(attacker, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    return outcome(office.post(Office::message(page), Office::relay_state(other)));
}

Seen relay_state_missing() {
    Office office;
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    return outcome(office.post_form(
        "SAMLResponse=" + percent_encode(base64_encode(as_bytes(Office::message(page))))));
}

Seen unsolicited() {
    Office office;
    Office elsewhere;
    elsewhere.site.provider_name = "E00000000X_E04975701;Otra";
    Browser browser;
    const Reply page = elsewhere.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    return outcome(office.post(Office::message(page), Office::relay_state(page)));
}

void the_answer_belongs_to_its_request(void**) {
    assert_string_equal(relay_state_of_another().c_str(), "403 E-RELAY");
    assert_string_equal(relay_state_missing().c_str(), "403 E-RELAY");
    assert_string_equal(unsolicited().c_str(), "403 E-IRT");
}

Seen posted_twice() {
    Office office;
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const std::string message = Office::message(page);
    office.post(message, Office::relay_state(page));
    return outcome(office.post(message, Office::relay_state(page))).substr(0, 12);
}

void an_assertion_is_accepted_once(void**) {
    assert_string_equal(posted_twice().c_str(), "403 E-REPLAY");
    assert_string_equal(without_guard("replay mark", posted_twice).c_str(), "303 /.clave/");
}

// The answer picked up twice, by a browser that keeps its state cookie.
Seen picked_up_twice(bool keeps_session) {
    Office office;
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    const auto state = *browser.cookies.begin();
    const std::string location = header(accepted, "Location");
    office.get(browser, location);
    if (!keeps_session) {
        browser.cookies.clear();
    }
    browser.cookies.insert(state);
    const Reply again = office.get(browser, location);
    return outcome(again) + (set_cookie_of(again, "__Host-clave").empty() ? "" : " new session");
}

Seen picked_up_late() {
    Office office;
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    office.clock.time += Seconds{61};
    return outcome(office.get(browser, header(accepted, "Location")));
}

void an_outcome_is_taken_once_and_soon(void**) {
    assert_string_equal(picked_up_twice(false).c_str(), "403 E-STATE");
    assert_string_equal(picked_up_twice(true).c_str(), "303 /puntos/consulta?a=1");
    assert_string_equal(picked_up_late().c_str(), "403 E-STATE");
}

Seen return_before_login() {
    Office office;
    Browser browser;
    const std::string location = header(office.visit(browser, kTarget, "pin"), "Location");
    const std::string suffix = location.substr(location.find('=') + 1);
    return outcome(office.get(browser, "/.clave/return?s=" + suffix));
}

void a_login_that_never_left_cannot_return(void**) {
    assert_string_equal(return_before_login().c_str(), "403 E-STATE");
}

// -- What the gateway said ----------------------------------------------------------------------

std::string login_with(const Statement& says, std::string_view level) {
    Office office;
    Browser browser;
    const Reply done = office.log_in(browser, kTarget, level, says);
    return outcome(done) + (has_session(office, browser) ? " session" : "");
}

Seen failed(std::string_view how, std::string_view message = {}) {
    Statement says;
    says.failure = how;
    says.failure_says = message;
    return login_with(says, "permanente");
}

// Which of the pages tells it.
bool page_says(std::string_view how, std::string_view message, std::string_view words) {
    Statement says;
    says.failure = how;
    says.failure_says = message;
    Office office;
    Browser browser;
    const Reply done = office.log_in(browser, kTarget, "permanente", says);
    return done.body.find(words) != std::string::npos;
}

Seen low_loa(std::string_view level) {
    Statement says;
    says.loa = "low";
    return login_with(says, level);
}

void a_cancelled_login_is_no_error(void**) {
    assert_string_equal(failed("AuthnFailed").c_str(), "200 E-CANCEL");
    assert_string_equal(failed("RequestDenied").c_str(), "200 E-CANCEL");
    assert_string_equal(failed("InvalidAttrNameOrValue").c_str(), "403 E-STATUS");
}

// The gateway's own refusals reach the person as what they are, not as a broken answer.
void a_refusal_of_the_gateway_is_explained(void**) {
    const char* level = "00057 El QAA de la respuesta no satisface el QAA solicitado";
    const char* certificate = "00067 Se ha utilizado un certificado de persona jurídica";
    assert_string_equal(failed("AuthnFailed", level).c_str(), "403 E-LOA");
    assert_true(page_says("AuthnFailed", level, "pero no con el nivel necesario"));
    assert_string_equal(failed("AuthnFailed", certificate).c_str(), "403 E-REPR");
    assert_true(page_says("AuthnFailed", certificate, "no admite certificados de representante"));
    assert_true(page_says("InvalidAttrNameOrValue", "00060",
                          "Cl@ve no ha podido completar la identificación. Espere unos minutos"));
    assert_false(page_says("InvalidAttrNameOrValue", "00060", "incompleta, repetida"));
}

void a_password_is_no_code(void**) {
    assert_string_equal(low_loa("permanente_otp").c_str(), "403 E-LOA");
    assert_string_equal(low_loa("permanente").c_str(), "303 /puntos/consulta?a=1 session");
    assert_string_equal(
        without_guard("return admission", [] { return low_loa("permanente_otp"); }).c_str(),
        "303 /puntos/consulta?a=1 session");
}

// Seconds the session lives when the gateway ends it at 10:10:05.
bool alive_after(int seconds) {
    Office office;
    office.site.idle = Seconds{0};
    Browser browser;
    Statement says;
    says.session_end = "2026-11-21T10:10:05Z";
    office.log_in(browser, kTarget, "permanente", says);
    office.clock.time += Seconds{seconds};
    return has_session(office, browser);
}

void a_session_ends_when_the_gateway_says(void**) {
    assert_true(alive_after(599));
    assert_false(alive_after(600));
}

// -- Step-up ------------------------------------------------------------------------------------

struct SteppedUpOffice {
    Office office;
    Browser browser;
    std::string old_session;
    Reply done;

    explicit SteppedUpOffice(std::string_view second_nif) {
        Statement password;
        password.loa = "low";
        office.log_in(browser, "/beneficiario/", "permanente", password);
        old_session = office.session_of(browser);
        Statement code;
        code.nif = second_nif;
        code.assertion_id = "_assertion2";
        done = office.log_in(browser, "/beneficiario/solicitar", "permanente_otp", code);
    }
    bool old_session_lives() {
        RecordBytes record;
        return office.gate->identify(office.site, old_session, record).lookup == Lookup::hit;
    }
    std::string result() {
        return outcome(done) + (old_session_lives() ? " old" : "") +
               (has_session(office, browser) ? " session" : "") +
               (browser.cookies.contains("__Host-clave") ? "" : " cookie gone");
    }
};

Seen step_up(std::string_view nif) {
    return SteppedUpOffice(nif).result();
}

void a_step_up_replaces_the_session(void**) {
    assert_string_equal(step_up("00000000T").c_str(), "303 /beneficiario/solicitar session");
}

// S-62.
void another_person_ends_it(void**) {
    assert_string_equal(step_up("99999999R").c_str(), "403 E-SUBJ-CHANGE cookie gone");
    assert_string_equal(
        without_guard("step-up person", [] { return step_up("99999999R"); }).c_str(),
        "303 /beneficiario/solicitar session");
}

Seen step_up_page() {
    Office office;
    Browser browser;
    Statement password;
    password.loa = "low";
    office.log_in(browser, "/beneficiario/", "permanente", password);
    const std::string location =
        header(office.visit(browser, "/beneficiario/solicitar", "permanente_otp"), "Location");
    const Reply page = office.get(browser, location);
    const std::string suffix = location.substr(location.find('=') + 1);
    const bool leads_on =
        page.body.find("href=\"/.clave/login?s=" + suffix + "\"") != std::string::npos;
    return std::to_string(page.status) + (leads_on ? " leads on" : "");
}

void a_step_up_is_explained_first(void**) {
    assert_string_equal(step_up_page().c_str(), "200 leads on");
}

// A session of before; what is behind the link, and after a login in another tab.
struct EndedSession {
    Office office;
    Browser browser;
    std::string location;
    EndedSession() {
        office.log_in(browser, kTarget, "permanente");
        browser.cookies["__Host-clave"] = std::string(43, 'A');
        location = header(office.visit(browser, kTarget, "permanente"), "Location");
    }
    std::string page() {
        const Reply page = office.get(browser, location);
        const std::string suffix = location.substr(location.find('=') + 1);
        const bool leads_on =
            page.body.find("href=\"/.clave/login?s=" + suffix + "\"") != std::string::npos;
        const bool says = page.body.find("Su sesión ha terminado") != std::string::npos;
        return std::to_string(page.status) + (says ? " says so" : "") +
               (leads_on ? " leads on" : "");
    }
    std::string page_after_login() {
        Statement says;
        says.assertion_id = "_assertion2";
        office.log_in(browser, "/vida-laboral/", "permanente", says);
        return outcome(office.get(browser, location));
    }
    // A session of another office is none here, and has not ended.
    bool of_another_service() {
        Statement says;
        says.assertion_id = "_assertion2";
        office.log_in(browser, kTarget, "permanente", says);
        Site other = office.site;
        other.provider_name = "Otra";
        RecordBytes record;
        const Identified who = office.gate->identify(other, office.session_of(browser), record);
        return who.lookup == Lookup::miss && !who.has_ended();
    }
};

Seen ended_page() {
    return EndedSession().page();
}
Seen ended_page_after_login() {
    return EndedSession().page_after_login();
}
bool of_another_service() {
    return EndedSession().of_another_service();
}

void the_end_of_a_session_is_told_first(void**) {
    assert_string_equal(ended_page().c_str(), "200 says so leads on");
    assert_string_equal(ended_page_after_login().c_str(), "303 /puntos/consulta?a=1");
    assert_true(of_another_service());
}

Seen second_tab() {
    Office office;
    Browser browser;
    const std::string other =
        header(office.visit(browser, "/vida-laboral/", "permanente"), "Location");
    office.log_in(browser, kTarget, "permanente");
    return outcome(office.get(browser, other));
}

void a_second_tab_goes_on_with_the_session(void**) {
    assert_string_equal(second_tab().c_str(), "303 /vida-laboral/");
}

Seen browser_without_memory() {
    Office office;
    Browser browser;
    for (const char* id : {"_a1", "_a2", "_a3"}) {
        Statement says;
        says.assertion_id = id;
        office.log_in(browser, kTarget, "permanente", says);
        browser.cookies.erase("__Host-clave");
    }
    return outcome(office.visit(browser, kTarget, "permanente"));
}

void a_login_that_does_not_stick_ends(void**) {
    assert_string_equal(browser_without_memory().c_str(), "403 E-LOOP");
}

// -- When something is broken -------------------------------------------------------------------

Seen store_down_at(std::string_view moment) {
    MapStore store;
    Office office(&store);
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    store.down = moment == "acs";
    const Reply accepted = office.post(Office::message(page), Office::relay_state(page));
    if (moment == "acs") {
        return outcome(accepted) + " " + header(accepted, "Retry-After");
    }
    store.down = true;
    const std::string location = header(accepted, "Location");
    const std::string refused = outcome(office.get(browser, location));
    store.down = false;
    return refused + ", " + outcome(office.get(browser, location));
}

void a_store_that_is_down_lets_nobody_in(void**) {
    assert_string_equal(store_down_at("acs").c_str(), "503 E-STORE 30");
    assert_string_equal(store_down_at("return").c_str(), "503 E-STORE, 303 /puntos/consulta?a=1");
}

// The browser leaves while a worker still signs.
bool survives_abandonment() {
    Office office;
    Browser browser;
    const std::string location = header(office.visit(browser, kTarget, "permanente"), "Location");
    const std::string cookies = browser.cookie_header();
    Request request = page_load(location);
    request.cookies = {cookies};
    {
        Task<Reply> task = office.gate->serve(office.site, request);
        task.start();
    }
    return outcome(office.get(browser, location)) == "200 ";
}

void a_browser_may_leave_at_any_time(void**) {
    assert_true(survives_abandonment());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_login_ends_at_its_target),
        cmocka_unit_test(nothing_is_stored_before_the_gateway_answers),
        cmocka_unit_test(its_cookies_are_strict),
        cmocka_unit_test(a_session_is_of_one_service),
        cmocka_unit_test(a_script_can_offer_a_login),
        cmocka_unit_test(another_browser_gets_nothing_and_takes_nothing),
        cmocka_unit_test(nobody_lends_his_request_to_another),
        cmocka_unit_test(the_answer_belongs_to_its_request),
        cmocka_unit_test(an_assertion_is_accepted_once),
        cmocka_unit_test(an_outcome_is_taken_once_and_soon),
        cmocka_unit_test(a_login_that_never_left_cannot_return),
        cmocka_unit_test(a_cancelled_login_is_no_error),
        cmocka_unit_test(a_refusal_of_the_gateway_is_explained),
        cmocka_unit_test(a_password_is_no_code),
        cmocka_unit_test(a_session_ends_when_the_gateway_says),
        cmocka_unit_test(a_step_up_replaces_the_session),
        cmocka_unit_test(another_person_ends_it),
        cmocka_unit_test(a_step_up_is_explained_first),
        cmocka_unit_test(the_end_of_a_session_is_told_first),
        cmocka_unit_test(a_second_tab_goes_on_with_the_session),
        cmocka_unit_test(a_login_that_does_not_stick_ends),
        cmocka_unit_test(a_store_that_is_down_lets_nobody_in),
        cmocka_unit_test(a_browser_may_leave_at_any_time),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
