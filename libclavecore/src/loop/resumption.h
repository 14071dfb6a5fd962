// Resumes a coroutine from the loop, or not at all if destroyed before: for awaitables whose end is
// reported from inside somebody else's callback.
#pragma once

#include <coroutine>
#include <memory>

#include "clave/loop.h"

namespace clave {

class Resumption final : Loop::PostHandler {
  public:
    // False from ready(): there was no memory, and nothing will ever be resumed.
    explicit Resumption(Loop& loop) noexcept : post_(loop.poster(*this)) {}
    Resumption(const Resumption&) = delete;
    Resumption& operator=(const Resumption&) = delete;
    ~Resumption() = default;

    bool ready() const noexcept { return post_ != nullptr; }
    void wait(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
    // Idempotent. Only after wait().
    void soon() noexcept { post_->post(); }

  private:
    // May destroy this: nothing follows.
    void on_posted() noexcept override { waiting_.resume(); }

    std::coroutine_handle<> waiting_;
    std::unique_ptr<Loop::Post> post_;
};

}  // namespace clave
