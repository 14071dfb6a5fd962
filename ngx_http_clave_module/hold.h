// Keeps a worker that shuts down from leaving while somebody still waits for an answer.
#pragma once

#include "ngx.h"

namespace clave::nginx {

// A worker goes when no timer is left that it has to wait for, and a request that waits for Redis
// has none of its own.
class Hold {
  public:
    Hold() noexcept;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() { release(); }

    void take() noexcept;
    void release() noexcept;

  private:
    ngx_event_t event_{};
};

}  // namespace clave::nginx
