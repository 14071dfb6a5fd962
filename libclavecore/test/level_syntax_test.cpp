// What an administrator may write about levels, and what it then means (product.md sections 2, 3).
#include "cmocka_cpp.h"

#include <string>
#include <vector>

#include "clave/config_words.h"
#include "clave/level_syntax.h"
#include "seen.h"

namespace {

using namespace clave;
using test::Seen;

std::optional<Seconds> minutes(std::string_view text) {
    return text == "5m" ? std::optional(Seconds{300}) : std::nullopt;
}

ConfigResult<Requirement> asked(std::string_view line) {
    return read_requirement(split(line, ' '), builtin_levels(), &minutes);
}

// "METHOD:LOA …", those that are not offered in brackets.
std::string described(Loa ask, const std::array<bool, kMethods>& offer, const Acceptance& accept) {
    std::string text(name(ask));
    for (std::size_t i = 0; i < kMethods; ++i) {
        if (!accept[i]) {
            continue;
        }
        const std::string pair =
            std::string(name(static_cast<Method>(i))) + ":" + std::string(name(*accept[i]));
        text += offer[i] ? " " + pair : " [" + pair + "]";
    }
    return text;
}

std::string joined(const ConfigError& error) {
    return error.what + (error.remedy.empty() ? "" : "; ") + error.remedy;
}

Seen location(std::string_view line) {
    const auto requirement = asked(line);
    return requirement ? described(requirement->ask, requirement->offer, requirement->accept)
                       : joined(requirement.error());
}

Seen level(std::string_view line) {
    const auto read = read_level(split(line, ' '));
    return read ? described(read->ask, read->offer, read->accept) : joined(read.error());
}

void a_location_takes_its_level(void**) {
    assert_string_equal(location("permanente").c_str(),
                        "low permanente:low certificado:substantial");
}

void loa_raises_what_is_asked_and_what_is_accepted(void**) {
    assert_string_equal(location("permanente loa=high").c_str(),
                        "high permanente:high certificado:high");
    assert_string_equal(location("permanente_otp loa=low").c_str(),
                        "\"loa=low\" is below level \"permanente_otp\", which asks for "
                        "\"substantial\"; define a level of your own with \"clave_level\"");
}

void methods_are_exactly_those_named(void**) {
    assert_string_equal(location("permanente methods=certificado,eidas").c_str(),
                        "low certificado:substantial eidas:low");
    // Whatever the order of writing, the LoA applies to the methods.
    assert_string_equal(location("pin loa=high methods=eidas").c_str(), "high eidas:high");
    assert_string_equal(location("pin methods=eidas loa=high").c_str(), "high eidas:high");
}

bool other_parameters_are_kept() {
    const auto plain = asked("pin");
    const auto full = asked("pin registration=advanced max_age=5m represented=on");
    return plain && full && !plain->advanced_registration && full->advanced_registration &&
           plain->max_age == Seconds{0} && full->max_age == Seconds{300} && !plain->represented &&
           full->represented;
}

void the_rest_is_kept(void**) {
    assert_true(other_parameters_are_kept());
}

void slips_of_the_pen_are_told(void**) {
    assert_string_equal(
        location("permanent").c_str(),
        "unknown level \"permanent\"; did you mean \"permanente\"? (known: \"off\", \"optional\", "
        "\"pin\", \"permanente\", \"permanente_otp\")");
    assert_string_equal(
        location("pin max_age=6m").c_str(),
        "invalid time in \"max_age=6m\"; write it as nginx does, as in \"max_age=30m\"");
    assert_string_equal(location("pin represented=yes").c_str(),
                        "\"represented\" is \"on\" or \"off\", not \"yes\"");
    assert_string_equal(location("pin registration=").c_str(),
                        "unknown registration \"\"; did you mean \"advanced\"?");
    assert_string_equal(location("pin loa=").c_str(),
                        "unknown LoA \"\" (known: \"low\", \"substantial\", \"high\")");
    assert_string_equal(
        location("pin max_age").c_str(),
        "invalid parameter \"max_age\" of \"clave pin\"; did you mean \"max_age=\"?");
}

// Where the words are those of another directive.
std::string order(std::string_view line) {
    const auto read =
        read_requirement(split(line, ' '), builtin_levels(), &minutes, "clave_sign_api");
    return read ? std::string("fine") : read.error().what;
}

void another_directive_is_named(void**) {
    assert_string_equal(
        order("pin max_age").c_str(),
        "invalid parameter \"max_age\" of \"clave_sign_api\"; did you mean \"max_age=\"?");
    assert_string_equal(
        order("pin levle=pin").c_str(),
        "invalid parameter \"levle=pin\" of \"clave_sign_api\"; did you mean \"level=\"?");
}

void methods_are_known_by_other_names(void**) {
    const std::string known =
        " (known: \"pin\", \"movil\", \"permanente\", \"certificado\", \"eidas\", \"cartera\")";
    assert_string_equal(
        location("pin methods=dni").c_str(),
        ("unknown method \"dni\"; here it is called \"certificado\"" + known).c_str());
    assert_string_equal(
        location("pin methods=pin,SEGSOC").c_str(),
        ("unknown method \"SEGSOC\"; here it is called \"permanente\"" + known).c_str());
    assert_string_equal(location("pin methods=cartero").c_str(),
                        ("unknown method \"cartero\"; did you mean \"cartera\"?" + known).c_str());
}

// The last of two would win, and a location would ask for less than somebody wrote.
void nothing_is_given_twice(void**) {
    assert_string_equal(location("pin loa=high loa=low").c_str(),
                        "\"loa=\" is given twice; leave one of them out");
    assert_string_equal(level("mio loa=low accept=pin:low accept=eidas:low").c_str(),
                        "\"accept=\" is given twice; leave one of them out");
}

void a_level_of_ones_own(void**) {
    assert_string_equal(level("mio loa=low accept=pin:low,certificado:high").c_str(),
                        "low pin:low certificado:high");
    assert_string_equal(level("mio loa=low accept=pin:low,eidas:high offer=pin").c_str(),
                        "low pin:low [eidas:high]");
    assert_string_equal(level("mio loa=low accept=pin:low offer=eidas").c_str(),
                        "\"clave_level mio\" offers \"eidas\" and does not accept it; add it to "
                        "\"accept=\", or leave it out of \"offer=\"");
    assert_string_equal(level("mio loa=low").c_str(),
                        "\"clave_level mio\" needs \"loa=\" and \"accept=\"");
    assert_string_equal(level("off loa=low accept=pin:low").c_str(),
                        "\"off\" cannot be the name of a level; use lower-case letters, digits, "
                        "\"_\" and \"-\"");
    assert_string_equal(level("mio loa=low accept=pin").c_str(),
                        "\"accept=\" wants METHOD:LOA pairs, as in \"accept=permanente:low\"");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_location_takes_its_level),
        cmocka_unit_test(loa_raises_what_is_asked_and_what_is_accepted),
        cmocka_unit_test(methods_are_exactly_those_named),
        cmocka_unit_test(the_rest_is_kept),
        cmocka_unit_test(slips_of_the_pen_are_told),
        cmocka_unit_test(another_directive_is_named),
        cmocka_unit_test(methods_are_known_by_other_names),
        cmocka_unit_test(nothing_is_given_twice),
        cmocka_unit_test(a_level_of_ones_own),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
