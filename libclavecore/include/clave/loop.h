// An event loop, as small as the core needs it. Two implementations, PollLoop (poll(2), tests and
// tools) and NgxLoop (nginx), and one contract test for both (test/loop_contract.h).
//
// Single-threaded, level-triggered, noexcept. Handlers are called from the loop only, never from
// inside a call to the loop. A Watch or Timer may be destroyed at any moment, also inside its own
// handler; after that its handler is not called again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

namespace clave {

struct Loop {
    using Monotonic = std::chrono::steady_clock::time_point;

    enum Interest : std::uint8_t { none = 0, in = 1, out = 2, both = 3 };

    struct WatchHandler {
        // `ready` holds at least one of the wanted bits; an error or hang-up sets all wanted bits,
        // and the next read or write tells what it was.
        virtual void on_ready(Interest ready) noexcept = 0;

      protected:
        ~WatchHandler() = default;
    };

    struct TimerHandler {
        virtual void on_timer() noexcept = 0;

      protected:
        ~TimerHandler() = default;
    };

    struct PostHandler {
        virtual void on_posted() noexcept = 0;

      protected:
        ~PostHandler() = default;
    };

    // Destroying one takes it out of the loop. It never closes the file descriptor: the owner
    // destroys the watch first and closes then.
    class Watch {
      public:
        virtual ~Watch() = default;
        virtual void want(Interest interest) noexcept = 0;
    };

    class Timer {
      public:
        virtual ~Timer() = default;
        virtual void arm(std::chrono::milliseconds after) noexcept = 0;  // once; re-arms if armed
        virtual void cancel() noexcept = 0;                              // idempotent
    };

    // One pending call after the current callback. Destroying it takes the call back.
    class Post {
      public:
        virtual ~Post() = default;
        virtual void post() noexcept = 0;  // idempotent until the handler has run
    };

    // Each returns nullptr when the host is out of memory or descriptors. The handler must outlive
    // the returned object.
    virtual std::unique_ptr<Watch> watch(int fd, WatchHandler& handler) noexcept = 0;
    virtual std::unique_ptr<Timer> timer(TimerHandler& handler) noexcept = 0;
    virtual std::unique_ptr<Post> poster(PostHandler& handler) noexcept = 0;

    virtual Monotonic now() const noexcept = 0;

  protected:
    ~Loop() = default;
};

}  // namespace clave
