// Sessions in Redis: what lies there, what is believed of it, and what is done in which order.
#include "cmocka_cpp.h"

#include <string>

#include "clave/encoding.h"
#include "redis_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::uint64_t kAna = 1000;
constexpr std::uint64_t kBenito = 2000;

// -- What lies there (K-02, K-03, R-09, R-14, R-18) ---------------------------------------------

// Nothing of the record shows, and the names are those of the digests.
Seen dump() {
    Machine m;
    m.worker().put(1, kNow, {}, kAna);
    m.worker().keep(2);
    m.worker().mark(3);
    std::string seen;
    const std::string part(as_text(record_of(1, 200)).substr(0, 16));
    for (const auto& [name, value] : m.redis.values) {
        seen += name.substr(0, 9) + (value.find(part) == std::string::npos ? "" : "!") + " ";
    }
    return seen + std::to_string(m.redis.lists.size());
}

void a_dump_gives_nothing(void**) {
    assert_string_equal(dump().c_str(), "clave:i:{ clave:m:{ clave:o:{ clave:s:{ 1");
}

Seen tampered(void (*harm)(Machine&), Time now = kNow) {
    Machine m;
    m.worker().put(1);
    m.worker().put(2);
    harm(m);
    std::string seen = std::to_string(m.worker().load(1, now));
    if (!m.log.lines.empty()) {
        seen += " " + m.log.lines.front().substr(0, 10);
    }
    return seen + (m.redis.values.contains(m.name(RecordKind::session, 1)) ? "" : " gone");
}

void what_was_changed_is_no_session(void**) {
    const auto nothing = [](Machine&) {};
    const auto flipped = [](Machine& m) { m.session(1)[40] ^= 1; };
    const auto cut = [](Machine& m) { m.session(1).pop_back(); };
    const auto empty = [](Machine& m) { m.session(1).clear(); };
    const auto head = [](Machine& m) { m.session(1).resize(5); };
    const auto others = [](Machine& m) { m.session(1) = m.session(2); };
    const auto older = [](Machine& m) { m.session(1)[0] = 0; };
    const auto huge = [](Machine& m) { m.session(1).append(10'000'000, 'x'); };
    const auto type = [](Machine& m) { m.redis.lists[m.name(RecordKind::session, 1)] = {"x"}; };
    assert_string_equal(tampered(nothing).c_str(), "1");
    assert_string_equal(tampered(flipped).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(cut).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(empty).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(head).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(others).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(older).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(huge).c_str(), "0 E-SESS-BAD");
    assert_string_equal(tampered(type).c_str(), "0 E-SESS-BAD");
}

void a_newer_version_is_an_error_and_stays(void**) {
    assert_string_equal(tampered([](Machine& m) { m.session(1)[0] = 2; }).c_str(), "-2");
}

// An outcome that a newer machine has kept is for another newer machine to take.
Seen newer_outcome() {
    Machine m;
    m.worker().keep(1);
    std::string& kept = m.redis.values[m.name(RecordKind::outcome, 1)];
    kept[0] = 2;
    Trace trace;
    trace << m.worker().take(1) << m.worker(1).take(1);
    m.redis.values[m.name(RecordKind::outcome, 1)][0] = 1;
    trace << m.worker().take(1) << m.worker().take(1);
    return trace.text();
}

void a_newer_outcome_is_not_used_up(void**) {
    assert_string_equal(newer_outcome().c_str(), "!!10");
}

// A machine whose clock is an hour behind: it gives a session no more time than the session was
// given, and what it writes is, to all others, old (R-14, S-58).
Seen an_hour_behind() {
    Machine m;
    const Seconds hour{3600};
    const Digest key = key_of(1);
    m.worker().put(1);
    const auto left = run(m.worker().store.time_left(key, kNow - hour)).value();
    std::string seen = left->idle == kIdle && left->absolute == kAbsolute ? "as given" : "longer";
    seen += " " + std::to_string(m.worker().load(1, kNow - hour));
    static_cast<void>(run(m.worker().store.touch(key, kNow - hour)));
    return seen + " " + std::to_string(m.worker().load(1, kNow));
}

void a_clock_that_is_behind_lengthens_nothing(void**) {
    assert_string_equal(an_hour_behind().c_str(), "as given 1 0");
}

void expiry_is_enforced_without_that_of_redis(void**) {  // R-14, K-08
    const auto nothing = [](Machine&) {};
    assert_string_equal(tampered(nothing, kNow + kIdle - Seconds{1}).c_str(), "1");
    assert_string_equal(tampered(nothing, kNow + kIdle).c_str(), "0");
    assert_string_equal(
        without_guard("redis session idle", [&] { return tampered(nothing, kNow + kIdle); })
            .c_str(),
        "1");
    const auto busy = [](Machine& m) { m.use(1) = "1900000000"; };
    assert_string_equal(tampered(busy, kNow + kAbsolute - Seconds{1}).c_str(), "1");
    assert_string_equal(tampered(busy, kNow + kAbsolute).c_str(), "0");
    assert_string_equal(
        without_guard("redis session expiry", [&] { return tampered(busy, kNow + kAbsolute); })
            .c_str(),
        "1");
}

void a_session_without_its_last_use_is_over(void**) {
    assert_string_equal(
        tampered([](Machine& m) { m.redis.values.erase(m.name(RecordKind::last_use, 1)); }).c_str(),
        "0 gone");
    assert_string_equal(tampered([](Machine& m) { m.use(1) = "soon"; }).c_str(), "0");
}

Seen keys_over_time() {  // K-03: a new key before the old one, both, the new one alone
    Machine m;
    m.worker().put(1);
    std::string seen;
    for (const KeyRing& ring : {KeyRing({master_key(2), master_key(1)}), KeyRing(master_key(2)),
                                KeyRing(master_key(1))}) {
        Worker other(m.redis, m.memory.bytes(), m.mutex, m.loop, ring, m.random, m.log);
        seen += std::to_string(other.load(1));
        other.put(5);
        seen += std::to_string(m.worker().load(5)) + " ";
    }
    return seen + std::to_string(m.log.lines.size());
}

void keys_follow_each_other(void**) {
    assert_string_equal(keys_over_time().c_str(), "10 00 11 2");
}

// -- When Redis says no (R-01, R-05, R-06, R-08) -------------------------------------------------

Seen refused(const char* refusal) {
    Machine m;
    m.worker().put(1);
    m.worker().keep(2);
    m.redis.refusal = refusal;
    m.redis.down = refusal[0] == '\0';
    return std::to_string(m.worker().load(1)) + (m.worker().put(3) ? "+" : "-") +
           (m.worker().erase(1) ? "+" : "-") + std::to_string(m.worker().take(2)) +
           std::to_string(m.worker().mark(4));
}

void a_refusal_is_an_error_everywhere(void**) {
    for (const char* refusal :
         {"", "NOPERM this user has no permissions", "OOM command not allowed", "READONLY You",
          "LOADING Redis", "MASTERDOWN Link", "BUSY Redis is busy", "NOAUTH Authentication"}) {
        assert_string_equal(refused(refusal).c_str(), "-2---2-2");
    }
}

// -- Once (S-52)
// -----------------------------------------------------------------------------------

Seen once() {
    Machine m;
    m.worker().keep(1);
    m.worker().keep(2, kNow + Seconds{5});
    Trace trace;
    trace << m.worker(1).take(1) << m.worker().take(1);
    trace << m.worker().take(2, kNow + Seconds{5}) << m.worker().mark(3) << m.worker(1).mark(3);
    return trace.text();
}

void outcomes_and_marks_are_good_for_one(void**) {
    assert_string_equal(once().c_str(), "10010");
    assert_string_equal(without_guard("redis outcome expiry", once).c_str(), "10110");
}

// -- Touches (K-08, R-15) ------------------------------------------------------------------------

Seen touches() {
    Machine m;
    m.worker().put(1);
    std::string seen;
    for (const int after : {30, 60, 61, 125}) {
        m.worker().load(1, kNow + Seconds{after}, Touch::never);
        seen += m.use(1).substr(7) + " ";
        m.worker().load(1, kNow + Seconds{after});
        seen += m.use(1).substr(7) + ", ";
    }
    return seen + std::to_string(m.redis.expiries[m.name(RecordKind::last_use, 1)]);
}

void a_session_is_touched_once_a_minute(void**) {
    assert_string_equal(touches().c_str(), "000 000, 000 060, 060 060, 060 125, 900");
}

// A touch that is on its way while somebody logs out.
int revived(unsigned runs) {
    int alive = 0;
    for (unsigned i = 0; i < runs; ++i) {
        Machine m;
        m.worker().put(i);
        m.redis.slow = true;
        const Digest key = key_of(i);
        RecordBytes out;
        auto touching = m.worker().store.load(key, kNow + Seconds{70}, out, Touch::if_due);
        auto ending = m.worker(1).store.erase(key);
        unsigned dice = i * 2654435761U;
        touching.start();
        bool begun = false;
        while (!touching.done() || !begun || !ending.done()) {
            dice = dice * 1664525U + 1013904223U;
            switch (dice >> 30U) {
                case 0:
                    if (!std::exchange(begun, true)) {
                        ending.start();
                    }
                    break;
                case 1:
                    m.redis.carry_out(dice >> 8U);
                    break;
                default:
                    m.redis.deliver(dice >> 8U);
            }
        }
        alive += m.redis.values.empty() ? 0 : 1;
    }
    return alive;
}

void no_touch_revives_a_session(void**) {
    assert_int_equal(revived(10'000), 0);
}

// A touch, and a step-up that ends the session which is touched: in no order do both live on.
int left_after_a_step_up(unsigned runs) {
    int alive = 0;
    for (unsigned i = 0; i < runs; ++i) {
        Machine m;
        m.worker().put(1);
        m.redis.slow = true;
        const Digest old = key_of(1);
        const Digest key = key_of(2);
        const auto record = record_of(2, 200);
        RecordBytes out;
        auto touching = m.worker().store.load(old, kNow + Seconds{70}, out, Touch::if_due);
        auto stepping = m.worker(1).store.put(key, record, {kNow + kAbsolute, kIdle},
                                              kNow + Seconds{70}, &old, nullptr);
        unsigned dice = i * 2654435761U;
        touching.start();
        bool begun = false;
        while (!touching.done() || !begun || !stepping.done()) {
            dice = dice * 1664525U + 1013904223U;
            switch (dice >> 30U) {
                case 0:
                    if (!std::exchange(begun, true)) {
                        stepping.start();
                    }
                    break;
                case 1:
                    m.redis.carry_out(dice >> 8U);
                    break;
                default:
                    m.redis.deliver(dice >> 8U);
            }
        }
        m.redis.slow = false;
        m.tell_all();
        const bool right =
            m.worker().load(1) == 0 && m.worker().load(2) == 1 && m.redis.values.size() == 2;
        alive += right ? 0 : 1;
    }
    return alive;
}

void no_touch_outlives_a_step_up(void**) {
    assert_int_equal(left_after_a_step_up(2'000), 0);
}

// -- The sessions of one person (K-07, K-10) -----------------------------------------------------

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

std::string sessions_of(Machine& m, std::uint64_t person) {
    const Digest who = person_of(person);
    return numbers(run(m.worker().store.sessions_of(who, kNow)).value());
}

Seen limit() {
    Machine m;
    m.worker().put(50, kNow, {}, kBenito);
    for (std::uint64_t i = 0; i < 5; ++i) {
        m.worker(i % 2).put(i, kNow, {}, kAna, 3);
    }
    std::string seen = sessions_of(m, kAna) + ", " + sessions_of(m, kBenito);
    m.worker().put(7, kNow, 3, kAna, 3);  // a step-up
    seen += ", " + sessions_of(m, kAna) + ", " + std::to_string(m.worker().load(3));
    const Digest ana = person_of(kAna);
    seen += ", " + std::to_string(run(m.worker().store.end_all(ana, kNow)).value());
    return seen + ", " + sessions_of(m, kAna) + ", " + sessions_of(m, kBenito);
}

void a_person_has_as_many_as_allowed(void**) {
    assert_string_equal(limit().c_str(), "2 3 4, 50, 2 4 7, 0, 3, -, 50");
}

// Those that ended by themselves count no more, and are struck out.
Seen ended_by_themselves() {
    Machine m;
    m.worker().put(1, kNow, {}, kAna, 2);
    m.worker().put(2, kNow, {}, kAna, 2);
    m.redis.values.erase(m.name(RecordKind::last_use, 2));
    m.worker().put(3, kNow, {}, kAna, 2);
    return sessions_of(m, kAna) + ", " +
           std::to_string(
               m.redis.lists[RecordNames("clave:").of(RecordKind::person, person_of(kAna))].size());
}

void the_index_cleans_itself(void**) {
    assert_string_equal(ended_by_themselves().c_str(), "1 3, 2");
}

// Redis goes away after each step of a step-up. Whoever got no cookie has no session, whoever had
// one keeps it or is in nobody's index, and the next login finds everything in order.
Seen broken_off() {
    std::string seen;
    for (std::size_t steps = 0; steps < 8; ++steps) {
        Machine m;
        m.worker().put(1, kNow, {}, kAna, 3);
        m.redis.slow = true;
        const Digest key = key_of(2);
        const Digest old = key_of(1);
        const auto record = record_of(2, 200);
        const SessionOwner owner{person_of(kAna), 3};
        bool put = false;
        {
            auto putting =
                m.worker().store.put(key, record, {kNow + kAbsolute, kIdle}, kNow, &old, &owner);
            putting.start();
            for (std::size_t i = 0; i < steps && m.redis.carry_out(0); ++i) {
                m.redis.deliver(0);
            }
            put = putting.done();
        }
        m.redis.slow = false;
        const bool indexed =
            m.worker().load(1) == 0 || sessions_of(m, kAna).find('1') != std::string::npos;
        m.worker().put(3, kNow, {}, kAna, 3);
        seen += (put ? "+" : "") + std::to_string(m.worker().load(1)) + (indexed ? "" : "!") +
                std::to_string(sessions_of(m, kAna).find('3') != std::string::npos) + " ";
    }
    return seen;
}

void a_login_may_break_off_anywhere(void**) {
    assert_string_equal(broken_off().c_str(), "11 11 11 11 01 +01 +01 +01 ");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_gives_nothing),
        cmocka_unit_test(what_was_changed_is_no_session),
        cmocka_unit_test(a_newer_version_is_an_error_and_stays),
        cmocka_unit_test(a_newer_outcome_is_not_used_up),
        cmocka_unit_test(a_clock_that_is_behind_lengthens_nothing),
        cmocka_unit_test(expiry_is_enforced_without_that_of_redis),
        cmocka_unit_test(a_session_without_its_last_use_is_over),
        cmocka_unit_test(keys_follow_each_other),
        cmocka_unit_test(a_refusal_is_an_error_everywhere),
        cmocka_unit_test(outcomes_and_marks_are_good_for_one),
        cmocka_unit_test(a_session_is_touched_once_a_minute),
        cmocka_unit_test(no_touch_revives_a_session),
        cmocka_unit_test(no_touch_outlives_a_step_up),
        cmocka_unit_test(a_person_has_as_many_as_allowed),
        cmocka_unit_test(the_index_cleans_itself),
        cmocka_unit_test(a_login_may_break_off_anywhere),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
