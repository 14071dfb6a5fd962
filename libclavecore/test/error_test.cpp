// What the operator's tools and the citizens see of a refusal (product.md 8.2, 8.3).
#include "cmocka_cpp.h"

#include <set>
#include <string_view>

#include "clave/error.h"

namespace {

using namespace clave;

constexpr int kCodes = static_cast<int>(Code::internal) + 1;

int words_in_the_log() {
    std::set<std::string_view> words;
    for (int i = 0; i < kCodes; ++i) {
        const std::string_view word = info(static_cast<Code>(i)).word;
        if (word.starts_with("E-")) {
            words.insert(word);
        }
    }
    return static_cast<int>(words.size());
}

void every_code_has_a_word_of_its_own(void**) {
    assert_int_equal(words_in_the_log(), kCodes);
}

int proofs_without_403() {
    int others = 0;
    for (int i = static_cast<int>(Code::structure); i <= static_cast<int>(Code::state); ++i) {
        const auto code = static_cast<Code>(i);
        others += code != Code::cancelled && info(code).status != 403 ? 1 : 0;
    }
    return others;
}

void statuses_tell_kinds_apart(void**) {
    assert_int_equal(info(Code::format).status, 400);
    assert_int_equal(proofs_without_403(), 0);
    assert_int_equal(info(Code::cancelled).status, 200);
    assert_int_equal(info(Code::post_lost).status, 409);
    assert_int_equal(info(Code::unauthenticated).status, 401);
    assert_int_equal(info(Code::store).status, 503);
    assert_int_equal(info(Code::key).status, 503);
    assert_int_equal(info(Code::random).status, 503);
    assert_int_equal(info(Code::internal).status, 500);
}

void attacks_and_faults_are_loud(void**) {
    assert_true(info(Code::signature).severity == Severity::error);
    assert_true(info(Code::replay).severity == Severity::error);
    assert_true(info(Code::store).severity == Severity::error);
    assert_true(info(Code::key).severity == Severity::error);
    assert_true(info(Code::cancelled).severity == Severity::info);
    assert_true(info(Code::state).severity == Severity::info);
    assert_true(info(Code::level).severity == Severity::info);
    assert_true(info(Code::post_lost).severity == Severity::info);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_word_of_its_own),
        cmocka_unit_test(statuses_tell_kinds_apart),
        cmocka_unit_test(attacks_and_faults_are_loud),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
