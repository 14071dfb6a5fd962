// What the core needs from whoever hosts it (nginx, clavectl, a test), beside a Loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "clave/error.h"

namespace clave {

using Time = std::chrono::sys_seconds;  // UTC, whole seconds, 64 bits: no 2038
using Seconds = std::chrono::seconds;

// Wall clock. Monotonic time is Loop::now(). Never suspends, never fails.
struct Clock {
    virtual Time now() const noexcept = 0;

  protected:
    ~Clock() = default;
};

// Cryptographic randomness. False means that there is none: the caller answers 503 (K-01).
struct Random {
    [[nodiscard]] virtual bool fill(std::span<std::byte> out) noexcept = 0;

  protected:
    ~Random() = default;
};

// A line for the operator. The host adds time, process and connection. Never personal data.
struct Logger {
    virtual void log(Severity severity, std::string_view line) noexcept = 0;

  protected:
    ~Logger() = default;
};

// Work that would hold the loop for longer than a lookup (XML, RSA).
//
// A job owns its input and its output (product.md 8.8): the pool may still be running it after
// whoever asked for it has gone.
class Job {
  public:
    virtual ~Job() = default;
    virtual void run() noexcept = 0;       // on any thread, once; touches nothing but the job
    virtual void finished() noexcept = 0;  // on the loop's thread, once, after run()
};

struct WorkerPool {
    // Takes the job; false if the queue is full (the job is destroyed unrun). finished() is never
    // called from inside submit().
    [[nodiscard]] virtual bool submit(std::unique_ptr<Job> job) noexcept = 0;

  protected:
    ~WorkerPool() = default;
};

}  // namespace clave
