// What everything that speaks to Redis shares.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "clave/redis_settings.h"
#include "loop/wakeups.h"
#include "redis/open.h"

namespace clave::redis {

struct Wire {
    Wire(const RedisSettings& given, Host from) : settings(given), host(from), wakeups(from.loop) {}

    // At most once a minute for the same `about`: an outage must not fill the disk.
    void warn(Severity severity, const std::string& about, const std::string& line);
    // Between half of `most` and all of it, so that a hundred workers do not come back as one.
    std::chrono::milliseconds jittered(std::chrono::milliseconds most) noexcept;
    Loop::Monotonic now() const noexcept { return host.loop.now(); }

    const RedisSettings settings;
    const Host host;
    Wakeups wakeups;

  private:
    std::map<std::string, Loop::Monotonic> warned_;
};

// 50 ms, doubled up to 1.7 s: with the connect itself a server that is back is found within 2 s.
class Backoff {
  public:
    std::chrono::milliseconds next(Wire& wire) noexcept {
        const auto now = wait_;
        wait_ = std::min(wait_ * 2, kMost);
        return wire.jittered(now);
    }
    void reset() noexcept { wait_ = kFirst; }

  private:
    static constexpr std::chrono::milliseconds kFirst{50};
    static constexpr std::chrono::milliseconds kMost{1700};
    std::chrono::milliseconds wait_ = kFirst;
};

}  // namespace clave::redis
