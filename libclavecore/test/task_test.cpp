// What an author of asynchronous code may rely on: order, results, exceptions, cancellation without
// a trace, and a stack that does not grow (product.md 8.8, 8.9).
#include "cmocka_cpp.h"

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "clave/offload.h"
#include "clave/poll_loop.h"
#include "clave/task.h"
#include "clave/thread_pool.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;

// Something to wait for: opened by the test. Knows who waits, and that he left.
class Gate {
  public:
    class Wait {
      public:
        explicit Wait(Gate& gate) noexcept : gate_(gate) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait() {
            if (gate_.waiting_) {
                gate_.waiting_ = nullptr;
                ++gate_.left_;
            }
        }
        bool await_ready() const noexcept { return gate_.open_; }
        void await_suspend(std::coroutine_handle<> who) noexcept { gate_.waiting_ = who; }
        void await_resume() const noexcept {}

      private:
        Gate& gate_;
    };
    Wait pass() noexcept { return Wait(*this); }
    bool awaited() const noexcept { return static_cast<bool>(waiting_); }
    int left() const noexcept { return left_; }
    void let_one_pass() { std::exchange(waiting_, nullptr).resume(); }
    void open() {
        open_ = true;
        if (waiting_) {
            let_one_pass();
        }
    }

  private:
    bool open_ = false;
    int left_ = 0;
    std::coroutine_handle<> waiting_;
};

// Counts the living, so that a double or a missing destruction shows.
class Guest {
  public:
    explicit Guest(int& living) noexcept : living_(&living) { ++living; }
    Guest(Guest&& other) noexcept : living_(std::exchange(other.living_, nullptr)) {}
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    Guest& operator=(Guest&&) = delete;
    ~Guest() {
        if (living_ != nullptr) {
            --*living_;
        }
    }

  private:
    int* living_;
};

Task<int> ready(int value) {
    co_return value;
}
Task<void> nothing() {
    co_return;
}
Task<Result<std::string>> refused() {
    co_return fail(Code::level, "low");
}
Task<std::unique_ptr<int>> move_only() {
    co_return std::make_unique<int>(9);
}
Task<int> thrower() {
    throw std::runtime_error("a bug");
    co_return 0;
}

Task<int> after(Gate& gate, int value, int& living) {
    const Guest guest(living);
    co_await gate.pass();
    co_return value;
}

Task<int> sum(Gate& gate, int& living) {
    const Guest guest(living);
    const int one = co_await ready(1);
    const int two = co_await after(gate, 2, living);
    co_await nothing();
    co_return one + two;
}

// --- lazy, results -------------------------------------------------------------------------------

Task<int> note(bool& ran) {
    ran = true;
    co_return 1;
}

struct Laziness {
    bool before = true;
    bool after = false;
    bool never = true;
};

Laziness observe_laziness() {
    Laziness seen;
    bool ran = false;
    bool other = false;
    Task<int> task = note(ran);
    { const Task<int> unwanted = note(other); }
    seen.before = ran;
    task.start();
    seen.after = ran && task.done() && task.result() == 1;
    seen.never = other;
    return seen;
}

void task_is_lazy(void**) {
    const Laziness seen = observe_laziness();
    assert_false(seen.before);
    assert_true(seen.after);
    assert_false(seen.never);
}

Task<int> collect() {
    const Result<std::string> answer = co_await refused();
    const std::unique_ptr<int> nine = co_await move_only();
    co_return !answer && answer.error().code == Code::level ? *nine : 0;
}

int collected() {
    Task<int> task = collect();
    task.start();
    return task.result();
}

void results_pass_through(void**) {
    assert_int_equal(collected(), 9);
}

// --- exceptions ----------------------------------------------------------------------------------

Task<int> catches() {
    int caught = 0;
    try {
        co_await thrower();
    } catch (const std::runtime_error&) {
        caught = 1;
    }
    co_return caught;
}

int what_throwing_gives(bool caught_inside) {
    Task<int> task = caught_inside ? catches() : thrower();
    task.start();
    try {
        return task.result();
    } catch (const std::runtime_error&) {
        return 2;
    }
}

void exceptions_reach_who_awaits_and_the_host(void**) {
    assert_int_equal(what_throwing_gives(true), 1);
    assert_int_equal(what_throwing_gives(false), 2);
}

// --- on_done -------------------------------------------------------------------------------------

struct Ending {
    std::optional<Task<int>> task;
    int calls = 0;
    int result = 0;
    int living = 0;

    static void ended(void* self) noexcept {
        auto& ending = *static_cast<Ending*>(self);
        ++ending.calls;
        ending.result = ending.task->result();
        ending.task.reset();  // the callee may destroy the Task
    }
};

Ending end_after_waiting() {
    Gate gate;
    Ending ending;
    ending.task.emplace(sum(gate, ending.living));
    ending.task->on_done(Ending::ended, &ending);
    ending.task->start();
    gate.open();
    return ending;
}

Ending end_at_once() {
    Gate gate;
    Ending ending;
    gate.open();
    ending.task.emplace(sum(gate, ending.living));
    ending.task->on_done(Ending::ended, &ending);
    ending.task->start();
    ending.result = ending.task->result();
    return ending;
}

void host_is_told_of_an_end_after_waiting_only(void**) {
    int calls = 0;
    int result = 0;
    int living = 0;
    {
        const Ending late = end_after_waiting();
        calls = late.calls, result = late.result, living = late.living;
    }
    assert_int_equal(calls, 1);
    assert_int_equal(result, 3);
    assert_int_equal(living, 0);
    {
        const Ending at_once = end_at_once();
        calls = at_once.calls, result = at_once.result, living = at_once.living;
    }
    assert_int_equal(calls, 0);
    assert_int_equal(result, 3);
    assert_int_equal(living, 0);
}

// --- cancellation --------------------------------------------------------------------------------

struct Cancelled {
    int living_while_waiting = 0;
    int living_after = 0;
    int left = 0;
    bool still_awaited = true;
};

Cancelled cancel_while_waiting() {
    Cancelled seen;
    Gate gate;
    int living = 0;
    {
        Task<int> task = sum(gate, living);
        task.start();
        seen.living_while_waiting = living;
    }
    seen.living_after = living;
    seen.left = gate.left();
    seen.still_awaited = gate.awaited();
    gate.open();  // resumes nobody
    return seen;
}

void destroying_a_task_cancels_all_below(void**) {
    const Cancelled seen = cancel_while_waiting();
    assert_int_equal(seen.living_while_waiting, 2);
    assert_int_equal(seen.living_after, 0);
    assert_int_equal(seen.left, 1);
    assert_false(seen.still_awaited);
}

Task<int> two_at_once(Gate& first, Gate& second, int& living) {
    Task<int> one = after(first, 1, living);
    Task<int> two = after(second, 2, living);
    one.start();
    two.start();
    const int a = co_await std::move(one);
    const int b = co_await std::move(two);
    co_return a * 10 + b;
}

int both_orders(bool second_first) {
    Gate first;
    Gate second;
    int living = 0;
    Task<int> task = two_at_once(first, second, living);
    task.start();
    (second_first ? second : first).open();
    (second_first ? first : second).open();
    return task.done() && living == 0 ? task.result() : -1;
}

void started_tasks_can_be_awaited_later(void**) {
    assert_int_equal(both_orders(false), 12);
    assert_int_equal(both_orders(true), 12);
}

// --- the stack -----------------------------------------------------------------------------------

constexpr int kMany = 1'000'000;

Task<long> add_ready() {
    long total = 0;
    for (int i = 0; i < kMany; ++i) {
        total += co_await ready(1);
    }
    co_return total;
}

// The same from the middle of things: resumed by an ending child, not by start().
Task<long> wait_then_add(Gate& gate, int& living) {
    co_await after(gate, 0, living);
    co_return co_await add_ready();
}

Task<long> wait_often(Gate& gate, int& living) {
    long total = 0;
    for (int i = 0; i < kMany / 10; ++i) {
        total += co_await after(gate, 1, living);
    }
    co_return total;
}

long run_ready() {
    Task<long> task = add_ready();
    task.start();
    return task.result();
}

long run_after_waiting() {
    Gate gate;
    int living = 0;
    Task<long> task = wait_then_add(gate, living);
    task.start();
    gate.open();
    return task.result();
}

long run_waiting_each_time() {
    Gate gate;
    int living = 0;
    Task<long> task = wait_often(gate, living);
    task.start();
    while (!task.done()) {
        gate.let_one_pass();
    }
    return task.result();
}

void a_million_awaits_do_not_grow_the_stack(void**) {
    assert_int_equal(run_ready(), kMany);
    assert_int_equal(run_after_waiting(), kMany);
    assert_int_equal(run_waiting_each_time(), kMany / 10);
}

// --- offload -------------------------------------------------------------------------------------

Task<int> offloaded(WorkerPool& pool, int& living, std::thread::id& ran_on) {
    auto work = offload(pool, [guest = Guest(living), &ran_on] {
        ran_on = std::this_thread::get_id();
        return 7;
    });
    const Result<int> result = co_await work;
    co_return result.value_or(-static_cast<int>(Code::store));
}

struct Ran {
    int result = 0;
    int living = -1;
    bool elsewhere = false;
};

Ran run_offloaded() {
    Ran ran;
    int living = 0;
    std::thread::id ran_on;
    PollLoop loop;
    const auto pool = ThreadPool::create(loop, 2, 8);
    {
        Task<int> task = offloaded(*pool, living, ran_on);
        task.start();
        while (!task.done()) {
            loop.run_once(milliseconds(100));
        }
        ran.result = task.result();
    }
    ran.living = living;
    ran.elsewhere = ran_on != std::thread::id{} && ran_on != std::this_thread::get_id();
    return ran;
}

void offloaded_work_runs_elsewhere_and_returns_here(void**) {
    const Ran ran = run_offloaded();
    assert_int_equal(ran.result, 7);
    assert_int_equal(ran.living, 0);
    assert_true(ran.elsewhere);
}

Task<Code> full(WorkerPool& pool) {
    auto work = offload(pool, [] {});
    const Result<void> result = co_await work;
    co_return result ? Code::internal : result.error().code;
}

Code code_when_full() {
    PollLoop loop;
    const auto pool = ThreadPool::create(loop, 1, 0);
    Task<Code> task = full(*pool);
    task.start();
    return task.done() ? task.result() : Code::internal;
}

void full_queue_is_an_error_that_gives_503(void**) {
    assert_int_equal(static_cast<int>(code_when_full()), static_cast<int>(Code::store));
}

Task<int> failing(WorkerPool& pool, bool by_exception) {
    auto work = offload(pool, [by_exception]() -> Result<int> {
        if (by_exception) {
            throw std::runtime_error("a bug");
        }
        return fail(Code::signature);
    });
    int seen = 0;
    try {
        const Result<int> result = co_await work;
        seen = !result && result.error().code == Code::signature ? 1 : 0;
    } catch (const std::runtime_error&) {
        seen = 2;
    }
    co_return seen;
}

int how_it_failed(bool by_exception) {
    PollLoop loop;
    const auto pool = ThreadPool::create(loop, 1, 8);
    Task<int> task = failing(*pool, by_exception);
    task.start();
    while (!task.done()) {
        loop.run_once(milliseconds(100));
    }
    return task.result();
}

void offloaded_errors_and_exceptions_come_back(void**) {
    assert_int_equal(how_it_failed(false), 1);
    assert_int_equal(how_it_failed(true), 2);
}

// The job runs, and reads what it owns, after whoever asked for it has gone.
struct Latch {
    std::atomic<bool> running{false};
    std::atomic<bool> go{false};
    std::atomic<int> length{0};
};

Task<void> abandoned(WorkerPool& pool, Latch& latch) {
    auto work = offload(pool, [&latch, owned = std::string(4096, 'x')] {
        latch.running = true;
        while (!latch.go) {
            std::this_thread::yield();
        }
        latch.length = static_cast<int>(owned.size());
    });
    const Result<void> result = co_await work;
    static_cast<void>(result);
}

int run_abandoned() {
    Latch latch;
    PollLoop loop;
    const auto pool = ThreadPool::create(loop, 1, 8);
    {
        Task<void> task = abandoned(*pool, latch);
        task.start();
        while (!latch.running) {
            std::this_thread::yield();
        }
    }
    latch.go = true;
    while (latch.length == 0) {
        std::this_thread::yield();
    }
    loop.run_once(milliseconds(100));  // finished() finds nobody
    return latch.length;
}

void destroying_the_task_abandons_its_job(void**) {
    assert_int_equal(run_abandoned(), 4096);
}

int living_after_the_pool_went_first() {
    Latch latch;
    int living = 0;
    std::thread::id ran_on;
    PollLoop loop;
    auto pool = ThreadPool::create(loop, 1, 8);
    Task<void> busy = abandoned(*pool, latch);
    busy.start();
    Task<int> queued = offloaded(*pool, living, ran_on);
    queued.start();
    latch.go = true;
    pool.reset();
    return queued.done() ? -1 : living;  // whoever waits, waits until he is destroyed
}

void pool_may_end_before_who_waits(void**) {
    assert_int_equal(living_after_the_pool_went_first(), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(task_is_lazy),
        cmocka_unit_test(results_pass_through),
        cmocka_unit_test(exceptions_reach_who_awaits_and_the_host),
        cmocka_unit_test(host_is_told_of_an_end_after_waiting_only),
        cmocka_unit_test(destroying_a_task_cancels_all_below),
        cmocka_unit_test(started_tasks_can_be_awaited_later),
        cmocka_unit_test(a_million_awaits_do_not_grow_the_stack),
        cmocka_unit_test(offloaded_work_runs_elsewhere_and_returns_here),
        cmocka_unit_test(full_queue_is_an_error_that_gives_503),
        cmocka_unit_test(offloaded_errors_and_exceptions_come_back),
        cmocka_unit_test(destroying_the_task_abandons_its_job),
        cmocka_unit_test(pool_may_end_before_who_waits),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
