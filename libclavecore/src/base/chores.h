// Work that goes on when whoever asked for it has gone: a confirmed signature is not undone by a
// closed browser (architecture section 3), and others may wait for the same answer. It belongs to
// the worker process.
//
//     auto chore = chores.begin(recover(…));    // Task<void>
//     Chore::Wait wait(chore);
//     co_await wait;                            // or not
#pragma once

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "clave/host.h"
#include "clave/task.h"
#include "loop/wakeups.h"

namespace clave {

class Chores;

// May be the base of what the work leaves its result in: it outlives the work.
class Chore {
  public:
    Chore() noexcept = default;
    Chore(const Chore&) = delete;
    Chore& operator=(const Chore&) = delete;

    bool is_over() const noexcept { return done_; }

    // Awaited any number of times, by a named object; destroying it only stops waiting.
    class Wait : public Waiter {
      public:
        explicit Wait(std::shared_ptr<Chore> chore) noexcept : chore_(std::move(chore)) {}
        bool await_ready() const noexcept { return chore_->done_; }
        void await_suspend(std::coroutine_handle<> waiting) noexcept {
            Waiter::await_suspend(waiting);
            chore_->waits_.push_back(*this);
        }
        void await_resume() const noexcept {}

      private:
        friend class Chores;
        std::shared_ptr<Chore> chore_;
    };

  private:
    friend class Chores;
    Chores* chores_ = nullptr;
    std::size_t place_ = 0;  // among theirs
    std::optional<Task<void>> work_;
    WaitList waits_;
    bool done_ = false;
};

class Chores {
  public:
    explicit Chores(Logger& logger) noexcept : logger_(logger) {}
    Chores(const Chores&) = delete;
    Chores& operator=(const Chores&) = delete;
    // What is not over is taken back, whoever still waits for it.
    ~Chores();

    std::shared_ptr<Chore> begin(Task<void> work) {
        return begin<Chore>([&](Chore&) { return std::move(work); });
    }
    // `work_for(Kind&)` is the Task; Kind is a Chore.
    template <class Kind, class WorkFor>
    std::shared_ptr<Kind> begin(WorkFor work_for) {
        auto chore = std::make_shared<Kind>();
        chore->work_.emplace(work_for(*chore));
        start(chore);
        return chore;
    }

  private:
    void start(std::shared_ptr<Chore> chore);
    void finish(Chore& chore) noexcept;

    Logger& logger_;
    std::vector<std::shared_ptr<Chore>> under_way_;
};

}  // namespace clave
