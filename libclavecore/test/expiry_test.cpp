// When the end of a certificate is spoken of (product.md section 4).
#include "clave/expiry.h"

#include <array>
#include <vector>

#include "cmocka_cpp.h"

namespace {

using namespace clave;
using std::chrono::days;
using std::chrono::hours;

constexpr Time kEnd{Seconds{1'800'000'000}};

// Days left (negative: since the end) of every notice, asking every `step` from `from` to `to`.
std::vector<long> told(Time from, Time to, Seconds step) {
    std::vector<long> out;
    for (Time last = from; last < to; last += step) {
        if (const auto notice = end_notice(kEnd, last, last + step)) {
            out.push_back(notice->ended ? -notice->days : notice->days);
        }
    }
    return out;
}

bool told_on_every_day_that_counts(Seconds step) {
    return told(kEnd - days(100), kEnd + days(2), step) ==
           std::vector<long>{60, 30, 14, 7, 3, 1, 0, -1, -2};
}

void test_six_warnings_and_one_error_a_day(void**) {
    assert_true(told_on_every_day_that_counts(Seconds(1)));
    assert_true(told_on_every_day_that_counts(hours(1)));
    assert_true(told_on_every_day_that_counts(hours(24)));
    assert_true(told_on_every_day_that_counts(Seconds(3677)));
}

// Asked once in ten days, one is told what is true then; nothing piles up.
void test_seldom_asked(void**) {
    assert_true(told(kEnd - days(65), kEnd + days(5), days(10)) ==
                (std::vector<long>{55, 25, 5, -5}));
}

void test_nothing_between_two_moments(void**) {
    assert_false(end_notice(kEnd, kEnd - days(6), kEnd - days(4)).has_value());
    assert_false(end_notice(kEnd, kEnd - days(400), kEnd - days(61)).has_value());
    assert_false(end_notice(kEnd, kEnd + hours(1), kEnd + hours(23)).has_value());
}

// A clock that was set back says nothing twice.
void test_clock_set_back(void**) {
    assert_false(end_notice(kEnd, kEnd - days(6), kEnd - days(6) - hours(1)).has_value());
    assert_false(end_notice(kEnd, kEnd + hours(1), kEnd - hours(1)).has_value());
}

bool is(std::optional<EndNotice> notice, Severity severity, long count, bool ended) {
    return notice && notice->severity == severity && notice->days == count &&
           notice->ended == ended;
}

void test_at_start(void**) {
    assert_false(end_notice_at_start(kEnd, kEnd - days(60) - Seconds(1)).has_value());
    assert_true(is(end_notice_at_start(kEnd, kEnd - days(60)), Severity::warn, 60, false));
    assert_true(is(end_notice_at_start(kEnd, kEnd - days(45)), Severity::warn, 45, false));
    assert_true(is(end_notice_at_start(kEnd, kEnd - Seconds(1)), Severity::warn, 1, false));
    assert_true(is(end_notice_at_start(kEnd, kEnd), Severity::error, 0, true));
    assert_true(is(end_notice_at_start(kEnd, kEnd + days(9)), Severity::error, 9, true));
}

void test_next(void**) {
    constexpr std::array kMoments{kEnd - days(60),
                                  kEnd - days(30),
                                  kEnd - days(14),
                                  kEnd - days(7),
                                  kEnd - days(3),
                                  kEnd - days(1),
                                  kEnd,
                                  kEnd + days(1),
                                  kEnd + days(2)};
    Time now = kEnd - days(1000);
    for (const Time moment : kMoments) {
        assert_true(next_end_notice(kEnd, now) == moment);
        assert_true(next_end_notice(kEnd, moment - Seconds(1)) == moment);
        now = moment;
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(test_six_warnings_and_one_error_a_day),
        cmocka_unit_test(test_seldom_asked),
        cmocka_unit_test(test_nothing_between_two_moments),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_at_start),
        cmocka_unit_test(test_next),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
