// What a page is told of the session, who may put off its end, and all sessions of one person
// (K-07, K-08, K-10).
#include "cmocka_cpp.h"

#include <array>
#include <string>

#include "seen.h"
#include "support/office.h"
#include "support/watched_store.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr const char* kTarget = "/puntos/consulta?a=1";
constexpr const char* kOrigin = "https://sede.example.gob.es";

// As many logins as a test likes: each assertion has an id of its own.
std::string log_in(Office& office, Browser& browser, const Statement& says = {}) {
    static int logins = 0;
    Statement statement = says;
    statement.assertion_id = "_assertion-" + std::to_string(++logins);
    return outcome(office.log_in(browser, kTarget, "permanente", statement));
}

bool is_in(Office& office, const Browser& browser) {
    RecordBytes record;
    return office.gate->identify(office.site, office.session_of(browser), record, Touch::never)
               .lookup == Lookup::hit;
}

Reply ask(Office& office, Browser& browser, std::string_view method = "GET",
          std::string_view fetch_site = "same-origin", std::string_view origin = {}) {
    Request request = page_load("/.clave/session");
    request.method = method;
    request.fetch_mode = "cors";
    request.fetch_dest = "empty";
    request.fetch_site = fetch_site;
    request.origin = origin;
    return office.serve(browser, request);
}

std::string status_and_body(const Reply& reply) {
    return std::to_string(reply.status) + " " + reply.body;
}

// -- What a page is told ------------------------------------------------------------------------

Seen told_after(int seconds) {
    Office office;
    Browser browser;
    log_in(office, browser);
    office.clock.time += Seconds{seconds};
    return status_and_body(ask(office, browser));
}

Seen told_nobody() {
    Office office;
    Browser browser;
    return status_and_body(ask(office, browser));
}

void a_page_is_told_how_long_the_session_lasts(void**) {
    assert_string_equal(told_after(10).c_str(),
                        "200 {\"authenticated\":true,\"remaining\":890,\"absolute\":28790,"
                        "\"level\":\"permanente\",\"extend\":\"/.clave/session\"}");
    assert_string_equal(told_after(900).c_str(),
                        "401 {\"authenticated\":false,\"remaining\":0,\"absolute\":0}");
    assert_string_equal(told_nobody().c_str(),
                        "401 {\"authenticated\":false,\"remaining\":0,\"absolute\":0}");
}

Seen told_near_the_absolute_end() {
    Office office;
    Browser browser;
    log_in(office, browser, {.session_end = "2026-11-21T10:05:05Z"});
    return ask(office, browser).body.substr(0, 53);
}

void it_is_told_of_whichever_end_comes_first(void**) {
    assert_string_equal(told_near_the_absolute_end().c_str(),
                        "{\"authenticated\":true,\"remaining\":300,\"absolute\":300,");
}

Seen headers_of_the_answer(bool in) {
    Office office;
    Browser browser;
    if (in) {
        log_in(office, browser);
    }
    const Reply reply = ask(office, browser);
    return reply.content_type + ", " + header(reply, "Cache-Control") + ", " +
           header(reply, "Cross-Origin-Resource-Policy") + ", " +
           header(reply, "X-Content-Type-Options") +
           ", cors=" + header(reply, "Access-Control-Allow-Origin") + ", " +
           header(reply, "WWW-Authenticate") + ", " + code_of(reply);
}

void only_scripts_of_this_origin_read_it(void**) {
    assert_string_equal(headers_of_the_answer(true).c_str(),
                        "application/json, no-store, same-origin, nosniff, cors=, , ");
    assert_string_equal(headers_of_the_answer(false).c_str(),
                        "application/json, no-store, same-origin, nosniff, cors=, "
                        "Clave realm=\"https://sede.example.gob.es\", ");
}

// -- What keeps a session alive -----------------------------------------------------------------

Seen asked_every_minute(bool by_get) {
    Office office;
    Browser browser;
    log_in(office, browser);
    int minutes = 0;
    for (; minutes < 30 && is_in(office, browser); ++minutes) {
        office.clock.time += Seconds{60};
        if (by_get) {
            ask(office, browser);
        } else {
            RecordBytes record;
            office.gate->identify(office.site, office.session_of(browser), record);
        }
    }
    return std::to_string(minutes) + " minutes";
}

void asking_keeps_no_session_alive(void**) {
    assert_string_equal(asked_every_minute(true).c_str(), "15 minutes");
    assert_string_equal(asked_every_minute(false).c_str(), "30 minutes");
}

Seen extended(std::string_view fetch_site, std::string_view origin) {
    Office office;
    Browser browser;
    log_in(office, browser);
    office.clock.time += Seconds{30};  // too soon for a touch on the way
    const Reply reply = ask(office, browser, "POST", fetch_site, origin);
    const std::string told = std::to_string(reply.status) + " " + code_of(reply);
    const std::string body = ask(office, browser).body;
    return told + " " + body.substr(22, 15);
}

void a_page_of_this_origin_puts_off_the_end(void**) {
    assert_string_equal(extended("same-origin", "").c_str(), "200  \"remaining\":900");
    assert_string_equal(extended("", kOrigin).c_str(), "200  \"remaining\":900");
}

Seen extended_by_another() {
    return extended("cross-site", kOrigin);
}

void nobody_else_does(void**) {
    assert_string_equal(extended_by_another().c_str(), "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(extended("same-site", "").c_str(), "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(extended("none", "").c_str(), "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(extended("", "https://otra.example.gob.es").c_str(),
                        "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(extended("", "null").c_str(), "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(extended("", "").c_str(), "403 E-ORIGIN \"remaining\":870");
    assert_string_equal(without_guard("session sender", extended_by_another).c_str(),
                        "200  \"remaining\":900");
}

Seen extended_to_the_end() {
    Office office;
    Browser browser;
    log_in(office, browser);
    int extensions = 0;
    for (; extensions < 100 && ask(office, browser, "POST").status == 200; ++extensions) {
        office.clock.time += Seconds{800};
    }
    return std::to_string(extensions) + (is_in(office, browser) ? ", still in" : ", out");
}

void no_session_outlives_its_absolute_end(void**) {
    assert_string_equal(extended_to_the_end().c_str(), "36, out");  // 8 h / 800 s
}

Seen other_method() {
    Office office;
    Browser browser;
    const Reply reply = ask(office, browser, "PUT");
    return std::to_string(reply.status) + " " + header(reply, "Allow") + ", HEAD " +
           std::to_string(ask(office, browser, "HEAD").status);
}

void other_methods_are_refused(void**) {
    assert_string_equal(other_method().c_str(), "405 GET, HEAD, POST, HEAD 401");
}

Seen store_is_down() {
    MapStore store;
    Office office(&store);
    Browser browser;
    browser.cookies["__Host-clave"] = std::string(43, 'A');
    store.down = true;
    const Reply asked = ask(office, browser);
    return std::to_string(asked.status) + " " + code_of(asked) + " " + asked.content_type;
}

void unknown_is_not_over(void**) {
    assert_string_equal(store_is_down().c_str(), "503 E-STORE application/json");
}

// -- All sessions of one person -----------------------------------------------------------------

Seen logins_over_the_limit() {
    Office office;
    office.site.session_limit = 2;
    std::array<Browser, 4> ana;
    Browser benito;
    log_in(office, benito, {.nif = "99999999R"});
    std::string seen;
    for (Browser& browser : ana) {
        log_in(office, browser);
    }
    for (const Browser& browser : ana) {
        seen += is_in(office, browser) ? "+" : ".";
    }
    return seen + (is_in(office, benito) ? " +" : " .");
}

void oldest_session_of_the_person_ends(void**) {
    assert_string_equal(logins_over_the_limit().c_str(), "..++ +");
}

Seen logins_at_two_sites() {
    Office office;
    office.site.session_limit = 1;
    Browser here;
    log_in(office, here);
    office.site.provider_name = "E00000000X_E04975701;Otra";
    Browser there;
    log_in(office, there);
    std::string seen = is_in(office, there) ? "there" : "";
    office.site = test_site();
    return seen + (is_in(office, here) ? " and here" : "");
}

void sessions_of_another_service_count_apart(void**) {
    assert_string_equal(logins_at_two_sites().c_str(), "there and here");
}

Seen ended_by_the_operator(const char* person) {
    Office office;
    Browser first;
    Browser second;
    Browser other;
    log_in(office, first);
    log_in(office, second);
    log_in(office, other, {.nif = "99999999R"});
    const auto listed = office.finish(office.gate->sessions_of(office.site, person));
    const auto ended = office.finish(office.gate->end_sessions_of(office.site, person));
    return std::to_string(listed->size()) + " listed, " + std::to_string(*ended) +
           " ended: " + (is_in(office, first) ? "+" : ".") + (is_in(office, second) ? "+" : ".") +
           (is_in(office, other) ? "+" : ".");
}

void operator_ends_all_sessions_of_one_person(void**) {
    assert_string_equal(ended_by_the_operator("00000000T").c_str(), "2 listed, 2 ended: ..+");
    assert_string_equal(ended_by_the_operator("99999999R").c_str(), "1 listed, 1 ended: ++.");
    assert_string_equal(ended_by_the_operator("").c_str(), "0 listed, 0 ended: +++");
}

Seen ended_after_a_change_of_keys() {
    Office office;
    Browser before;
    log_in(office, before);
    office.change_key();
    Browser after;
    log_in(office, after);
    const auto ended = office.finish(office.gate->end_sessions_of(office.site, "00000000T"));
    return std::to_string(*ended) + " ended" + (is_in(office, before) ? ", one left" : "");
}

void a_former_key_hides_no_session(void**) {
    assert_string_equal(ended_after_a_change_of_keys().c_str(), "2 ended");
}

Seen limit_over_a_change_of_keys() {
    Office office;
    office.site.session_limit = 2;
    std::array<Browser, 4> ana;
    Browser benito;
    log_in(office, ana[0]);
    log_in(office, ana[1]);
    log_in(office, benito, {.nif = "99999999R"});
    office.change_key();
    std::string seen;
    for (const std::size_t next : {2U, 3U}) {
        log_in(office, ana[next]);
        for (const Browser& browser : ana) {
            seen += is_in(office, browser) ? "+" : ".";
        }
        seen += " ";
    }
    return seen + (is_in(office, benito) ? "+" : ".");
}

void a_former_key_leaves_no_room_for_more(void**) {
    assert_string_equal(limit_over_a_change_of_keys().c_str(), ".++. ..++ +");
}

// Whoever cannot count the sessions of a person admits nobody, and leaves none behind that nobody
// has the cookie of.
Seen admitted_uncounted(bool counted) {
    Office office;
    WatchedStore store{*office.zone};
    Browser ana;
    log_in(office, ana, {.loa = "low"});
    office.change_key(&store);
    store.lists_sessions = counted;
    const Reply reply = office.log_in(ana, kTarget, "permanente_otp", {.assertion_id = "_other"});
    std::string seen = std::to_string(reply.status);
    for (const Event& event : reply.events) {
        seen += " " + std::string(name(event.kind));
    }
    store.lists_sessions = true;
    const auto left = office.finish(office.gate->sessions_of(office.site, "00000000T"));
    return seen + ": " + std::to_string(left->size()) + " left";
}

void no_session_is_left_that_nobody_has(void**) {
    assert_string_equal(admitted_uncounted(true).c_str(), "303 step_up session_end: 1 left");
    assert_string_equal(admitted_uncounted(false).c_str(), "503 session_end: 0 left");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_told_how_long_the_session_lasts),
        cmocka_unit_test(it_is_told_of_whichever_end_comes_first),
        cmocka_unit_test(only_scripts_of_this_origin_read_it),
        cmocka_unit_test(asking_keeps_no_session_alive),
        cmocka_unit_test(a_page_of_this_origin_puts_off_the_end),
        cmocka_unit_test(nobody_else_does),
        cmocka_unit_test(no_session_outlives_its_absolute_end),
        cmocka_unit_test(other_methods_are_refused),
        cmocka_unit_test(unknown_is_not_over),
        cmocka_unit_test(oldest_session_of_the_person_ends),
        cmocka_unit_test(sessions_of_another_service_count_apart),
        cmocka_unit_test(operator_ends_all_sessions_of_one_person),
        cmocka_unit_test(a_former_key_hides_no_session),
        cmocka_unit_test(a_former_key_leaves_no_room_for_more),
        cmocka_unit_test(no_session_is_left_that_nobody_has),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
