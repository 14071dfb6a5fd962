// The form around the gateway's answer: one reading or none (S-32, S-34, S-35).
#include "cmocka_cpp.h"

#include <string>

#include "clave/encoding.h"
#include "login/answer_form.h"
#include "login_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using test::Seen;

constexpr const char* kGood = "SAMLResponse=PHg%2BPC94Pg%3D%3D&RelayState=abc";

struct Posted {
    std::string body = kGood;
    std::string query = {};
    std::string type = "application/x-www-form-urlencoded";
};

std::string read(const Posted& posted) {
    Request request;
    request.method = "POST";
    request.content_type = posted.type;
    request.query = posted.query;
    request.body = posted.body;
    const auto form = read_answer_form(request);
    return form ? form->message + " " + form->relay_state
                : std::string(info(form.error().code).word);
}

Seen body(std::string_view text) {
    return read({std::string(text)});
}
Seen body_and(std::string_view more) {
    return read({kGood + std::string(more)});
}
Seen query(std::string_view text) {
    return read({kGood, std::string(text)});
}
Seen type(std::string_view text) {
    return read({kGood, {}, std::string(text)});
}
Seen base64(std::string_view text) {
    return read({"RelayState=abc&SAMLResponse=" + std::string(text)});
}

Seen body_without(const char* name, std::string_view text) {
    return without_guard(name, [&] { return body(text); });
}
Seen body_and_without(const char* name, std::string_view more) {
    return without_guard(name, [&] { return body_and(more); });
}

void a_good_form_is_read(void**) {
    assert_string_equal(body(kGood).c_str(), "<x></x> abc");
    assert_string_equal(body("SAMLResponse=PHg%2BPC94Pg%3D%3D").c_str(), "<x></x> ");
    assert_string_equal(
        body("otro=1&SAMLResponse=PHg%2B%0D%0APC94Pg%3D%3D&RelayState=abc&x=2").c_str(),
        "<x></x> abc");
    assert_string_equal(query("utm=1").c_str(), "<x></x> abc");
    assert_string_equal(type("Application/X-WWW-Form-Urlencoded").c_str(), "<x></x> abc");
}

void other_types_are_refused(void**) {
    for (const char* other : {"", "text/plain", "multipart/form-data; boundary=x",
                              "application/x-www-form-urlencoded; charset=utf-16",
                              "application/x-www-form-urlencodedx"}) {
        assert_string_equal(type(other).c_str(), "E-FMT");
    }
    assert_string_equal(
        without_guard("form content type", [] { return type("text/plain"); }).c_str(),
        "<x></x> abc");
}

void two_readings_are_refused(void**) {
    for (const char* more : {"&SAMLResponse=AAAA", "&RelayState=abc", "&RelayState=",
                             "&SAMLResponse", "&%53AMLResponse=AAAA", "&Relay%53tate=x",
                             "&logoutResponse=AAAA", "&logoutRequest=AAAA", "&SAMLRequest=AAAA"}) {
        assert_string_equal(body_and(more).c_str(), "E-FMT");
    }
    for (const char* also :
         {"SAMLResponse=AAAA", "RelayState=abc", "%53AMLResponse=x", "logoutResponse=x"}) {
        assert_string_equal(query(also).c_str(), "E-FMT");
    }
}

void each_of_these_guards_is_needed(void**) {
    assert_string_equal(body_and_without("form field repeated", "&RelayState=x").c_str(),
                        "<x></x> x");
    assert_string_equal(
        body_without("form field spelling", "%53AMLResponse=PHg%2BPC94Pg%3D%3D&RelayState=abc")
            .c_str(),
        "<x></x> abc");
    assert_string_equal(body_and_without("form two answers", "&logoutResponse=AAAA").c_str(),
                        "<x></x> abc");
    assert_string_equal(body_and_without("form other message", "&SAMLRequest=AAAA").c_str(),
                        "<x></x> abc");
    assert_string_equal(without_guard("form query", [] { return query("RelayState=abc"); }).c_str(),
                        "<x></x> abc");
}

void what_is_not_base64_is_refused(void**) {
    for (const char* bad :
         {"", "PHg-PC94Pg%3D%3D", "PHg%2BPC94Pg", "PHg%2BPC94Ph%3D%3D", "PHg%2BPC94Pg%3D%3DAAAA",
          "PHg%2BPC94Pg%3D%3D%00", "%3Cx%2F%3E", "PHg%zzPC94Pg%3D%3D", "PHg+PC94Pg%3D%3D"}) {
        assert_string_equal(base64(bad).c_str(), "E-FMT");
    }
    assert_string_equal(body("").c_str(), "E-FMT");
    assert_string_equal(body("RelayState=abc").c_str(), "E-FMT");
}

Seen of_size(std::size_t bytes) {
    const std::string text =
        read({"SAMLResponse=" + percent_encode(base64_encode(as_bytes(std::string(bytes, 'x'))))});
    return text.size() > 10 ? std::string_view("read") : text;
}

Seen with_line_breaks(int number) {
    std::string breaks;
    for (int i = 0; i < number; ++i) {
        breaks += "%0A";
    }
    return body("SAMLResponse=PHg%2BPC94Pg%3D%3D" + breaks);
}

void size_is_limited(void**) {
    assert_string_equal(of_size(131072).c_str(), "read");
    assert_string_equal(of_size(131073).c_str(), "E-SIZE");
    assert_string_equal(without_guard("message size", [] { return of_size(131073); }).c_str(),
                        "read");
    assert_string_equal(with_line_breaks(2).c_str(), "<x></x> ");
    assert_string_equal(with_line_breaks(70000).c_str(), "E-FMT");
    assert_string_equal(
        without_guard("message white space", [] { return with_line_breaks(70000); }).c_str(),
        "<x></x> ");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_good_form_is_read),
        cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(two_readings_are_refused),
        cmocka_unit_test(each_of_these_guards_is_needed),
        cmocka_unit_test(what_is_not_base64_is_refused),
        cmocka_unit_test(size_is_limited),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
