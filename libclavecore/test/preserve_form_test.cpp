// The form that met a login: to the person who sent it, at the address it was sent to, once, soon,
// and with no form of another site among them (product.md 8.12, checklist H-14).
#include "cmocka_cpp.h"

#include <string>

#include "seen.h"
#include "support/office.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::string_view kTarget = "/tramite?paso=2";
constexpr std::string_view kOrigin = "https://sede.example.gob.es";
constexpr const char* kOther = "99999018D";

Request form() {
    Request request = page_load(kTarget);
    request.method = "POST";
    request.content_type = "text/plain";
    request.origin = kOrigin;
    request.referer = "https://sede.example.gob.es/page?a=1";
    request.fetch_site = "same-origin";
    request.body = "a=1";
    return request;
}

struct House {
    House() { office.site.preserve_post = true; }

    Reply send(Request request = form(), std::string_view level = "permanente") {
        const std::string cookies = browser.cookie_header();
        request.cookies = {cookies};
        RecordBytes record;
        const Identified who =
            office.gate->identify(office.site, office.session_of(browser), record);
        const Requirement asked = requirement(level);
        const bool keeps =
            office.gate->may_keep_form(office.site, request, Unauthenticated::automatic, who);
        Reply reply =
            keeps ? office.gate->keep_form(office.site, asked, request, who)
                  : office.gate->turn_away(office.site, asked, request, Unauthenticated::automatic,
                                           who, Admission::level_low);
        browser.receive(reply);
        return reply;
    }
    // From the answer to a form to that of `return`.
    Reply log_in(const Reply& sent, const Statement& says = {}) {
        office.clock.time = *parse_utc(Office::kAsked);
        std::string location = header(sent, "Location");
        location.replace(0, location.find('?'), "/.clave/login");
        const Reply page = office.get(browser, location);
        office.clock.time = *parse_utc(Office::kAnswered);
        const Reply accepted = office.post(Office::message(page, says), Office::relay_state(page));
        return accepted.status == 303 ? office.get(browser, header(accepted, "Location"))
                                      : accepted;
    }
    // "POST text/plain a=1", "none".
    std::string fetch(std::string_view target = kTarget) {
        const std::string cookies = browser.cookie_header();
        Request request = page_load(target);
        request.cookies = {cookies};
        RecordBytes record;
        const auto form =
            office.gate->fetch_form(office.site, request, office.who(browser, record));
        if (!form) {
            return form.error() == NoForm::lost ? "lost" : "none";
        }
        return form->method + " " + form->headers[0].second + " " +
               std::string(as_text(form->body()));
    }
    void end_session() {
        const auto token = SessionToken::parse(office.session_of(browser));
        static_cast<void>(office.finish(office.zone->erase(token->key())));
    }

    Office office;
    Browser browser;
};

// -- The way there and back -----------------------------------------------------------------------

Seen there_and_back() {
    House house;
    const Reply back = house.log_in(house.send());
    const std::string first = house.fetch();
    return outcome(back) + ", " + first + ", " + house.fetch();
}

Seen in_a_session_that_is_enough_meanwhile() {
    House house;
    const Reply sent = house.send();
    house.office.log_in(house.browser, "/", "permanente");
    const Reply page = house.office.get(house.browser, header(sent, "Location"));
    return outcome(page) + ", " + house.fetch();
}

Seen at_a_machine_that_never_had_it() {
    House house;
    house.log_in(house.send());
    if (!house.office.forgets_forms()) {
        return "still here";
    }
    Request request = page_load(kTarget);
    const std::string cookies = house.browser.cookie_header();
    request.cookies = {cookies};
    const std::string first = house.fetch();
    const Reply page = house.office.gate->form_is_lost(house.office.site, request);
    house.browser.receive(page);
    return first + ", " + std::to_string(page.status) + ", " + house.fetch();
}

void a_form_on_another_machine_is_told_of(void**) {
    assert_string_equal(at_a_machine_that_never_had_it().c_str(), "lost, 409, none");
}

void a_form_comes_back_once(void**) {
    assert_string_equal(there_and_back().c_str(), "303 /tramite?paso=2, POST text/plain a=1, none");
    assert_string_equal(in_a_session_that_is_enough_meanwhile().c_str(),
                        "303 /tramite?paso=2, POST text/plain a=1");
}

// -- From where -----------------------------------------------------------------------------------

int sent_from(const char* site, const char* origin) {
    House house;
    Request request = form();
    request.fetch_site = site;
    request.origin = origin;
    return house.send(request).status;
}

int sent_cross_site() {
    return sent_from("cross-site", "https://evil.example");
}

void only_forms_of_this_origin_are_kept(void**) {
    assert_int_equal(sent_from("same-origin", kOrigin.data()), 303);
    assert_int_equal(sent_from("same-origin", "null"), 303);  // Referrer-Policy: no-referrer
    assert_int_equal(sent_from("same-origin", ""), 303);
    assert_int_equal(sent_from("", kOrigin.data()), 303);  // an older browser
    assert_int_equal(sent_cross_site(), 409);
    assert_int_equal(sent_from("same-site", "https://otra.example.gob.es"), 409);
    assert_int_equal(sent_from("none", ""), 409);
    assert_int_equal(sent_from("same-origin", "https://evil.example"), 409);
    assert_int_equal(sent_from("cross-site", kOrigin.data()), 409);
    assert_int_equal(sent_from("", "null"), 409);
    assert_int_equal(sent_from("", ""), 409);
    assert_int_equal(without_guard("form same origin", sent_cross_site), 303);
}

// -- To whom --------------------------------------------------------------------------------------

// A session of Ana has ended; `nif` logs in after the form.
Seen after_a_session_of_ana(const char* nif) {
    House house;
    house.office.log_in(house.browser, "/", "permanente");
    house.end_session();
    const Reply sent = house.send();
    Statement says;
    says.nif = nif;
    says.assertion_id = "_assertion2";
    const Reply back = house.log_in(sent, says);
    return outcome(back) + ", " + house.fetch();
}

Seen of_another() {
    return after_a_session_of_ana(kOther);
}

void only_the_person_gets_it_back(void**) {
    assert_string_equal(after_a_session_of_ana("00000000T").c_str(),
                        "303 /tramite?paso=2, POST text/plain a=1");
    assert_string_equal(of_another().c_str(), "303 E-POST-LOST, none");
    assert_string_equal(without_guard("form person", of_another).c_str(),
                        "303 /tramite?paso=2, POST text/plain a=1");
}

// A session that has ended, and not a trace of whose it was; or a trace of another one.
int of_nobody_known() {
    House house;
    house.office.log_in(house.browser, "/", "permanente");
    house.end_session();
    house.browser.cookies.erase("__Host-clave-who");
    return house.send().status;
}

int of_two_sessions() {
    House ana;
    ana.office.log_in(ana.browser, "/", "permanente");
    const std::string who = ana.browser.cookies["__Host-clave-who"];
    ana.browser.cookies.clear();
    Statement says;
    says.assertion_id = "_assertion2";
    says.nif = kOther;
    ana.office.log_in(ana.browser, "/", "permanente", says);
    ana.end_session();
    ana.browser.cookies["__Host-clave-who"] = who;
    return ana.send().status;
}

int of_a_forged_trace() {
    House house;
    house.browser.cookies["__Host-clave-who"] = "AAAA";
    return house.send().status;
}

void a_form_of_nobody_known_is_not_kept(void**) {
    assert_int_equal(of_nobody_known(), 409);
    assert_int_equal(of_two_sessions(), 409);
    assert_int_equal(of_a_forged_trace(), 409);
    assert_int_equal(without_guard("form of an unknown session", of_nobody_known), 303);
}

Seen with_another_session() {
    House house;
    house.log_in(house.send());
    const std::string claim = house.browser.cookies["__Host-clave-post"];
    house.browser.cookies.clear();
    Statement says;
    says.assertion_id = "_assertion2";
    says.nif = kOther;
    house.office.log_in(house.browser, "/", "permanente", says);
    house.browser.cookies["__Host-clave-post"] = claim;
    return house.fetch();
}

Seen without_a_session() {
    House house;
    house.log_in(house.send());
    house.end_session();
    return house.fetch();
}

Seen at_another_address() {
    House house;
    house.log_in(house.send());
    const std::string elsewhere = house.fetch("/tramite?paso=3");
    return elsewhere + ", " + house.fetch();
}

Seen later(Seconds wait) {
    House house;
    house.log_in(house.send());
    house.office.clock.time += wait;
    return house.fetch();
}
Seen too_late() {
    return later(Seconds{61});
}

void it_is_fetched_with_the_session_at_the_address_and_soon(void**) {
    assert_string_equal(with_another_session().c_str(), "none");
    assert_string_equal(without_a_session().c_str(), "none");
    assert_string_equal(at_another_address().c_str(), "none, POST text/plain a=1");
    assert_string_equal(later(Seconds{60}).c_str(), "POST text/plain a=1");
    assert_string_equal(too_late().c_str(), "none");
    assert_string_equal(without_guard("form claim session", with_another_session).c_str(),
                        "POST text/plain a=1");
    assert_string_equal(without_guard("form claim target", at_another_address).c_str(),
                        "POST text/plain a=1, none");
    assert_string_equal(without_guard("form claim age", too_late).c_str(), "POST text/plain a=1");
}

// -- What cannot wait -----------------------------------------------------------------------------

Seen with(const char* what) {
    House house;
    Request request = form();
    const std::string body(300 * 1024, 'a');
    const std::string long_target = "/" + std::string(1024, 'a');
    const std::string_view kind = what;
    if (kind == "delete") {
        request.method = "DELETE";
    } else if (kind == "script") {
        request.fetch_mode = "cors";
    } else if (kind == "no room") {
        request.body = body;
    } else if (kind == "address") {
        request.raw_target = long_target;
        request.path = long_target;
    }
    const Reply reply = house.send(request);
    return std::to_string(reply.status) + " " + code_of(reply);
}

Seen over_the_limit() {
    House house;
    return outcome(house.office.gate->form_too_large(house.office.site, requirement("pin"), form(),
                                                     Identified{}));
}

void what_cannot_wait_is_said(void**) {
    assert_string_equal(with("delete").c_str(), "409 E-POST-LOST");
    assert_string_equal(with("script").c_str(), "401 E-AUTH");
    assert_string_equal(with("no room").c_str(), "409 E-POST-ROOM");
    assert_string_equal(with("address").c_str(), "409 E-POST-LOST");
    assert_string_equal(over_the_limit().c_str(), "413 E-POST-SIZE");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_form_comes_back_once),
        cmocka_unit_test(a_form_on_another_machine_is_told_of),
        cmocka_unit_test(only_forms_of_this_origin_are_kept),
        cmocka_unit_test(only_the_person_gets_it_back),
        cmocka_unit_test(a_form_of_nobody_known_is_not_kept),
        cmocka_unit_test(it_is_fetched_with_the_session_at_the_address_and_soon),
        cmocka_unit_test(what_cannot_wait_is_said),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
