// PollLoop keeps the contract of every Loop, and its virtual clock stands still unless moved.
#include "cmocka_cpp.h"

#include "clave/poll_loop.h"
#include "loop_contract.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;

void keeps_the_contract(void**) {
    int failed = 0;
    for (const contract::Check& check : contract::kLoopChecks) {
        PollLoop loop;
        const std::string seen = check.run(loop, [&loop] { loop.run_once(milliseconds(2)); });
        if (!seen.empty()) {
            print_error("%s: %s\n", check.name, seen.c_str());
            ++failed;
        }
    }
    assert_int_equal(failed, 0);
}

struct Steps {
    int before_due = 0;
    int when_due = 0;
    int after = 0;
    bool stood_still = false;
    bool moved_exactly = false;
};

Steps steps_of_a_timer_of_15_minutes() {
    PollLoop loop;
    contract::OnTimer handler;
    const auto timer = loop.timer(handler);
    Steps steps;
    loop.advance(milliseconds(0));
    const auto begin = loop.now();
    timer->arm(std::chrono::minutes(15));
    loop.advance(std::chrono::minutes(15) - milliseconds(1));
    loop.run_once(milliseconds(0));
    steps.before_due = handler.calls;
    loop.advance(milliseconds(1));
    loop.run_once(milliseconds(0));
    steps.when_due = handler.calls;
    loop.advance(std::chrono::hours(24));
    loop.run_once(milliseconds(0));
    steps.after = handler.calls;
    const auto end = loop.now();
    steps.stood_still = end == loop.now();
    steps.moved_exactly = end - begin == std::chrono::minutes(15) + std::chrono::hours(24);
    return steps;
}

void virtual_clock_moves_by_hand_only(void**) {
    const Steps steps = steps_of_a_timer_of_15_minutes();
    assert_int_equal(steps.before_due, 0);
    assert_int_equal(steps.when_due, 1);
    assert_int_equal(steps.after, 1);
    assert_true(steps.stood_still);
    assert_true(steps.moved_exactly);
}

bool runs_with_nothing_to_do() {
    PollLoop loop;
    contract::OnTimer handler;
    const auto timer = loop.timer(handler);
    return loop.run_once(std::chrono::hours(1));  // would hang here
}

void idle_loop_returns_at_once(void**) {
    assert_false(runs_with_nothing_to_do());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(keeps_the_contract),
        cmocka_unit_test(virtual_clock_moves_by_hand_only),
        cmocka_unit_test(idle_loop_returns_at_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
