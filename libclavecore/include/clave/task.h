// An asynchronous function of the core returns Task<T> and reads top to bottom.
//
//   Task<Result<Reply>> serve(…) { auto taken = co_await store.take(key, now); … }
//
// * A Task is lazy: it runs when awaited, or when the host calls start().
// * Destroying a Task cancels it: every awaitable takes itself out of whatever it waits for in its
//   destructor, so nothing can resume a frame that is gone.
// * Completed work answers await_ready, so that a long chain of ready awaits does not grow the
// stack
//   at -O0 or under sanitizers (product.md 8.9).
// * An exception that leaves a Task means a bug or no memory: it is rethrown to whoever awaits, and
//   at the top given to the host, which fails closed.
// * g++ 12: no aggregate temporaries inside a co_await expression (double destruction, no warning).
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <utility>
#include <variant>

namespace clave {

// Where frames live; throws std::bad_alloc. Of the thread that calls. Not for use outside this
// file.
void* take_frame(std::size_t size);
void give_frame_back(void* frame, std::size_t size) noexcept;

// What a promise knows without its result. Not for use outside this file.
class TaskPromise {
  public:
    static void* operator new(std::size_t size) { return take_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept {
        give_frame_back(frame, size);
    }

    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept { return Farewell{}; }

    std::coroutine_handle<> awaiting;  // who awaits us, once we have made him wait
    void (*on_done)(void*) noexcept = nullptr;
    void* argument = nullptr;
    bool started = false;
    bool waited = false;  // start() came back before the end

  private:
    // Deliberately not symmetric transfer: g++ makes no tail call of it at -O0 or under ASan, and
    // clang 14 keeps the handle to transfer to in a frame that on_done may just have destroyed
    // (LLVM issue 56301). It is not needed either: whoever is resumed here either waits again, and
    // returns, or ends, and is resumed from the loop: the depth is that of the calls in the source.
    struct Farewell {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        [[gnu::noinline]] void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            const TaskPromise& promise = self.promise();
            // Whatever is called may destroy the frame, this awaiter with it: nothing may follow.
            if (promise.awaiting) {
                promise.awaiting.resume();
            } else if (promise.waited && promise.on_done != nullptr) {
                promise.on_done(promise.argument);
            }
        }
        void await_resume() const noexcept {}
    };
};

// Where a task's result waits for whoever takes it.
template <class T>
class TaskResult : public TaskPromise {
  public:
    void return_value(T value) { result_.template emplace<1>(std::move(value)); }
    void unhandled_exception() noexcept { result_.template emplace<2>(std::current_exception()); }
    T take() {
        if (result_.index() == 2) {
            std::rethrow_exception(std::get<2>(result_));
        }
        return std::move(std::get<1>(result_));
    }

  private:
    std::variant<std::monostate, T, std::exception_ptr> result_;
};

template <>
class TaskResult<void> : public TaskPromise {
  public:
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }
    void take() {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

  private:
    std::exception_ptr failure_;
};

template <class T>
class [[nodiscard]] Task {
  public:
    class promise_type;
    using Handle = std::coroutine_handle<promise_type>;

    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            destroy();
            frame_ = std::exchange(other.frame_, nullptr);
        }
        return *this;
    }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() { destroy(); }

    // For the host, once. Runs until the first real wait, or to the end.
    void start() noexcept {
        frame_.promise().started = true;
        frame_.resume();
        frame_.promise().waited = !frame_.done();
    }
    bool done() const noexcept { return !frame_ || frame_.done(); }
    // Called once when the task ends after having waited; not if start() already ended it.
    // The callee may destroy the Task.
    void on_done(void (*call)(void*) noexcept, void* argument) noexcept {
        frame_.promise().on_done = call;
        frame_.promise().argument = argument;
    }
    // Only when done, once. Rethrows.
    T result() { return frame_.promise().take(); }

    // A task that the awaiting one has start()ed before, to have several under way, is only waited
    // for.
    auto operator co_await() && noexcept { return Awaiter(frame_); }

  private:
    class Awaiter {
      public:
        explicit Awaiter(Handle frame) noexcept : frame_(frame) {}
        // Runs the task as a plain call of the one that awaits. Only if it has to wait is that one
        // suspended at all.
        bool await_ready() const noexcept {
            if (!std::exchange(frame_.promise().started, true)) {
                frame_.resume();
            }
            return frame_.done();
        }
        void await_suspend(std::coroutine_handle<> parent) const noexcept {
            frame_.promise().awaiting = parent;
        }
        T await_resume() const { return frame_.promise().take(); }

      private:
        Handle frame_;
    };

    explicit Task(Handle frame) noexcept : frame_(frame) {}
    void destroy() noexcept {
        if (frame_) {
            std::exchange(frame_, nullptr).destroy();
        }
    }
    Handle frame_;
};

template <class T>
class Task<T>::promise_type : public TaskResult<T> {
  public:
    Task get_return_object() noexcept { return Task(Handle::from_promise(*this)); }
};

}  // namespace clave
