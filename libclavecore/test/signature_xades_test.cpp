// XAdES, and the wrapping and reference games that are played with XML signatures.
#include "support/signature_cases.h"

namespace {

using namespace clave::test;

const SignatureCases& cases() {
    static const SignatureCases all("xades");
    return all;
}

void f02_f05_f15_each_case_gets_its_verdict(void**) {
    assert_int_equal(wrong_verdicts(cases()), 0);
}

void every_guard_refuses_something(void**) {
    assert_int_equal(guards_without_effect(cases()), 0);
}

void a_flipped_bit_makes_no_lie(void**) {
    int refused = 0;
    assert_int_equal(lies_after_a_flip(cases(), "good-simulated", 23, &refused), 0);
    assert_true(refused >= 100);
}

void a_part_is_no_signature(void**) {
    assert_int_equal(accepted_when_cut(cases(), "good-simulated", 23), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(f02_f05_f15_each_case_gets_its_verdict),
        cmocka_unit_test(every_guard_refuses_something),
        cmocka_unit_test(a_flipped_bit_makes_no_lie),
        cmocka_unit_test(a_part_is_no_signature),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
