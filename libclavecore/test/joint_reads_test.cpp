// Requests of one session that come together ask Redis once; each is answered as if it had asked
// alone, and nobody by something older than his question.
#include "cmocka_cpp.h"

#include <list>

#include "redis_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

// One that is under way; destroying it is a client that leaves.
struct Request {
    Request(Machine& m, std::uint64_t number, Touch touch = Touch::if_due)
        : key(key_of(number)), task(m.worker().store.load(key, kNow, out, touch)) {
        task.start();
    }
    int seen(std::uint64_t number) {
        const auto found = task.result();
        return found ? Worker::seen(*found, out, number) : -2;
    }

    Digest key;
    RecordBytes out;
    Task<Result<Lookup>> task;
};

struct Stand : Machine {
    Stand() {
        worker().put(1);
        worker().put(2);
        redis.slow = true;
        redis.commands = 0;
    }
    Request& ask(std::uint64_t number, Touch touch = Touch::if_due) {
        return requests.emplace_back(*this, number, touch);
    }
    void leave(std::ptrdiff_t number) { requests.erase(std::next(requests.begin(), number)); }
    void depart() { loop.run_once(std::chrono::milliseconds(0)); }
    // All commands are carried out, and all replies come.
    void answer() {
        while (redis.carry_out(0)) {
        }
        while (redis.deliver(0)) {
        }
    }

    std::list<Request> requests;
};

void those_who_come_together_ask_once(void**) {
    Stand m;
    Request& first = m.ask(1);
    Request& second = m.ask(1);
    Request& other = m.ask(2);
    Request& third = m.ask(1);
    m.answer();
    assert_int_equal(m.redis.commands, 2);
    assert_int_equal(first.seen(1), 1);
    assert_int_equal(second.seen(1), 1);
    assert_int_equal(third.seen(1), 1);
    assert_int_equal(other.seen(2), 1);
}

// The last use of a session is moved by who looks, and not by who asks in the background.
void who_must_not_touch_asks_for_himself(void**) {
    Stand m;
    m.ask(1);
    m.ask(1, Touch::never);
    m.answer();
    assert_int_equal(m.redis.commands, 2);
}

void what_has_left_is_not_joined(void**) {
    Stand m;
    Request& before = m.ask(1);
    m.depart();
    Request& after = m.ask(1);
    assert_true(m.redis.carry_out(0));
    m.redis.values.clear();  // a logout elsewhere, between the two
    m.answer();
    assert_int_equal(m.redis.commands, 2);
    assert_int_equal(before.seen(1), 1);
    assert_int_equal(after.seen(1), 0);
}

void the_others_stay_when_the_first_one_leaves(void**) {
    Stand m;
    m.ask(1);
    Request& second = m.ask(1);
    m.ask(1);
    m.leave(0);
    m.leave(1);
    m.answer();
    assert_int_equal(m.redis.commands, 1);
    assert_int_equal(second.seen(1), 1);
}

void all_of_them_may_leave(void**) {
    Stand m;
    m.ask(1);
    m.ask(1);
    m.requests.clear();
    m.answer();
    m.redis.slow = false;
    assert_int_equal(m.worker().load(1), 1);
}

void an_error_is_everybodys(void**) {
    Stand m;
    Request& first = m.ask(1);
    Request& second = m.ask(1);
    m.redis.down = true;
    m.answer();
    assert_int_equal(first.seen(1), -2);
    assert_int_equal(second.seen(1), -2);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(those_who_come_together_ask_once),
        cmocka_unit_test(who_must_not_touch_asks_for_himself),
        cmocka_unit_test(what_has_left_is_not_joined),
        cmocka_unit_test(the_others_stay_when_the_first_one_leaves),
        cmocka_unit_test(all_of_them_may_leave),
        cmocka_unit_test(an_error_is_everybodys),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
