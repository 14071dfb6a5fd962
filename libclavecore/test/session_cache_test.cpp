// What a machine remembers of sessions in Redis: never one that has ended, whatever overtakes what
// (R-15, K-10).
#include "cmocka_cpp.h"

#include <string>

#include "redis_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

using std::chrono::milliseconds;

Seen reads() {
    Machine m;
    m.hear();
    m.worker().put(1);
    m.tell_all();
    Trace trace;
    trace << m.worker().find(1) << m.worker().load(1) << m.worker().find(1) << m.worker(1).find(1);
    const int asked = m.redis.commands;
    trace << m.worker().find(1, kNow + Seconds{59}) << m.redis.commands - asked
          << m.worker().find(1, kNow + Seconds{60});  // it has to be touched: Redis is asked again
    return trace.text();
}

void what_was_read_is_served_to_all_workers(void**) {
    assert_string_equal(reads().c_str(), "2111102");
}

// Somebody logs out on another machine.
Seen ended_elsewhere() {
    Machine m;
    m.hear();
    m.worker().put(1);
    m.tell_all();
    m.worker().load(1);
    m.redis.values.clear();
    m.redis.told[1].push_back(m.name(RecordKind::session, 1));
    Trace trace;
    trace << m.worker().find(1);
    m.tell(1);
    trace << m.worker().find(1) << m.worker().load(1);
    return trace.text();
}

void whoever_hears_first_forgets_for_all(void**) {
    assert_string_equal(ended_elsewhere().c_str(), "120");
}

Seen deaf() {
    Machine m;
    m.worker().put(1);
    m.worker().load(1);
    Trace trace;
    trace << m.worker().find(1);
    m.loop.advance(milliseconds(1000));
    trace << m.worker().find(1);
    m.loop.advance(milliseconds(1));
    trace << m.worker().find(1);
    m.hear();
    trace << m.worker().find(1);  // what was read before anybody listened
    m.worker().load(1);
    m.loop.advance(milliseconds(30'000));
    trace << m.worker().find(1);
    m.worker().watch.on_deaf();
    trace << m.worker().find(1) << m.worker(1).find(1);  // the other one still hears
    return trace.text();
}

void who_hears_nothing_believes_for_a_moment_only(void**) {
    assert_string_equal(deaf().c_str(), "1122121");
    assert_string_equal(without_guard("cache certainty", deaf).c_str(), "1111111");
}

// Nobody would tell: the one who has read it does not hear, or has been sent to a node that has not
// got the slot yet. The other one hears, and perhaps of another node.
Seen read_unheard(bool moving) {
    Machine m;
    m.worker(1).watch.on_hearing();
    if (moving) {
        m.worker(0).watch.on_hearing();
        m.redis.moving = true;
    }
    m.loop.advance(milliseconds(10));
    m.worker().put(1);
    m.tell_all();
    m.worker().load(1);
    Trace trace;
    trace << m.worker(1).find(1);
    m.loop.advance(milliseconds(1001));
    trace << m.worker(0).find(1) << m.worker(1).find(1);
    return trace.text();
}

void what_nobody_would_be_told_of_is_believed_for_a_moment_only(void**) {
    assert_string_equal(read_unheard(false).c_str(), "122");
    assert_string_equal(read_unheard(true).c_str(), "122");
    const auto without = [](bool moving) {
        return without_guard("cache hearing", [moving] { return read_unheard(moving); });
    };
    assert_string_equal(without(false).c_str(), "121");
    assert_string_equal(without(true).c_str(), "111");
}

// A question under way, a logout elsewhere, and the news of it, in any order. From the moment when
// one worker has heard, none serves the session.
int served_after_the_end(unsigned runs) {
    int wrong = 0;
    Machine m;
    m.hear();
    for (unsigned i = 0; i < runs; ++i) {
        m.redis.slow = false;
        m.worker().put(i);
        m.tell_all();
        m.redis.slow = true;
        const Digest key = key_of(i);
        RecordBytes out[2];
        auto first = m.worker(0).store.load(key, kNow, out[0], Touch::if_due);
        auto second = m.worker(1).store.load(key, kNow, out[1], Touch::if_due);
        bool begun[2] = {false, false};
        bool ended = false;
        bool heard = false;
        unsigned dice = i * 2654435761U;
        while (!first.done() || !second.done() || !begun[0] || !begun[1] || !ended || !heard ||
               !m.redis.told[0].empty() || !m.redis.told[1].empty()) {
            dice = dice * 1664525U + 1013904223U;
            const unsigned number = dice >> 8U & 0xffffU;
            switch (dice >> 29U) {
                case 0:
                    if (!std::exchange(begun[number % 2], true)) {
                        (number % 2 == 0 ? first : second).start();
                    }
                    break;
                case 1:
                case 2:
                    m.redis.carry_out(number);
                    break;
                case 3:
                case 4:
                    m.redis.deliver(number);
                    break;
                case 5:
                    if (!std::exchange(ended, true)) {
                        m.redis.values.erase(m.name(RecordKind::session, i));
                        m.redis.values.erase(m.name(RecordKind::last_use, i));
                        for (auto& listener : m.redis.told) {
                            listener.push_back(m.name(RecordKind::session, i));
                        }
                    }
                    break;
                default:
                    heard = m.tell(number % 2) && ended ? true : heard;
            }
            if (heard && (m.worker(0).find(i) == 1 || m.worker(1).find(i) == 1)) {
                ++wrong;
                break;
            }
        }
        m.tell_all();
    }
    return wrong;
}

void nothing_overtakes_a_logout(void**) {
    assert_int_equal(served_after_the_end(10'000), 0);
    assert_true(without_guard("cache question", [] { return served_after_the_end(1'000); }) > 0);
}

// Whoever ends a session himself need not wait for the news.
Seen ended_here() {
    Machine m;
    m.hear();
    m.worker().put(1);
    m.tell_all();
    m.worker().load(1);
    m.worker().erase(1);
    Trace trace;
    trace << m.worker().find(1) << m.worker(1).find(1) << m.worker(1).load(1);
    return trace.text();
}

void a_logout_counts_at_once_on_its_own_machine(void**) {
    assert_string_equal(ended_here().c_str(), "220");
}

// Of three sessions the two that were looked at, for the minute until they have to be touched.
Seen counted() {
    Machine m;
    m.hear();
    for (const std::uint64_t number : {1U, 2U, 3U}) {
        m.worker().put(number);
    }
    m.tell_all();
    m.worker().load(1);
    m.worker(1).load(2);
    const auto live = [&](Seconds later) {
        return static_cast<int>(m.worker().cache.census(kNow + later).live);
    };
    Trace trace;
    trace << live(Seconds{0}) << live(Seconds{59}) << live(Seconds{60});
    return trace.text();
}

void who_is_here_now_is_counted(void**) {
    assert_string_equal(counted().c_str(), "220");
}

Seen formats() {
    SharedMemory memory(SessionCache::kMinimumSize);
    CountingRandom random;
    std::string seen = SessionCache::is_formatted(memory.bytes()) ? "+" : "-";
    seen += SessionCache::format(memory.bytes(), random) ? "+" : "-";
    seen += SessionCache::is_formatted(memory.bytes()) ? "+" : "-";
    seen += Zone::is_formatted(memory.bytes()) ? "+" : "-";
    seen += SessionCache::format(memory.bytes().first(1000), random) ? "+" : "-";
    return seen;
}

void a_cache_is_known_by_its_layout(void**) {
    assert_string_equal(formats().c_str(), "-++--");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_served_to_all_workers),
        cmocka_unit_test(whoever_hears_first_forgets_for_all),
        cmocka_unit_test(who_hears_nothing_believes_for_a_moment_only),
        cmocka_unit_test(what_nobody_would_be_told_of_is_believed_for_a_moment_only),
        cmocka_unit_test(nothing_overtakes_a_logout),
        cmocka_unit_test(a_logout_counts_at_once_on_its_own_machine),
        cmocka_unit_test(who_is_here_now_is_counted),
        cmocka_unit_test(a_cache_is_known_by_its_layout),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
