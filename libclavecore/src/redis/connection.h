// One connection: commands go out one behind the other, replies come back in the same order.
//
// The first thing that is out of order ends it: a reply that does not come within the timeout (a
// late one must never be taken for that of another command, R-04), one that nobody waits for
// garbage. It is closed then and never goes on; open() makes a new one. Whoever has less
// time left than that when he asks is told when it is over, and this is nobody else's business.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "redis/address.h"
#include "redis/exchange.h"
#include "redis/stream.h"
#include "redis/wire.h"

namespace clave::redis {

class Connection final : Stream::Handler, Loop::TimerHandler {
  public:
    // Of a server that speaks unasked: the invalidations it sends.
    struct Listener {
        // False: that is nothing it may say.
        virtual bool on_push(const Value& value) noexcept = 0;

      protected:
        ~Listener() = default;
    };
    // Called in the middle of things: it may give commands, and resume nobody.
    struct Owner {
        virtual void on_room() noexcept = 0;  // there is room again

      protected:
        ~Owner() = default;
    };

    Connection(Wire& wire, Owner* owner);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { close("closed here"); }

    // Tries one address after the other; `name` is for TLS.
    Task<Result<void>> open(std::vector<Address> addresses, std::string name);
    // Waits until the connection is lost, and says why.
    Awaited<std::string>& lost() noexcept { return *lost_; }

    bool is_open() const noexcept { return open_; }
    bool has_room() const noexcept { return open_ && stream_.has_room(); }
    std::size_t under_way() const noexcept { return places_.size(); }
    bool timed_out() const noexcept { return timed_out_; }

    void send(Exchange& exchange) noexcept;
    // From now on every reply is one that nobody asked for.
    void listen_to(Listener& listener) noexcept { listener_ = &listener; }
    void send_unanswered(std::string_view text) noexcept { stream_.send(text); }
    void close(std::string why) noexcept;

  private:
    void on_open() noexcept override;
    void on_bytes(std::string_view bytes) noexcept override;
    void on_drained() noexcept override;
    void on_closed(const std::string& why) noexcept override;
    void on_timer() noexcept override;

    bool take(Value value);
    void watch(Loop::Monotonic when) noexcept;

    Wire& wire_;
    Owner* owner_;
    Stream stream_;
    std::unique_ptr<Loop::Timer> deadline_;
    std::optional<Loop::Monotonic> alarm_;  // what it is armed for
    std::unique_ptr<Awaited<Result<void>>> opened_;
    std::unique_ptr<Awaited<std::string>> lost_;
    std::unique_ptr<ReplyReader> reader_;
    std::deque<Place> places_;
    Listener* listener_ = nullptr;
    bool open_ = false;
    bool timed_out_ = false;
};

}  // namespace clave::redis
