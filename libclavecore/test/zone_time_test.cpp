// When a session in shared memory ends, and what keeps it alive (K-08, S-58).
#include "cmocka_cpp.h"

#include <string>

#include "seen.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr Seconds kSecond{1};

bool absolute_end() {
    Fixture f;
    Trace seen;
    f.put(1, kNow, 200, Seconds{0}, Seconds{100});
    seen << f.find(1, kNow + Seconds{99}) << f.find(1, kNow + Seconds{100});
    seen << f.find(1, kNow + Seconds{99});  // over once, over for good
    f.put(2, kNow, 200, Seconds{0}, Seconds{100});
    seen << f.find(2, kNow + Seconds{101});
    seen << f.put(3, kNow, 200, Seconds{0}, Seconds{0}) << f.find(3);  // refused
    return same(seen, "100000");
}

void absolute_end_holds_to_the_second(void**) {
    assert_true(absolute_end());
}

bool idle_end() {
    Fixture f;
    Trace seen;
    f.put(1);
    seen << f.find(1, kNow + kIdle - kSecond);  // touches
    seen << f.find(1, kNow + kIdle - kSecond + kIdle - kSecond);
    seen << f.find(1, kNow + kIdle - kSecond + kIdle - kSecond + kIdle);
    f.put(2);
    seen << f.find(2, kNow + kIdle);
    f.put(3);
    seen << f.find(3, kNow + kIdle + kSecond);
    f.put(4, kNow, 200, Seconds{0});  // no idle timeout
    seen << f.find(4, kNow + kAbsolute - kSecond) << f.find(4, kNow + kAbsolute);
    f.put(5, kNow, 4096);  // all slots of a long record are touched
    seen << f.find(5, kNow + kIdle - kSecond, 4096);
    for (std::uint64_t i = 100; i < 500; ++i) {
        f.put(i, kNow + kIdle + kSecond);
    }
    seen << f.find(5, kNow + kIdle + kSecond, 4096);
    return same(seen, "110001011");
}

void idle_end_holds_to_the_second(void**) {
    assert_true(idle_end());
}

bool touched_once_a_minute() {
    Fixture f;
    Trace seen;
    f.put(1);
    f.find(1, kNow + Seconds{59});  // too early for a touch
    seen << f.find(1, kNow + kIdle);
    f.put(2);
    f.find(2, kNow + Seconds{60});
    seen << f.find(2, kNow + kIdle + Seconds{59});
    f.put(3, kNow, 200, Seconds{20});  // an idle time so short must be touched more often
    for (int i = 1; i <= 20; ++i) {
        seen << f.find(3, kNow + i * Seconds{12});
    }
    return same(seen,
                "01"
                "11111111111111111111");
}

void sessions_are_touched_once_a_minute(void**) {
    assert_true(touched_once_a_minute());
}

bool background_does_not_touch() {
    Fixture f;
    Trace seen;
    f.put(1);
    f.put(2);
    for (Seconds t{0}; t < kIdle; t += Seconds{60}) {
        seen << f.find(1, kNow + t, 200, Touch::never);
        f.find(2, kNow + t);
    }
    seen << f.find(1, kNow + kIdle, 200, Touch::never) << f.find(2, kNow + kIdle);
    return same(seen, "11111111111111101");
}

void a_look_in_the_background_keeps_nothing_alive(void**) {
    assert_true(background_does_not_touch());
}

// "idle/absolute" in seconds, "-" for no session.
std::string left(Fixture& f, std::uint64_t number, Time now, bool touches) {
    const Digest key = key_of(number);
    const auto answer = run(touches ? f.zone.touch(key, now) : f.zone.time_left(key, now));
    if (!answer || !*answer) {
        return answer ? "-" : "error";
    }
    return std::to_string((*answer)->idle.count()) + "/" +
           std::to_string((*answer)->absolute.count());
}

Seen time_left() {
    Fixture f;
    f.put(1, kNow, 1000, Seconds{100}, Seconds{1000});
    f.put(2, kNow, 200, Seconds{0}, Seconds{1000});
    std::string seen = left(f, 1, kNow, false);
    seen += " " + left(f, 1, kNow + Seconds{30}, false);
    seen += " " + left(f, 1, kNow + Seconds{30}, true);
    seen += " " + left(f, 1, kNow + Seconds{129}, true);
    seen += " " + left(f, 2, kNow + Seconds{1}, false);  // no idle timeout
    seen += " " + left(f, 1, kNow + Seconds{229}, true);
    seen += " " + left(f, 2, kNow + Seconds{1000}, true);
    return seen + " " + left(f, 3, kNow, false);
}

Seen time_left_at_the_end() {
    Fixture f;
    f.put(1, kNow, 1000, Seconds{100}, Seconds{150});
    const std::string end = left(f, 1, kNow + Seconds{70}, true);
    return end + " " + left(f, 1, kNow - Seconds{3600}, false);  // the clock was set back
}

void time_left_is_what_find_grants(void**) {
    assert_string_equal(time_left().c_str(), "100/1000 70/970 100/970 100/871 999/999 - - -");
    assert_string_equal(time_left_at_the_end().c_str(), "80/80 100/150");
}

// The clock was an hour, or ten years, ahead when the session was made or used (S-58).
bool clock_set_back(Seconds by, bool made_before) {
    Fixture f;
    Trace seen;
    f.put(1, made_before ? kNow + by : kNow);
    f.put(2, made_before ? kNow + by : kNow);
    f.put(3, made_before ? kNow + by : kNow);
    if (!made_before) {
        f.find(1, kNow + Seconds{600});
    }
    seen << f.find(1, kNow) << f.find(2, kNow) << f.find(3, kNow);         // not dead
    seen << f.find(1, kNow + kIdle - kSecond) << f.find(2, kNow + kIdle);  // not idle for ever
    for (Seconds t{0}; t < kAbsolute; t += Seconds{600}) {
        f.find(3, kNow + t);
    }
    seen << f.find(3, kNow + kAbsolute - kSecond) << f.find(3, kNow + kAbsolute);  // nor eternal
    return same(seen, "1111010");
}

void clock_set_back_makes_no_eternal_and_no_dead_session(void**) {
    assert_true(clock_set_back(Seconds{1}, true));
    assert_true(clock_set_back(Seconds{3600}, true));
    assert_true(clock_set_back(Seconds{10 * 365 * 86400}, true));
    assert_true(clock_set_back(Seconds{600}, false));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(absolute_end_holds_to_the_second),
        cmocka_unit_test(idle_end_holds_to_the_second),
        cmocka_unit_test(sessions_are_touched_once_a_minute),
        cmocka_unit_test(a_look_in_the_background_keeps_nothing_alive),
        cmocka_unit_test(time_left_is_what_find_grants),
        cmocka_unit_test(clock_set_back_makes_no_eternal_and_no_dead_session),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
