// Each forged answer is refused with its code, each unusual good one is accepted, and each guard of
// the validator is the reason for some refusal: with it switched off, the answer is another one
// (security-checklist.md section 0, g).
#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>

#include "base/guard.h"
#include "cmocka_cpp.h"
#include "support/corpus.h"

namespace {

using clave::test::Corpus;
using clave::test::CorpusCase;

const Corpus& plain() {
    static const Corpus corpus(CLAVE_CORPUS, "plain");
    return corpus;
}

const Corpus& encrypted() {
    static const Corpus corpus(CLAVE_CORPUS, "encrypted");
    return corpus;
}

const Corpus& logout() {
    static const Corpus corpus(CLAVE_CORPUS, "plain", clave::test::AnswersTo::logout);
    return corpus;
}

bool is_right(const CorpusCase& one, const std::string& verdict) {
    return one.expected.empty() ? verdict == "accepted"
                                : std::ranges::find(one.expected, verdict) != one.expected.end();
}

// The names in "a+b".
std::vector<std::string> guards_of(const std::string& step) {
    std::vector<std::string> names;
    std::istringstream text(step);
    for (std::string name; std::getline(text, name, '+');) {
        names.push_back(name);
    }
    return names;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : " or ") + word;
    }
    return text.empty() ? "accepted" : text;
}

int wrong_verdicts(const Corpus& corpus) {
    int wrong = 0;
    for (const CorpusCase& one : corpus.cases()) {
        const std::string verdict = corpus.verdict(one);
        if (!is_right(one, verdict)) {
            std::printf("%s, %s: %s, not %s\n", one.id.c_str(), one.row.c_str(),
                        corpus.explained(one).c_str(), joined(one.expected).c_str());
            ++wrong;
        }
    }
    return wrong;
}

// Nobody but the person that the gateway named.
int wrong_people(const Corpus& corpus) {
    int wrong = 0;
    for (const CorpusCase& one : corpus.cases()) {
        const std::string person = corpus.admitted(one);
        if (!person.empty() && !person.starts_with("99999018D ") &&
            !person.starts_with("X0000000T ")) {
            std::printf("%s: accepted as %s\n", one.id.c_str(), person.c_str());
            ++wrong;
        }
    }
    return wrong;
}

// One bit of a good answer changed: refused, or, where the bit is in what nobody signs (ds:KeyInfo,
// the XML declaration), still the same person at the same level.
int people_made_by_a_bit(const Corpus& corpus, std::string_view id) {
    const auto good = std::ranges::find(corpus.cases(), id, &CorpusCase::id);
    const std::string person = corpus.admitted(*good);
    int wrong = person.empty() ? 1 : 0;
    CorpusCase flipped = *good;
    for (std::size_t i = 0; i < good->message.size(); ++i) {
        flipped.message[i] = static_cast<char>(good->message[i] ^ (1 << (i % 8)));
        const std::string now = corpus.admitted(flipped);
        if (!now.empty() && now != person) {
            std::printf("%s: byte %zu makes %s\n", good->id.c_str(), i, now.c_str());
            ++wrong;
        }
        flipped.message[i] = good->message[i];
    }
    return wrong;
}

// Guards in depth hide each other: each in its turn must be the reason for the refusal.
bool each_step_changes_something(const Corpus& corpus, const CorpusCase& one) {
    clave::enable_all_guards();
    const std::string code = corpus.verdict(one);
    std::string answer = corpus.explained(one);
    for (const std::string& step : one.guards) {
        for (const std::string& name : guards_of(step)) {
            clave::disable_guard(name);
        }
        const std::string next = corpus.explained(one);
        if (next == answer) {
            std::printf("%s: still %s without %s\n", one.id.c_str(), answer.c_str(), step.c_str());
            return false;
        }
        answer = next;
    }
    if (corpus.verdict(one) == code) {
        std::printf("%s: %s in the end as well\n", one.id.c_str(), answer.c_str());
        return false;
    }
    return true;
}

int guards_without_effect(const Corpus& corpus) {
    int idle = 0;
    for (const CorpusCase& one : corpus.cases()) {
        idle += one.guards.empty() || each_step_changes_something(corpus, one) ? 0 : 1;
    }
    clave::enable_all_guards();
    return idle;
}

int guards_without_case() {
    std::set<std::string> tested;
    for (const Corpus* corpus : {&plain(), &logout()}) {
        for (const CorpusCase& one : corpus->cases()) {
            for (const std::string& step : one.guards) {
                for (const std::string& name : guards_of(step)) {
                    tested.insert(name);
                }
            }
        }
    }
    int untested = 0;
    for (const std::string& name : clave::test::guards_in_sources("../src/saml")) {
        if (!tested.contains(name)) {
            std::printf("no case is refused by the guard %s\n", name.c_str());
            ++untested;
        }
    }
    return untested;
}

void the_corpus_is_there(void**) {
    assert_true(plain().cases().size() > 500);
    assert_int_equal(plain().cases().size(), encrypted().cases().size());
    assert_true(logout().cases().size() > 300);
}

void each_answer_gets_its_code(void**) {
    assert_int_equal(wrong_verdicts(plain()), 0);
}

void each_answer_gets_its_code_when_encrypted(void**) {
    assert_int_equal(wrong_verdicts(encrypted()), 0);
}

void each_answer_to_a_logout_gets_its_code(void**) {
    assert_int_equal(wrong_verdicts(logout()), 0);
}

void nobody_becomes_somebody_else(void**) {
    assert_int_equal(wrong_people(plain()), 0);
    assert_int_equal(wrong_people(encrypted()), 0);
}

void a_bit_makes_nobody_else(void**) {
    assert_int_equal(people_made_by_a_bit(plain(), "good-plain"), 0);
    assert_int_equal(people_made_by_a_bit(plain(), "good-encrypted"), 0);
}

void without_its_guard_an_answer_changes(void**) {
    assert_int_equal(guards_without_effect(plain()), 0);
    assert_int_equal(guards_without_effect(logout()), 0);
}

void each_guard_has_a_case(void**) {
    assert_int_equal(guards_without_case(), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_is_there),
        cmocka_unit_test(each_answer_gets_its_code),
        cmocka_unit_test(each_answer_gets_its_code_when_encrypted),
        cmocka_unit_test(each_answer_to_a_logout_gets_its_code),
        cmocka_unit_test(nobody_becomes_somebody_else),
        cmocka_unit_test(a_bit_makes_nobody_else),
        cmocka_unit_test(without_its_guard_an_answer_changes),
        cmocka_unit_test(each_guard_has_a_case),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
