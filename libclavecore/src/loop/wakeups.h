// Who waits for something, and how he is woken: from the loop, by nobody's leave, one after the
// other. Whatever happens inside a connection only marks waits as over, so no code of ours is ever
// resumed, and nothing ever destroyed, in the middle of it.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "clave/loop.h"

namespace clave {

class WaitList;

// A place in at most one list. Its end, which is that of the frame that waits, takes it out.
class Waiter {
  public:
    Waiter() noexcept = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { leave(); }

    void await_suspend(std::coroutine_handle<> who) noexcept { who_ = who; }

  protected:
    void leave() noexcept;
    // At once, where nobody is in the middle of anything. Whoever is resumed may destroy this.
    void resume() noexcept {
        leave();
        std::exchange(who_, nullptr).resume();
    }

  private:
    friend class WaitList;
    friend class Wakeups;
    std::coroutine_handle<> who_;
    WaitList* in_ = nullptr;
    Waiter* before_ = nullptr;
    Waiter* after_ = nullptr;
};

class WaitList {
  public:
    WaitList() noexcept = default;
    WaitList(const WaitList&) = delete;
    WaitList& operator=(const WaitList&) = delete;
    ~WaitList() {
        while (first_ != nullptr) {
            first_->leave();
        }
    }

    std::size_t size() const noexcept { return size_; }
    bool empty() const noexcept { return first_ == nullptr; }
    Waiter& front() const noexcept { return *first_; }
    void push_back(Waiter& waiter) noexcept {
        waiter.leave();
        waiter.in_ = this;
        waiter.before_ = last_;
        (last_ != nullptr ? last_->after_ : first_) = &waiter;
        last_ = &waiter;
        ++size_;
    }
    void remove(Waiter& waiter) noexcept {
        (waiter.before_ != nullptr ? waiter.before_->after_ : first_) = waiter.after_;
        (waiter.after_ != nullptr ? waiter.after_->before_ : last_) = waiter.before_;
        waiter.before_ = waiter.after_ = nullptr;
        waiter.in_ = nullptr;
        --size_;
    }

  private:
    Waiter* first_ = nullptr;
    Waiter* last_ = nullptr;
    std::size_t size_ = 0;
};

inline void Waiter::leave() noexcept {
    if (in_ != nullptr) {
        in_->remove(*this);
    }
}

class Wakeups final : Loop::PostHandler {
  public:
    // Throws bad_alloc if the loop cannot take one more.
    explicit Wakeups(Loop& loop) : post_(loop.poster(*this)) {
        if (!post_) {
            throw std::bad_alloc();
        }
    }

    // One who has not begun to wait will not have to.
    void wake(Waiter& waiter) noexcept {
        waiter.leave();
        if (waiter.who_) {
            over_.push_back(waiter);
            post_->post();
        }
    }

  private:
    void on_posted() noexcept override {
        // Whoever is resumed may destroy us, and any of the others.
        WaitList over;
        while (!over_.empty()) {
            over.push_back(over_.front());
        }
        while (!over.empty()) {
            Waiter& next = over.front();
            over.remove(next);
            std::exchange(next.who_, nullptr).resume();
        }
    }

    WaitList over_;
    std::unique_ptr<Loop::Post> post_;
};

// Waits for one value, which is given once; what is given later is not heard.
template <class T>
class Awaited : public Waiter {
  public:
    bool await_ready() const noexcept { return value_.has_value(); }
    T await_resume() { return std::move(*value_); }

    void give(T value, Wakeups& wakeups) {
        if (!value_) {
            value_.emplace(std::move(value));
            wakeups.wake(*this);
        }
    }

  private:
    std::optional<T> value_;
};

// Waits for a time to pass: begin(), then co_await.
class Sleep final : public Waiter, Loop::TimerHandler {
  public:
    Sleep(Loop& loop, Wakeups& wakeups) : wakeups_(wakeups), timer_(loop.timer(*this)) {
        if (!timer_) {
            throw std::bad_alloc();
        }
    }

    void begin(std::chrono::milliseconds time) noexcept {
        over_ = false;
        timer_->arm(time);
    }
    // Whoever sleeps gets up.
    void cut_short() noexcept {
        timer_->cancel();
        on_timer();
    }
    bool await_ready() const noexcept { return over_; }
    void await_resume() const noexcept {}

  private:
    void on_timer() noexcept override {
        over_ = true;
        wakeups_.wake(*this);
    }

    Wakeups& wakeups_;
    std::unique_ptr<Loop::Timer> timer_;
    bool over_ = false;
};

}  // namespace clave
