// The core's Loop over nginx's events, timers and posted events. Keeps the same contract as
// PollLoop; t/loop_contract runs it inside a worker.
#pragma once

#include "clave/loop.h"
#include "ngx.h"

namespace clave::nginx {

class NgxLoop final : public Loop {
  public:
    std::unique_ptr<Watch> watch(int fd, WatchHandler& handler) noexcept override;
    std::unique_ptr<Timer> timer(TimerHandler& handler) noexcept override;
    std::unique_ptr<Post> poster(PostHandler& handler) noexcept override;
    Monotonic now() const noexcept override;
};

}  // namespace clave::nginx
