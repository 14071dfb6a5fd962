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

// Octets between two elements; the signature covers them as it covers all else of its SignedInfo,
// but behind that, and before the next, nobody reads them.
bool is_white_between_elements(const std::string& text, std::size_t at) {
    const std::string_view white = " \t\r\n";
    const std::size_t before = text.find_last_not_of(white, at);
    const std::size_t after = text.find_first_not_of(white, at);
    return before != at && before != text.npos && after != text.npos && text[before] == '>' &&
           text[after] == '<';
}

bool is_of_a_signature(std::string_view verdict) {
    return verdict.starts_with("E-SIG") || verdict == "E-STRUCT" || verdict == "E-ID-DUP" ||
           verdict == "E-FMT";
}

struct Flips {
    int tried = 0;
    int wrong = 0;
};

// Each octet of the signature's block in turn, by a bit that moves and by the lowest one (which, at
// the end of base64, could be one that no decoder looks at).
Flips flips_of_signature(const Corpus& corpus, std::string_view id) {
    const auto good = std::ranges::find(corpus.cases(), id, &CorpusCase::id);
    const std::size_t begin = good->message.find("<ds:SignedInfo");
    const std::string_view last = "</ds:SignatureValue>";
    const std::size_t end = good->message.find(last) + last.size();
    Flips flips;
    CorpusCase flipped = *good;
    for (std::size_t i = begin; i < end; ++i) {
        if (is_white_between_elements(good->message, i)) {
            continue;
        }
        for (const int bit : {1, 1 << (i % 8)}) {
            flipped.message[i] = static_cast<char>(good->message[i] ^ bit);
            const std::string verdict = corpus.verdict(flipped);
            if (!is_of_a_signature(verdict)) {
                std::printf("%s: byte %zu ('%c' for '%c'): %s\n", good->id.c_str(), i,
                            flipped.message[i], good->message[i], verdict.c_str());
                ++flips.wrong;
            }
            ++flips.tried;
        }
        flipped.message[i] = good->message[i];
    }
    return flips;
}

std::size_t how_many(const Corpus& corpus, bool (*wanted)(const CorpusCase&)) {
    return static_cast<std::size_t>(std::ranges::count_if(corpus.cases(), wanted));
}

bool is_good(const CorpusCase& one) {
    return one.expected.empty();
}

bool is_bad(const CorpusCase& one) {
    return !is_good(one);
}

bool is_wrapped(const CorpusCase& one) {
    return is_bad(one) && one.id.starts_with("xsw");
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
    const std::size_t bad = how_many(plain(), is_bad) + how_many(encrypted(), is_bad);
    const std::size_t bad_logout = how_many(logout(), is_bad);
    const std::size_t wrapped = how_many(plain(), is_wrapped);
    const std::size_t good = how_many(plain(), is_good);
    std::printf("bad answers: %zu (%zu of them wrapped, plain); to a logout: %zu; good ones: %zu\n",
                bad, wrapped, bad_logout, good);
    assert_int_equal(plain().cases().size(), encrypted().cases().size());
    assert_true(bad >= 1500);  // and each_octet_of_a_signature_counts
    assert_true(bad_logout >= 300);
    assert_true(wrapped >= 96);
    assert_true(good >= 20);
}

void each_octet_of_a_signature_counts(void**) {
    const Flips flips[] = {flips_of_signature(plain(), "good-plain"),
                           flips_of_signature(plain(), "good-encrypted"),
                           flips_of_signature(logout(), "logout-good-plain")};
    for (const Flips& one : flips) {
        std::printf("octets of a signature flipped: %d, not refused by it: %d\n", one.tried,
                    one.wrong);
        assert_true(one.tried >= 2000);
        assert_int_equal(one.wrong, 0);
    }
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
        cmocka_unit_test(each_octet_of_a_signature_counts),
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
