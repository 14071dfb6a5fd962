// What a login's steps tell whoever keeps count and books: each thing once, of the right person.
#include "clave/event.h"

#include <string>

#include "cmocka_cpp.h"
#include "seen.h"
#include "support/office.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::string_view kTarget = "/puntos/consulta?a=1";

std::string told(const Concerned& who) {
    return who.level + "/" + std::string(who.method ? name(*who.method) : "-") + "/" +
           std::string(who.loa ? name(*who.loa) : "-") + "/" + (who.nif.empty() ? "-" : who.nif);
}

// "login permanente/permanente/low/00000000T", "E-CANCEL of login pin/-/-/-"
std::string told(const Reply& reply) {
    std::string text;
    for (const Refusal& refusal : reply.refusals) {
        text += std::string(info(refusal.error.code).word) + " of " +
                std::string(refusal.instead_of ? name(*refusal.instead_of) : "nothing") + " " +
                told(refusal.who) + ";";
    }
    for (const Event& event : reply.events) {
        text += std::string(name(event.kind)) + " " + told(event.who) + ";";
    }
    return text;
}

Statement statement(std::string_view loa, std::string_view nif, std::string_view assertion) {
    Statement says;
    says.loa = loa;
    says.nif = nif;
    says.assertion_id = assertion;
    return says;
}

Seen a_stay(std::string_view second) {
    Office office;
    Browser browser;
    const Reply in =
        office.log_in(browser, kTarget, "permanente", statement("low", "00000000T", "_assertion1"));
    const std::string session = in.events.at(0).who.session;
    const Reply up = office.log_in(browser, kTarget, "permanente_otp",
                                   statement("substantial", second, "_assertion2"));
    const bool same = up.events.back().who.session == session;
    return told(in) + " " + told(up) + (same ? " same " : " other ") +
           std::string(word(up.events.back().end));
}

void a_login_and_a_step_up(void**) {
    assert_string_equal(a_stay("00000000T").c_str(),
                        "login permanente/permanente/low/00000000T; "
                        "step_up permanente_otp/permanente/substantial/00000000T;"
                        "session_end permanente/permanente/low/00000000T; same step_up");
}

void a_step_up_by_another_person(void**) {
    assert_string_equal(a_stay("99999999R").c_str(),
                        "login permanente/permanente/low/00000000T; "
                        "E-SUBJ-CHANGE of step_up permanente_otp/permanente/substantial/99999999R;"
                        "session_end permanente/permanente/low/00000000T; same step_up");
}

Seen one_login(std::string_view level, const Statement& says) {
    Office office;
    Browser browser;
    return told(office.log_in(browser, kTarget, level, says));
}

void logins_that_end_otherwise(void**) {
    const auto weak = [] {
        return one_login("permanente_otp", statement("low", "00000000T", "_assertion1"));
    };
    assert_string_equal(weak().c_str(), "E-LOA of login permanente_otp/permanente/low/00000000T;");
    const auto cancelled = [] {
        Statement says;
        says.failure = "AuthnFailed";
        return one_login("permanente", says);
    };
    assert_string_equal(cancelled().c_str(), "E-CANCEL of login permanente/-/-/-;");
}

// What the host has heard so far.
struct Ear final : EventWitness {
    std::string heard;
    void happened(const Event& event) noexcept override {
        heard += std::string(name(event.kind)) + " " + told(event.who) + ";";
    }
    void refused(const Refusal& refusal) noexcept override {
        Reply reply;
        reply.refusals.push_back(refusal);
        heard += told(reply);
        named = named && refusal.ref.size() == 9;
    }
    bool named = true;  // by a reference, each refusal
};

Request logout_of(std::string_view cookies, Ear& ear) {
    Request request;
    request.method = "POST";
    request.path = "/.clave/logout";
    request.fetch_site = "same-origin";
    request.cookies = {cookies};
    request.witness = &ear;
    return request;
}

Seen a_logout() {
    Office office;
    Browser browser;
    office.log_in(browser, kTarget, "permanente");
    Ear ear;
    const Request request = logout_of("", ear);
    const Reply out = office.serve(browser, request);
    return ear.heard + " " + told(out) + told(office.serve(browser, request)) +
           (ear.heard.find(';') == ear.heard.size() - 1 ? "once" : "more");
}

void a_logout_is_told_once(void**) {
    assert_string_equal(a_logout().c_str(),
                        "logout permanente/permanente/substantial/00000000T; once");
}

// Asks, and is gone before there is an answer: the store's where it is silent, else what a thread
// works at.
std::string leave(Office& office, const Request& request, const MapStore& store) {
    const bool left =
        office.ask_and_leave(request, [&] { return store.silent_at.empty() || store.is_silent; });
    return left ? "waits " : "answered ";
}

Seen a_logout_that_nobody_waits_for(std::string_view silent_at) {
    MapStore store;
    Office office(&store);
    Browser browser;
    office.log_in(browser, kTarget, "permanente");
    store.silent_at = silent_at;
    Ear ear;
    const std::string cookies = browser.cookie_header();
    const Request request = logout_of(cookies, ear);
    const std::string seen = leave(office, request, store);
    return seen + std::to_string(store.sessions.size()) + " " + ear.heard;
}

void it_needs_nobody_who_waits(void**) {
    const auto signing = [] { return a_logout_that_nobody_waits_for(""); };
    assert_string_equal(signing().c_str(),
                        "waits 0 logout permanente/permanente/substantial/00000000T;");
    const auto erasing = [] { return a_logout_that_nobody_waits_for("erase"); };
    assert_string_equal(erasing().c_str(),
                        "waits 0 logout permanente/permanente/substantial/00000000T;");
}

Seen a_logout_that_fails() {
    MapStore store;
    Office office(&store);
    Browser browser;
    office.log_in(browser, kTarget, "permanente");
    store.clings = true;
    Ear ear;
    return outcome(office.serve(browser, logout_of("", ear))) + ear.heard;
}

void one_that_fails_is_none(void**) {
    assert_string_equal(a_logout_that_fails().c_str(), "503 E-STORE");
}

// Who brings an answer leaves while it is judged; or, if it is a good one, while the store is
// asked.
Seen an_answer_that_nobody_waits_for(std::string_view silent_at, bool forged) {
    MapStore store;
    Office office(&store);
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    store.silent_at = silent_at;
    const std::string message = forged ? "<Response/>" : Office::message(page);
    const std::string body = "SAMLResponse=" + percent_encode(base64_encode(as_bytes(message))) +
                             "&RelayState=" + Office::relay_state(page);
    Ear ear;
    Request request;
    request.method = "POST";
    request.path = "/.clave/acs";
    request.content_type = "application/x-www-form-urlencoded";
    request.body = body;
    request.witness = &ear;
    const std::string seen = leave(office, request, store);
    return seen + ear.heard + (ear.named ? "" : " nameless");
}

void an_answer_leaves_a_line_whoever_waits(void**) {
    const auto judging = [] { return an_answer_that_nobody_waits_for("", true); };
    assert_string_equal(judging().c_str(), "waits E-LEFT of nothing /-/-/-;");
    const auto marking = [] { return an_answer_that_nobody_waits_for("mark", false); };
    assert_string_equal(marking().c_str(), "waits E-LEFT of nothing /-/-/-;");
}

// The way back of a step-up, by somebody else if `other`, who leaves.
Seen a_return_that_nobody_waits_for(std::string_view silent_at, bool other = false) {
    MapStore store;
    Office office(&store);
    Browser browser;
    office.log_in(browser, kTarget, "permanente", statement("low", "00000000T", "_assertion1"));
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente_otp");
    office.clock.time = *parse_utc(Office::kAnswered);
    const std::string nif = other ? "99999999R" : "00000000T";
    const std::string back =
        header(office.post(Office::message(page, statement("substantial", nif, "_assertion2")),
                           Office::relay_state(page)),
               "Location");
    store.silent_at = silent_at;
    Ear ear;
    const std::string cookies = browser.cookie_header();
    Request request = page_load(back);
    request.cookies = {cookies};
    request.witness = &ear;
    const std::string seen = leave(office, request, store);
    return seen + std::to_string(store.sessions.size()) + " " + ear.heard +
           (ear.named ? "" : " nameless");
}

void a_login_that_nobody_waits_for_is_told(void**) {
    const auto taking = [] { return a_return_that_nobody_waits_for("take"); };
    assert_string_equal(taking().c_str(), "waits 1 E-LEFT of step_up permanente_otp/-/-/-;");
    const auto putting = [] { return a_return_that_nobody_waits_for("put"); };
    assert_string_equal(putting().c_str(),
                        "waits 1 step_up permanente_otp/permanente/substantial/00000000T;"
                        "session_end permanente/permanente/low/00000000T;");
    const auto another = [] { return a_return_that_nobody_waits_for("erase", true); };
    assert_string_equal(
        another().c_str(),
        "waits 0 session_end permanente/permanente/low/00000000T;"
        "E-SUBJ-CHANGE of step_up permanente_otp/permanente/substantial/99999999R;");
}

// Who waits hears it from the Reply alone.
Seen a_login_that_is_waited_for() {
    MapStore store;
    Office office(&store);
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const std::string back =
        header(office.post(Office::message(page), Office::relay_state(page)), "Location");
    Ear ear;
    Request request = page_load(back);
    request.witness = &ear;
    return ear.heard + "|" + told(office.serve(browser, request)) + "|" + ear.heard;
}

void who_waits_is_told_once(void**) {
    const auto waiting = [] { return a_login_that_is_waited_for(); };
    assert_string_equal(waiting().c_str(), "|login permanente/permanente/substantial/00000000T;|");
}

// The gateway's clock is 15 seconds behind, where its answer is dated.
Seen clocks_apart() {
    Office office;
    Browser browser;
    const Reply page = office.page_to_gateway(browser, kTarget, "permanente");
    office.clock.time = *parse_utc(Office::kAnswered);
    const Reply taken = office.post(Office::message(page), Office::relay_state(page));
    const Reply forged = office.post("<Response/>", Office::relay_state(page));
    return (taken.gateway_ahead ? std::to_string(taken.gateway_ahead->count()) : "-") + " " +
           (forged.gateway_ahead ? "believed" : "not believed");
}

void the_gateways_clock_is_told(void**) {
    assert_string_equal(clocks_apart().c_str(), "-5 not believed");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_login_and_a_step_up),
        cmocka_unit_test(a_step_up_by_another_person),
        cmocka_unit_test(logins_that_end_otherwise),
        cmocka_unit_test(a_logout_is_told_once),
        cmocka_unit_test(it_needs_nobody_who_waits),
        cmocka_unit_test(one_that_fails_is_none),
        cmocka_unit_test(an_answer_leaves_a_line_whoever_waits),
        cmocka_unit_test(a_login_that_nobody_waits_for_is_told),
        cmocka_unit_test(who_waits_is_told_once),
        cmocka_unit_test(the_gateways_clock_is_told),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
