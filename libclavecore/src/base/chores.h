// Work that goes on when whoever asked for it has gone: a confirmed signature is not undone by a
// closed browser (architecture section 3), and others may wait for the same answer. It belongs to
// the worker process.
//
//     auto chore = chores.begin(recover(…));    // Task<void>
//     Chore::Wait wait(chore);
//     co_await wait;                            // or not
#pragma once

#include <coroutine>
#include <list>
#include <memory>
#include <optional>

#include "clave/host.h"
#include "clave/task.h"

namespace clave {

class Chore {
  public:
    explicit Chore(Task<void> work) : work_(std::move(work)) {}
    Chore(const Chore&) = delete;
    Chore& operator=(const Chore&) = delete;

    bool is_over() const noexcept { return done_; }

    // Awaited any number of times, by a named object; destroying it only stops waiting.
    class Wait {
      public:
        explicit Wait(std::shared_ptr<Chore> chore) noexcept : chore_(std::move(chore)) {}
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait();
        bool await_ready() const noexcept { return chore_->done_; }
        void await_suspend(std::coroutine_handle<> waiting);
        void await_resume() const noexcept {}

      private:
        friend class Chores;
        std::shared_ptr<Chore> chore_;
        std::coroutine_handle<> waiting_;
    };

  private:
    friend class Chores;
    std::optional<Task<void>> work_;
    std::list<Wait*> waits_;
    bool done_ = false;
};

class Chores {
  public:
    explicit Chores(Logger& logger) noexcept : logger_(logger) {}
    Chores(const Chores&) = delete;
    Chores& operator=(const Chores&) = delete;
    // What is not over is taken back, whoever still waits for it.
    ~Chores();

    std::shared_ptr<Chore> begin(Task<void> work);

  private:
    struct Entry {
        Chores* chores;
        std::shared_ptr<Chore> chore;
    };
    void finish(Entry& entry) noexcept;

    Logger& logger_;
    std::list<Entry> entries_;
};

}  // namespace clave
