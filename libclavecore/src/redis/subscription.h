// A connection on which the server speaks: a channel, and what is said on it. It is made anew
// whenever it is lost, and it is lost as soon as it has been silent for too long: it is asked for a
// sign of life all the time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "redis/greeting.h"

namespace clave::redis {

class Subscription final : Connection::Listener, Loop::TimerHandler {
  public:
    // Called from the loop, in the middle of things: nobody may be destroyed there.
    struct Handler {
        virtual void on_subscribed() noexcept = 0;
        virtual void on_message(const Value& payload) noexcept = 0;
        virtual void on_lost() noexcept = 0;  // after on_subscribed() only

      protected:
        ~Handler() = default;
    };

    // With `prefixes` the server is asked to track all keys that begin so, and to tell of them here
    // (CLIENT TRACKING … BCAST). RESP2 wants a connection to redirect that to: this one, so that
    // there is no second one whose loss would go unnoticed.
    Subscription(Wire& wire, Whom whom, std::string channel, std::vector<std::string> prefixes,
                 Handler& handler);
    void start() { keeper_.start(); }
    void begin_anew() noexcept { connection_.close("begun anew"); }

  private:
    bool on_push(const Value& value) noexcept override;
    void on_timer() noexcept override;

    Task<void> keep();
    Task<Result<void>> make();
    Task<Result<void>> track();
    bool take(const Value& value);
    void wait_for_pulse() noexcept;

    Wire& wire_;
    const Whom whom_;
    const std::string channel_;
    const std::vector<std::string> prefixes_;
    Handler& handler_;
    Connection connection_;
    std::unique_ptr<Loop::Timer> pulse_;
    Loop::Monotonic sound_;                 // until then nothing has been missed
    std::optional<Loop::Monotonic> asked_;  // for a sign of life
    bool subscribed_ = false;
    Task<void> keeper_;  // ends before what it works with
};

}  // namespace clave::redis
