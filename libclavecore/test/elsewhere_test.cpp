// Sessions that are not in the memory of this machine: every step asks for them before it decides,
// and a store that may have forgotten what was done lets no login of before go on (R-01, R-07,
// S-52).
#include "cmocka_cpp.h"

#include <string>

#include "seen.h"
#include "support/office.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::string_view kTarget = "/puntos/consulta?a=1";

struct Elsewhere {
    Elsewhere() : office(&store) { store.elsewhere = true; }

    Reply post(std::string_view endpoint) {
        Request request;
        request.method = "POST";
        request.path = endpoint;
        request.fetch_site = "same-origin";
        return office.serve(browser, request);
    }
    std::string visit(std::string_view level) {
        const Reply reply = office.visit(browser, kTarget, level);
        return reply.status == 200 ? reply.body : outcome(reply).substr(0, 12);
    }

    MapStore store;
    Office office;
    Browser browser;
};

Seen whole_stay() {
    Elsewhere e;
    Statement password;
    password.loa = "low";
    e.office.log_in(e.browser, kTarget, "permanente", password);
    std::string seen = e.visit("permanente");
    Statement code;
    code.assertion_id = "_assertion2";
    const Reply explained = e.office.visit(e.browser, kTarget, "permanente_otp");
    seen += ", " + outcome(e.office.get(e.browser, header(explained, "Location")));
    e.office.log_in(e.browser, kTarget, "permanente_otp", code);
    seen += ", " + e.visit("permanente_otp") + ", " + std::to_string(e.store.sessions.size());
    seen += ", " + std::to_string(e.post("/.clave/session").status);
    e.post("/.clave/logout");
    return seen + ", " + std::to_string(e.store.sessions.size()) + ", " + e.visit("permanente");
}

void a_session_elsewhere_is_as_good(void**) {
    assert_string_equal(whole_stay().c_str(),
                        "00000000T permanente, 200 , 00000000T permanente_otp, 1, 200, 0, "
                        "302 /.clave/");
}

// A host that decides without asking must not send those to a login who have a session.
Seen decided_too_early() {
    Elsewhere e;
    e.office.log_in(e.browser, kTarget, "permanente");
    RecordBytes record;
    const Identified who =
        e.office.gate->identify(e.office.site, e.office.session_of(e.browser), record);
    const Reply reply =
        e.office.gate->turn_away(e.office.site, requirement("permanente"), page_load(kTarget),
                                 Unauthenticated::automatic, who, Admission::level_low);
    return outcome(reply).substr(0, 11);
}

void unread_is_not_over(void**) {
    assert_string_equal(decided_too_early().c_str(), "503 E-STORE");
    assert_string_equal(without_guard("unread session", decided_too_early).c_str(), "302 /.clave");
}

Seen login_when_the_session_cannot_be_asked_for() {
    Elsewhere e;
    e.office.log_in(e.browser, kTarget, "permanente", {.loa = "low"});
    const Reply page = e.office.page_to_gateway(e.browser, kTarget, "permanente_otp");
    e.store.down = true;
    return e.visit("permanente") + ", " + outcome(e.post("/.clave/session")) + ", " +
           outcome(e.office.get(e.browser, "/.clave/login?s=" + Office::relay_state(page)));
}

void an_outage_is_no_login(void**) {
    assert_string_equal(login_when_the_session_cannot_be_asked_for().c_str(),
                        "503 E-STORE, 503 E-STORE, 503 E-STORE");
}

// The primary changes between the page to the gateway and the return.
Seen writes_are_lost() {
    Elsewhere e;
    const Reply page = e.office.page_to_gateway(e.browser, kTarget, "permanente");
    e.office.clock.time = *parse_utc(Office::kAnswered);
    e.store.history = 7;
    const Reply accepted = e.office.post(Office::message(page), Office::relay_state(page));
    const Reply done = e.office.get(e.browser, header(accepted, "Location"));
    std::string seen = outcome(done) + " " + std::to_string(e.store.sessions.size());
    if (done.status == 403) {  // and with a new login all is well
        seen += ", " +
                outcome(e.office.log_in(e.browser, kTarget, "permanente", {.assertion_id = "_a2"}));
    }
    return seen;
}

void a_login_does_not_outlive_the_history_it_began_in(void**) {
    assert_string_equal(writes_are_lost().c_str(), "403 E-STATE 0, 303 /puntos/consulta?a=1");
    assert_string_equal(without_guard("return epoch", writes_are_lost).c_str(),
                        "303 /puntos/consulta?a=1 1");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_session_elsewhere_is_as_good),
        cmocka_unit_test(unread_is_not_over),
        cmocka_unit_test(an_outage_is_no_login),
        cmocka_unit_test(a_login_does_not_outlive_the_history_it_began_in),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
