// One server, through a few connections that are made anew whenever they are lost.
//
// While the server is known to be down, commands fail at once: the circuit is open until a
// connection has been made and greeted. What waits is bounded, in number and in time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis/commands.h"
#include "redis/copier.h"
#include "redis/exchange.h"
#include "redis/greeting.h"
#include "redis/refusal.h"
#include "redis/wire.h"

namespace clave::redis {

class Node final : Connection::Owner, Loop::TimerHandler {
  public:
    struct Observer {
        // The last connection went, or could not be made. Called in the middle of things.
        virtual void on_down() noexcept = 0;

      protected:
        ~Observer() = default;
    };

    Node(Wire& wire, Whom whom, Observer* observer);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node();

    void start();
    // Ends all that is under way, for good. Whoever waits still needs the Node, to find that out.
    void retire(const std::string& why);

    // The reply as it is, whatever it says.
    Task<Result<Value>> ask(Request request, Loop::Monotonic deadline);
    // What Redis answers about its own state is an error here, and has its consequences.
    Result<Value> judged(Result<Value> reply);

    const StoreHost& host() const noexcept { return whom_.host; }
    const std::string& name() const noexcept { return whom_.shown; }
    bool is_up() const noexcept { return health_ == Health::up; }
    // Known to be: a command would fail at once.
    bool is_down() const noexcept { return health_ == Health::down; }

  private:
    enum class Health : std::uint8_t { trying, up, down };
    class Link;

    void on_room() noexcept override { hand_out(); }
    void on_timer() noexcept override;

    void submit(Exchange& exchange);
    void submit_for_good(Exchange& exchange);
    void hand_out() noexcept;
    Link* best() const noexcept;
    std::size_t under_way() const noexcept;
    void watch_queue() noexcept;
    void fail_queue(const std::string& why) noexcept;
    void link_up();
    void link_down(const std::string& why, Health next);
    void doubt_idle_links(const std::string& why);
    // Every connection is made anew: what it would say is known, or who answers may have changed.
    void begin_anew(const std::string& why);

    Wire& wire_;
    const Whom whom_;
    Observer* observer_;
    Health health_ = Health::trying;
    std::string why_ = "no connection yet";
    WaitList queue_;
    std::unique_ptr<Loop::Timer> queue_timer_;
    bool queue_timer_armed_ = false;
    bool reviewed_ = false;
    std::vector<std::unique_ptr<Link>> links_;
    std::unique_ptr<Copier> copier_;  // since somebody needed one
};

}  // namespace clave::redis
