// Work on the worker pool, awaited on the loop:
//
//   auto work = offload(pool, [message = std::move(message), key] { return verify(message, key);
//   }); auto verified = co_await work;   // Result<…>
//
// The functor owns all it needs (captures by value, or of things that outlive every job):
// destroying the awaiting Task abandons the job, which may still be running, and never frees under
// it (product.md 8.8). A functor that returns Result<R> gives Result<R>, any other R gives
// Result<R>. A full queue is Code::store: the server is overloaded, the citizen gets 503 and may
// try again. What the functor throws is rethrown to whoever awaits.
//
// Only a named object can be awaited: g++ 12 destroys a closure with captures twice if it is a
// temporary of the co_await expression (product.md 8.9), so that does not compile.
#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "clave/host.h"

namespace clave {

template <class R>
struct OffloadResult {
    using type = Result<R>;
};
template <class R>
struct OffloadResult<Result<R>> {
    using type = Result<R>;
};

template <class Work>
class [[nodiscard]] Offload {
  public:
    using Value = typename OffloadResult<std::invoke_result_t<Work&>>::type;

    Offload(WorkerPool& pool, Work work)
        : pool_(pool), job_(std::make_unique<PoolJob>(*this, std::move(work))), link_(job_.get()) {}
    Offload(const Offload&) = delete;
    Offload& operator=(const Offload&) = delete;
    ~Offload() {
        if (link_ != nullptr) {
            link_->asker = nullptr;
        }
    }

    class Awaiter {
      public:
        explicit Awaiter(Offload& offload) noexcept : offload_(offload) {}
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> waiting) const noexcept {
            offload_.waiting_ = waiting;
            return offload_.pool_.submit(std::move(offload_.job_));
        }
        Value await_resume() const { return offload_.take(); }

      private:
        Offload& offload_;
    };
    Awaiter operator co_await() & noexcept { return Awaiter(*this); }

  private:
    // run() touches work, value and failure only; asker belongs to the loop's thread.
    class PoolJob final : public Job {
      public:
        PoolJob(Offload& from, Work&& todo) : asker(&from), work_(std::move(todo)) {}
        PoolJob(const PoolJob&) = delete;
        PoolJob& operator=(const PoolJob&) = delete;
        ~PoolJob() override {
            if (asker != nullptr) {
                asker->link_ = nullptr;
            }
        }
        void run() noexcept override {
            try {
                if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
                    work_();
                    value_.emplace();
                } else {
                    value_.emplace(work_());
                }
            } catch (...) {
                failure_ = std::current_exception();
            }
        }
        void finished() noexcept override {
            if (Offload* to = std::exchange(asker, nullptr); to != nullptr) {
                to->link_ = nullptr;
                to->value_ = std::move(value_);
                to->failure_ = std::move(failure_);
                to->waiting_.resume();
            }
        }
        Offload* asker;

      private:
        Work work_;
        std::optional<Value> value_;
        std::exception_ptr failure_;
    };

    Value take() {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        if (!value_) {
            return fail(Code::store, "the queue of the worker pool is full");
        }
        return std::move(*value_);
    }

    WorkerPool& pool_;
    std::unique_ptr<PoolJob> job_;  // until submitted
    PoolJob* link_;                 // null once the job is done, or gone
    std::coroutine_handle<> waiting_;
    std::optional<Value> value_;
    std::exception_ptr failure_;
};

// Awaited at most once.
template <class Work>
Offload<Work> offload(WorkerPool& pool, Work work) {
    return Offload<Work>(pool, std::move(work));
}

}  // namespace clave
