// Whose a signature is, and what a request has to know before it may do anything to one: each guard
// is the one that refuses (F-02 to F-05, F-08, F-17).
#include "cmocka_cpp.h"

#include <string>

#include "support/guarded.h"
#include "support/signing_office.h"

namespace {

using namespace clave;
using namespace clave::test;

// ---- what a person decides

std::string confirmed(const std::string& fetch_site, bool with_token) {
    SigningOffice office;
    const std::string base = office.submit();
    const std::string token = Office::field(office.get(office.ana, base), "token");
    const std::string body = (with_token ? "token=" + token + "&" : "") + "read=1";
    const std::string path = base + "confirm";
    Request request = SigningOffice::post_of(path, body);
    request.fetch_site = fetch_site;
    const Reply reply = office.serve(office.ana, request);
    return reply.status == 303 ? "confirmed" : outcome(reply);
}

Pair from_elsewhere() {
    return looked("sign sender", [] { return confirmed("cross-site", true); });
}

void another_site_confirms_nothing(void**) {
    const Pair pair = from_elsewhere();
    assert_string_equal(pair.with.c_str(), "403 E-ORIGIN");
    assert_string_equal(pair.without.c_str(), "confirmed");
}

Pair without_token() {
    return looked("sign token", [] { return confirmed("same-origin", false); });
}

void no_token_confirms_nothing(void**) {
    const Pair pair = without_token();
    assert_string_equal(pair.with.c_str(), "403 E-ORIGIN");
    assert_string_equal(pair.without.c_str(), "confirmed");
}

// ---- with a login that is good enough, still

std::string confirmed_with_an_old_login() {
    SigningOffice office;
    const std::string base = office.submit();
    const std::string token = Office::field(office.get(office.ana, base), "token");
    Transaction strict = office.transaction(base);
    strict.requirement.max_age = Seconds{60};
    office.change(base, strict);
    office.clock.time += Seconds{120};
    const std::string body = "token=" + token + "&read=1";
    const std::string path = base + "confirm";
    const Reply reply = office.serve(office.ana, SigningOffice::post_of(path, body));
    const std::string onward = header(reply, "Location");
    return onward == base ? "confirmed" : onward.substr(0, onward.find('?'));
}

Pair with_an_old_login() {
    return looked("sign confirm level", confirmed_with_an_old_login);
}

void old_login_confirms_nothing(void**) {
    const Pair pair = with_an_old_login();
    assert_string_equal(pair.with.c_str(), "/.clave/stepup");
    assert_string_equal(pair.without.c_str(), "confirmed");
}

// ---- what is shown

std::string document_after_a_change() {
    SigningOffice office;
    const std::string base = office.submit();
    const std::string path = office.directory + "/" + SigningOffice::id_in(base) + "/document";
    const int file = ::open(path.c_str(), O_WRONLY);
    const bool changed = ::pwrite(file, "X", 1, 0) == 1;
    ::close(file);
    const Reply reply = office.get(office.ana, base + "document");
    return changed && reply.status == 200 ? "shown" : outcome(reply);
}

Pair changed_document() {
    return looked("sign shown digest", document_after_a_change);
}

void document_that_was_changed_is_not_shown(void**) {
    const Pair pair = changed_document();
    assert_string_equal(pair.with.c_str(), "409 E-SIGN-DIGEST");
    assert_string_equal(pair.without.c_str(), "shown");
}

// ---- back from FIRe

std::string back_with_another_nonce() {
    SigningOffice office;
    const std::string base = office.submit();
    Transaction at_fire = office.transaction(base);
    at_fire.state = SignState::at_gateway;
    at_fire.fire_id = "1";
    office.change(base, at_fire);
    const Reply reply = office.get(office.ana, base + "ok?n=AAAAAAAAAAAAAAAAAAAAAA");
    return reply.status == 303 ? "come back" : outcome(reply);
}

Pair another_nonce() {
    return looked("sign nonce", back_with_another_nonce);
}

void who_does_not_know_the_way_back_does_not_come_back(void**) {
    const Pair pair = another_nonce();
    assert_string_equal(pair.with.c_str(), "404 E-NOTFOUND");
    assert_string_equal(pair.without.c_str(), "come back");
}

// ---- onward to the application

struct Fetch {
    SignState state = SignState::finished;
    std::string_view target = "/firmar";
    const char* nif = "00000000T";
};

std::string handed_over(const Fetch& how) {
    SigningOffice office;
    const std::string base = office.submit();
    Transaction made = office.transaction(base);
    made.state = how.state;
    office.change(base, made);
    Browser someone;
    office.log_in(someone, "/firmar", "permanente_otp",
                  {.nif = how.nif, .assertion_id = "_assertion2"});
    const Identified who = office.who_is(someone);
    const std::string cookie = office.site.cookie + "-sign=" + SigningOffice::id_in(base);
    Request request = page_load(how.target);
    request.cookies = {cookie};
    const auto form = office.finish(office.gate->fetch_signed(office.site, request, who));
    return form ? "handed over" : "nothing";
}

Pair handed(std::string_view guard, const Fetch& how) {
    return looked(guard, [how] { return handed_over(how); });
}

Seen as_it_should_be() {
    return Seen(handed_over({}));
}

void signed_form_goes_on(void**) {
    assert_string_equal(as_it_should_be().c_str(), "handed over");
}

void to_nobody_else(void**) {
    const Pair pair = handed("sign delivery owner", {.nif = "11111111H"});
    assert_string_equal(pair.with.c_str(), "nothing");
    assert_string_equal(pair.without.c_str(), "handed over");
}

void to_no_other_address(void**) {
    const Pair pair = handed("sign delivery target", {.target = "/otra"});
    assert_string_equal(pair.with.c_str(), "nothing");
    assert_string_equal(pair.without.c_str(), "handed over");
}

void not_before_it_is_signed(void**) {
    const Pair pair = handed("sign delivery state", {.state = SignState::at_gateway});
    assert_string_equal(pair.with.c_str(), "nothing");
    assert_string_equal(pair.without.c_str(), "handed over");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(another_site_confirms_nothing),
        cmocka_unit_test(no_token_confirms_nothing),
        cmocka_unit_test(old_login_confirms_nothing),
        cmocka_unit_test(document_that_was_changed_is_not_shown),
        cmocka_unit_test(who_does_not_know_the_way_back_does_not_come_back),
        cmocka_unit_test(signed_form_goes_on),
        cmocka_unit_test(to_nobody_else),
        cmocka_unit_test(to_no_other_address),
        cmocka_unit_test(not_before_it_is_signed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
