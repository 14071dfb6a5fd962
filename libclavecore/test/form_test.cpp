// Checklist S-35: a form says one thing, or is refused, or the caller can see that it says two.
#include "cmocka_cpp.h"

#include <array>
#include <string>
#include <string_view>

#include "clave/form.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

// "name=value|name=value", with "raw~" before a name that was spelled in another way.
std::string shown(std::string_view body) {
    const auto fields = parse_form(body);
    if (!fields) {
        return std::string(info(fields.error().code).word);
    }
    std::string all;
    for (const FormField& field : *fields) {
        all += all.empty() ? "" : "|";
        all += field.is_plainly_named() ? "" : std::string(field.raw_name) + "~";
        all += field.name + "=" + field.value;
    }
    return all;
}

struct Case {
    std::string_view body;
    std::string_view shown;
};
constexpr auto kCases = std::to_array<Case>({
    {"", ""},
    {"a=1", "a=1"},
    {"SAMLResponse=PHM%2B%2F%3d&RelayState=A1", "SAMLResponse=PHM+/=|RelayState=A1"},
    {"b=2&a=1&b=3", "b=2|a=1|b=3"},  // order and repetition are kept
    {"a=x+y%20z", "a=x y z"},
    {"a=b=c", "a=b=c"},
    {"a", "a="},
    {"a=", "a="},
    {"=x", "=x"},
    {"&&a=1&&", "a=1"},
    {"a=1;b=2", "a=1;b=2"},  // no separator
    {"%53AMLResponse=x&SAMLResponse=y", "%53AMLResponse~SAMLResponse=x|SAMLResponse=y"},
    {"SAML%52esponse", "SAML%52esponse~SAMLResponse="},
    {"a+b=1", "a+b~a b=1"},
    {"n=Pe%C3%B1a", "n=Peña"},
    {"a=1\r\n", "a=1\r\n"},
    {"a=%0d%0A", "a=\r\n"},
    {"a=%", "E-FMT"},
    {"a=%4", "E-FMT"},
    {"a=%4&b=1", "E-FMT"},
    {"a=%g0", "E-FMT"},
    {"a=%0g", "E-FMT"},
    {"a=%u0041", "E-FMT"},
    {"a=% 41", "E-FMT"},
    {"a=%+1", "E-FMT"},
    {"%zz=1", "E-FMT"},
    {"a=%00", "E-FMT"},
    {"a%00b=1", "E-FMT"},
    {"a=1\0"sv, "E-FMT"},
    {"a\0=1"sv, "E-FMT"},
});

const Case* first_wrong() {
    for (const Case& one : kCases) {
        if (shown(one.body) != one.shown) {
            return &one;
        }
    }
    return nullptr;
}

void fields_are_read_strictly(void**) {
    const Case* const wrong = first_wrong();
    assert_string_equal(wrong != nullptr ? wrong->body.data() : "", "");
}

std::string many_fields(int count) {
    std::string body;
    for (int i = 0; i < count; ++i) {
        body += "a=1&";
    }
    return body;
}

bool takes(int count, std::size_t most = kMostFormFields) {
    return parse_form(many_fields(count), most).has_value();
}

void fields_are_counted(void**) {
    assert_true(takes(64));
    assert_false(takes(65));
    assert_true(takes(2, 2));
    assert_false(takes(3, 2));
}

void form_guards_bear_load(void**) {
    assert_true(without_guard("form NUL", [] { return shown("a=1%00") != "E-FMT"; }));
    assert_true(without_guard("form field count", [] { return takes(65); }));
}

void content_type_has_no_parameters(void**) {
    assert_true(is_form_content_type("application/x-www-form-urlencoded"));
    assert_true(is_form_content_type("Application/X-WWW-Form-URLEncoded"));
    assert_false(is_form_content_type("application/x-www-form-urlencoded; charset=utf-7"));
    assert_false(is_form_content_type("application/x-www-form-urlencoded;"));
    assert_false(is_form_content_type("multipart/form-data; boundary=x"));
    assert_false(is_form_content_type("text/plain"));
    assert_false(is_form_content_type(""));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read_strictly),
        cmocka_unit_test(fields_are_counted),
        cmocka_unit_test(form_guards_bear_load),
        cmocka_unit_test(content_type_has_no_parameters),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
