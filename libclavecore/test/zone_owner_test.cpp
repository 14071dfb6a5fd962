// All sessions of one person: found, bounded and ended, and nobody else's with them (K-07, K-10;
// "killing an old session deleted the index of the newer one", peers.md C).
#include "cmocka_cpp.h"

#include <algorithm>
#include <string>
#include <vector>

#include "seen.h"
#include "store/zone_layout.h"
#include "without_guard.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::uint64_t kAna = 1000;
constexpr std::uint64_t kBenito = 2000;

// The numbers of the person's sessions in the order of the index, of those from 0 to 99.
std::string numbers(const std::vector<Digest>& keys) {
    std::string text;
    for (const Digest& key : keys) {
        std::uint64_t number = 0;
        while (number < 100 && key_of(number) != key) {
            ++number;
        }
        text += (text.empty() ? "" : " ") + std::to_string(number);
    }
    return text.empty() ? "-" : text;
}

Seen sessions_of_two() {
    Fixture f;
    f.put_of(kAna, 3);
    f.put_of(kBenito, 4);
    f.put_of(kAna, 1, kNow, 10, 1000);  // several slots, one session
    f.put_of(kAna, 2);
    f.keep(5, kNow + Seconds{60});
    return numbers(f.sessions_of(kAna)) + ", " + numbers(f.sessions_of(kBenito)) + ", " +
           numbers(f.sessions_of(3000));
}

// Page by page, whatever its size; what is over or no session is not there.
Seen walked(std::size_t size, std::uint64_t count) {
    Fixture f(size);
    for (std::uint64_t i = 0; i < count; ++i) {
        f.put_of(i, i);
    }
    f.keep(90000, kNow + Seconds{60});
    f.erase(0);
    std::vector<Digest> found;
    std::string cursor;
    std::size_t largest = 0;
    do {
        auto listing = f.zone.list(cursor, kNow);
        const auto page = run(std::move(listing));
        if (!page) {
            return "no page";
        }
        found.insert(found.end(), page->keys.begin(), page->keys.end());
        largest = std::max(largest, page->keys.size());
        cursor = page->next;
    } while (!cursor.empty());
    std::sort(found.begin(), found.end());
    const bool once = std::adjacent_find(found.begin(), found.end()) == found.end();
    return std::to_string(found.size()) + (once ? "" : " twice") +
           (largest > 128 ? " too many at once" : "");
}

Seen cursors() {
    Fixture f;
    std::string seen;
    for (const char* none : {"x", "-1", "1000000", "1 ", "99999999999999999999999"}) {
        auto listing = f.zone.list(none, kNow);
        seen += run(std::move(listing)) ? "a page " : "no ";
    }
    return seen;
}

void walk_finds_every_session_once(void**) {
    assert_string_equal(walked(Zone::kMinimumSize, 1).c_str(), "0");
    assert_string_equal(walked(Zone::kMinimumSize, 60).c_str(), "59");
    assert_string_equal(walked(8UL * 1024 * 1024, 5000).c_str(), "4999");
    assert_string_equal(cursors().c_str(), "no no no no no ");
}

void index_has_all_sessions_of_a_person_and_no_other(void**) {
    assert_string_equal(sessions_of_two().c_str(), "3 1 2, 4, -");
}

Seen over_the_limit(std::size_t limit) {
    Fixture f;
    f.put_of(kBenito, 50);
    for (std::uint64_t i = 0; i < 12; ++i) {
        f.find(0, kNow + Seconds{60} * i);  // in use, and still the oldest
        f.put_of(kAna, i, kNow + Seconds{60} * i, limit);
    }
    std::string seen = numbers(f.sessions_of(kAna, kNow + Seconds{700}));
    for (std::uint64_t i = 0; i < 12; ++i) {
        seen += f.find(i, kNow + Seconds{700}) == 1 ? " +" : " .";
    }
    return seen + (f.find(50, kNow + Seconds{700}) == 1 ? "" : " Benito is out");
}

void oldest_session_ends_over_the_limit(void**) {
    assert_string_equal(over_the_limit(1).c_str(), "11 . . . . . . . . . . . +");
    assert_string_equal(over_the_limit(3).c_str(), "9 10 11 . . . . . . . . . + + +");
    assert_string_equal(over_the_limit(12).c_str(),
                        "0 1 2 3 4 5 6 7 8 9 10 11 + + + + + + + + + + + +");
}

Seen stepped_up_at_the_limit() {
    Fixture f;
    for (std::uint64_t i = 0; i < 3; ++i) {
        f.put_of(kAna, i, kNow, 3);
    }
    f.put(7, kNow, 200, kIdle, kAbsolute, 1, kAna, 3);
    return numbers(f.sessions_of(kAna));
}

void step_up_costs_no_other_session(void**) {
    assert_string_equal(stepped_up_at_the_limit().c_str(), "0 2 7");
}

Seen ended(std::uint64_t first, std::uint64_t second) {
    Fixture f;
    f.put_of(kAna, 1);
    f.put_of(kAna, 2);
    f.put_of(kAna, 3);
    f.erase(first);
    const std::string one = numbers(f.sessions_of(kAna));
    f.erase(second);
    return one + ", " + numbers(f.sessions_of(kAna));
}

void end_of_one_session_leaves_the_others_indexed(void**) {
    assert_string_equal(ended(1, 3).c_str(), "2 3, 2");
    assert_string_equal(ended(3, 1).c_str(), "1 2, 2");
}

Seen cleaned() {
    Fixture f;
    f.put(1, kNow, 200, Seconds{100}, kAbsolute, {}, kAna);
    f.put(2, kNow, 200, Seconds{0}, Seconds{200}, {}, kAna);
    f.put(3, kNow, 200, Seconds{0}, Seconds{300}, {}, kAna);
    std::string seen;
    for (const int seconds : {99, 100, 200, 300}) {
        seen += numbers(f.sessions_of(kAna, kNow + Seconds{seconds})) + ",";
    }
    return seen;
}

// A session that is over counts for nothing: the one that lives stays.
Seen limit_of_the_living() {
    Fixture f;
    f.put(1, kNow, 200, kIdle, kAbsolute, {}, kAna, 2);
    f.put(2, kNow, 200, Seconds{10}, kAbsolute, {}, kAna, 2);
    f.put(3, kNow + Seconds{20}, 200, kIdle, kAbsolute, {}, kAna, 2);
    return numbers(f.sessions_of(kAna, kNow + Seconds{20}));
}

void index_cleans_itself(void**) {
    assert_string_equal(cleaned().c_str(), "1 2 3,2 3,3,-,");
    assert_string_equal(limit_of_the_living().c_str(), "1 3");
}

Seen all_ended() {
    Fixture f;
    f.put_of(kBenito, 1);
    for (std::uint64_t i = 10; i < 15; ++i) {
        f.put_of(kAna, i, kNow, 10, 100 + i * 100);
    }
    std::string seen = std::to_string(f.end_all(kAna)) + " ended:";
    for (std::uint64_t i = 10; i < 15; ++i) {
        seen += f.find(i, kNow, 100 + i * 100) == 0 ? " ." : " +";
    }
    seen += ", " + std::to_string(f.end_all(kAna)) + ", ";
    seen += numbers(f.sessions_of(kAna)) + ", ";
    return seen + numbers(f.sessions_of(kBenito)) + (f.find(1) == 1 ? " +" : " .");
}

void operator_ends_all_sessions_of_a_person(void**) {
    assert_string_equal(all_ended().c_str(), "5 ended: . . . . ., 0, -, 1 +");
}

// Two persons whose entries look alike, as one pair in four thousand million does.
struct Doubles {
    Digest ana = person_of(kAna);
    Digest other = ana;
    explicit Doubles(std::size_t zone_size) {
        std::uint64_t word = zone::word(ana, 0);
        word = word % (std::uint64_t{1} << 32U);  // room for the sum
        std::memcpy(ana.data(), &word, sizeof word);
        word += zone::Layout(zone_size).buckets();
        std::memcpy(other.data(), &word, sizeof word);
    }
};

Seen login_of_a_double() {
    Fixture f;
    const Doubles doubles(Zone::kMinimumSize);
    const auto put = [&](std::uint64_t number, const Digest& person) {
        const SessionOwner owner{person, 1};
        run(f.zone.put(key_of(number), record_of(number, 200), {kNow + kAbsolute, kIdle}, kNow,
                       nullptr, &owner));
    };
    put(1, doubles.ana);
    put(2, doubles.other);
    put(3, doubles.ana);
    const std::string ana = numbers(run(f.zone.sessions_of(doubles.ana, kNow)).value());
    run(f.zone.end_all(doubles.ana, kNow));
    return ana + ", " + (f.find(2) == 1 ? "the other stays" : "the other is out");
}

void login_never_ends_the_session_of_another(void**) {
    assert_string_equal(login_of_a_double().c_str(), "3, the other stays");
    assert_string_equal(without_guard("session owner", login_of_a_double).c_str(),
                        "3, the other is out");
}

struct Crowd {
    std::uint64_t lost = 0;
    std::uint64_t unindexed = 0;
    std::uint64_t evicted = 0;
    int warnings = 0;
};

// Everybody has as many sessions as allowed: the entries of ten fall into the same two buckets.
Crowd crowd(std::uint64_t persons, std::uint64_t each) {
    Fixture f(std::size_t{1} << 20U);
    Crowd seen;
    for (std::uint64_t i = 0; i < persons * each; ++i) {
        f.put_of(i / each, i, kNow, each);
    }
    for (std::uint64_t i = 0; i < persons * each; ++i) {
        const std::vector<Digest> indexed = f.sessions_of(i / each);
        const bool here = std::find(indexed.begin(), indexed.end(), key_of(i)) != indexed.end();
        seen.lost += f.find(i) == 1 ? 0 : 1;
        seen.unindexed += here == (f.find(i) == 1) ? 0 : 1;
    }
    seen.evicted = f.zone.counters().evicted;
    seen.warnings = f.lines.warnings;
    return seen;
}

void every_living_session_is_indexed_however_full_it_is(void**) {
    const Crowd some = crowd(100, 10);
    assert_int_equal(some.lost, 0);
    assert_int_equal(some.unindexed, 0);
    const Crowd many = crowd(40, 100);  // twice what there is room for
    assert_true(many.lost > 0);
    assert_int_equal(many.unindexed, 0);
    assert_int_equal(many.evicted, many.lost);
    assert_int_equal(many.warnings, 1);
}

// Entries that killed workers left behind, everywhere: pointing to free slots, to others' sessions,
// and out of the zone.
Seen among_ruins() {
    Fixture f;
    const zone::Layout layout(Zone::kMinimumSize);
    const auto entries =
        zone::region<zone::OwnerEntry>(f.memory.bytes(), layout.owner_offset(), layout.slots());
    f.put_of(kBenito, 50);
    std::uint32_t place = 0;
    for (zone::OwnerEntry& entry : entries) {
        if (entry.tag == 0) {
            entry = {place % 3 + 1, place % 5 == 0 ? 0xffffffffU : place};
            ++place;
        }
    }
    for (std::uint64_t i = 0; i < 20; ++i) {
        f.put_of(kAna, i, kNow, 3);
    }
    return numbers(f.sessions_of(kAna)) + ", " + numbers(f.sessions_of(kBenito)) + ", evicted " +
           std::to_string(f.zone.counters().evicted);
}

void entries_left_behind_are_used_again(void**) {
    assert_string_equal(among_ruins().c_str(), "17 18 19, 50, evicted 0");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(walk_finds_every_session_once),
        cmocka_unit_test(index_has_all_sessions_of_a_person_and_no_other),
        cmocka_unit_test(oldest_session_ends_over_the_limit),
        cmocka_unit_test(step_up_costs_no_other_session),
        cmocka_unit_test(end_of_one_session_leaves_the_others_indexed),
        cmocka_unit_test(index_cleans_itself),
        cmocka_unit_test(operator_ends_all_sessions_of_a_person),
        cmocka_unit_test(login_never_ends_the_session_of_another),
        cmocka_unit_test(every_living_session_is_indexed_however_full_it_is),
        cmocka_unit_test(entries_left_behind_are_used_again),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
