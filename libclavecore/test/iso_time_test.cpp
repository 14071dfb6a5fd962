// Checklist S-56: a time has one spelling, and means the same on every host.
#include "cmocka_cpp.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>

#include "clave/iso_time.h"

namespace {

using namespace clave;

constexpr long long kRefused = -1;

long long parsed(std::string_view text) {
    const auto time = parse_utc(text);
    return time ? time->time_since_epoch().count() : kRefused;
}

void known_instants(void**) {
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parsed("2026-11-21T10:00:00Z"), 1795255200);
    assert_int_equal(parsed("2038-01-19T03:14:08Z"), 2147483648);
    assert_int_equal(parsed("2024-02-29T23:59:59Z"), 1709251199);
    assert_int_equal(parsed("9998-12-31T23:59:59Z"), 253370764799);
}

void fractions_are_dropped(void**) {
    assert_int_equal(parsed("1970-01-01T00:00:07.9Z"), 7);
    assert_int_equal(parsed("1970-01-01T00:00:07.999999999Z"), 7);
}

constexpr auto kRefusedTexts = std::to_array<const char*>({
    "",
    "Z",
    "2026-11-21T10:00:00",
    "2026-11-21T10:00:00z",
    "2026-11-21t10:00:00Z",
    "2026-11-21 10:00:00Z",
    "2026-11-21T10:00:00+00:00",
    "2026-11-21T10:00:00+01:00",
    "2026-11-21T10:00:00-00:00",
    "2026-11-21T10:00:00ZZ",
    "2026-11-21T10:00:00Z ",
    " 2026-11-21T10:00:00Z",
    "2026-11-21T10:00:00Z\n",
    "2026-11-21T10:00:00.Z",
    "2026-11-21T10:00:00.1234567890Z",
    "2026-11-21T10:00:00.12 4Z",
    "2026-11-21T10:00:00,5Z",
    "2026-11-21T10:00:00.-1Z",
    "2026-11-21T10:00:60Z",
    "2026-11-21T10:60:00Z",
    "2026-11-21T24:00:00Z",
    "2026-11-21T25:00:00Z",
    "2026-11-00T10:00:00Z",
    "2026-11-31T10:00:00Z",
    "2026-02-30T10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2100-02-29T10:00:00Z",
    "2026-00-10T10:00:00Z",
    "2026-13-10T10:00:00Z",
    "0000-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9999-01-01T00:00:00Z",
    "+2026-11-21T10:00:00Z",
    "-2026-11-21T10:00:00Z",
    "10000-01-01T00:00:00Z",
    "226-11-21T10:00:00Z",
    "2026-1-21T10:00:00Z",
    "2026-11-21T1:00:00Z",
    "2026-11-21T10:00Z",
    "20261121T100000Z",
    "2026-11-21T10:00:0 Z",
    "2026-11-21T+1:00:00Z",
    "2026-W47-6T10:00:00Z",
    "2026-11-21T１0:00:00Z",
});

const char* first_accepted_by_mistake() {
    for (const char* text : kRefusedTexts) {
        if (parse_utc(text)) {
            return text;
        }
    }
    return "";
}

void everything_else_is_refused(void**) {
    assert_string_equal(first_accepted_by_mistake(), "");
}

// Against the C library, whose arithmetic is not ours.
int differences_from_the_c_library() {
    std::mt19937_64 random(20261121);
    std::uniform_int_distribution<std::int64_t> instants(0, 253370764799);
    int wrong = 0;
    for (int i = 0; i < 20000; ++i) {
        const std::time_t instant = instants(random);
        std::tm fields{};
        ::gmtime_r(&instant, &fields);
        char text[32];
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields);
        const Time time{Seconds{instant}};
        wrong += format_utc(time) != text || parse_utc(text) != time ? 1 : 0;
    }
    return wrong;
}

void instants_are_those_of_the_c_library(void**) {
    assert_int_equal(differences_from_the_c_library(), 0);
}

void time_zone_of_the_host_does_not_matter(void**) {
    ::setenv("TZ", "Pacific/Kiritimati", 1);
    ::tzset();
    const long long here = parsed("2026-11-21T10:00:00Z");
    const int wrong = differences_from_the_c_library();
    ::unsetenv("TZ");
    ::tzset();
    assert_int_equal(here, 1795255200);
    assert_int_equal(wrong, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),
        cmocka_unit_test(fractions_are_dropped),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(instants_are_those_of_the_c_library),
        cmocka_unit_test(time_zone_of_the_host_does_not_matter),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
