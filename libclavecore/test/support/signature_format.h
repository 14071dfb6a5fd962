// What holds for signatures of every format, tried with those of one.
#pragma once

#include <climits>

#include "support/signature_cases.h"

namespace clave::test {

struct FormatTest {
    SignatureCases cases;
    std::vector<std::string> good;  // the cases that are damaged
    std::size_t step;               // every so many octets of each
    int least_refused;
};

inline const FormatTest& format_test(void** state) {
    return *static_cast<const FormatTest*>(*state);
}

inline void f02_f05_f15_each_case_gets_its_verdict(void** state) {
    assert_int_equal(wrong_verdicts(format_test(state).cases), 0);
}

inline void every_guard_refuses_something(void** state) {
    assert_int_equal(guards_without_effect(format_test(state).cases), 0);
}

inline void a_flipped_bit_makes_no_lie(void** state) {
    const FormatTest& test = format_test(state);
    int refused = 0;
    for (const std::string& good : test.good) {
        assert_int_equal(lies_after_a_flip(test.cases, good, test.step, &refused), 0);
    }
    assert_in_range(refused, test.least_refused, INT_MAX);
}

inline void a_part_is_no_signature(void** state) {
    const FormatTest& test = format_test(state);
    for (const std::string& good : test.good) {
        assert_int_equal(accepted_when_cut(test.cases, good, test.step), 0);
    }
}

inline int run_format_test(FormatTest&& test) {
    const CMUnitTest tests[] = {
        cmocka_unit_test_prestate(f02_f05_f15_each_case_gets_its_verdict, &test),
        cmocka_unit_test_prestate(every_guard_refuses_something, &test),
        cmocka_unit_test_prestate(a_flipped_bit_makes_no_lie, &test),
        cmocka_unit_test_prestate(a_part_is_no_signature, &test),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

}  // namespace clave::test
