// Loop over poll(2), with a clock that can be moved by hand: for tests and tools.
#pragma once

#include <memory>

#include "clave/host.h"
#include "clave/loop.h"

namespace clave {

class PollLoop final : public Loop {
  public:
    PollLoop();
    ~PollLoop();

    std::unique_ptr<Watch> watch(int fd, WatchHandler& handler) noexcept override;
    std::unique_ptr<Timer> timer(TimerHandler& handler) noexcept override;
    std::unique_ptr<Post> poster(PostHandler& handler) noexcept override;
    Monotonic now() const noexcept override;

    // One round: posted calls, due timers, ready descriptors. Waits at most `limit`, less if a
    // timer is due sooner. False if there was nothing to do.
    bool run_once(std::chrono::milliseconds limit);
    // From then on now() stands still but for this.
    void advance(std::chrono::milliseconds by) noexcept;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace clave
