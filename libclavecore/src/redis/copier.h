// Writes that a failover must not undo. Each is followed by WAIT, and of a connection that
// waits so Redis carries out nothing more: on one that others share a replica that hangs would keep
// them all waiting. So these have a connection of their own, made when the first of them comes; and
// those that come while it waits go out together, with one WAIT for all.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "redis/exchange.h"
#include "redis/greeting.h"

namespace clave::redis {

class Copier final : Loop::TimerHandler {
  public:
    Copier(Wire& wire, const Whom& whom);
    Copier(const Copier&) = delete;
    Copier& operator=(const Copier&) = delete;
    ~Copier();

    // Answered with the reply to its own command, if a replica has that; else with an error, and
    // the command may have been carried out. How many may come at once is for the caller to say.
    void submit(Exchange& exchange);
    std::size_t under_way() const noexcept { return queue_.size() + carried_.size(); }
    void begin_anew(const std::string& why) noexcept { connection_.close(why); }

  private:
    void on_timer() noexcept override;

    Task<void> keep();
    Task<void> carry();
    bool is_ready() const noexcept { return greeted_ && connection_.is_open(); }
    void carry_on();
    Request gather();
    void hand_back(const Result<Value>& replies);
    void watch(Loop::Monotonic when) noexcept;
    void fail_queue(const std::string& why) noexcept;
    void fail_carried(const std::string& why) noexcept;

    Wire& wire_;
    const Whom whom_;
    Connection connection_;
    std::unique_ptr<Loop::Timer> timer_;
    std::optional<Loop::Monotonic> alarm_;
    WaitList queue_;             // of Exchange
    std::deque<Place> carried_;  // with the WAIT that is under way
    bool started_ = false;
    bool greeted_ = false;
    std::string why_not_ = "no connection yet";
    Task<void> keeper_;  // these end before what they work with
    Task<void> carrier_;
};

}  // namespace clave::redis
