// A WorkerPool of threads, for tests and tools; nginx has its own.
#pragma once

#include <cstddef>
#include <memory>

#include "clave/host.h"
#include "clave/loop.h"

namespace clave {

class ThreadPool final : public WorkerPool {
  public:
    // nullptr when there is no descriptor, thread or memory. The loop outlives the pool. At most
    // `queue` jobs wait for a thread.
    static std::unique_ptr<ThreadPool> create(Loop& loop, std::size_t threads, std::size_t queue);
    // Waits for the jobs that are running. No job is finished() any more; all are destroyed.
    ~ThreadPool();

    [[nodiscard]] bool submit(std::unique_ptr<Job> job) noexcept override;

  private:
    class Crew;
    explicit ThreadPool(std::unique_ptr<Crew> crew) noexcept;
    std::unique_ptr<Crew> crew_;
};

}  // namespace clave
