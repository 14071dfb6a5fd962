// A byte stream to a server: TCP or a unix socket, plain or under TLS; it never blocks.
//
// Its handler may call anything here from inside a call, and may not destroy it there.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "clave/loop.h"
#include "redis/address.h"
#include "redis/tls.h"

namespace clave::redis {

class Stream final : Loop::WatchHandler, Loop::TimerHandler, Loop::PostHandler {
  public:
    struct Handler {
        virtual void on_open() noexcept = 0;
        virtual void on_bytes(std::string_view bytes) noexcept = 0;
        virtual void on_drained() noexcept = 0;  // all that was to be sent has left
        // Once, however it ended, unless by close().
        virtual void on_closed(const std::string& why) noexcept = 0;

      protected:
        ~Handler() = default;
    };

    Stream(Loop& loop, Handler& handler);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { close(); }

    // Ends with on_open() or on_closed(), at the latest when the time is over; perhaps before this
    // returns. `tls` is not needed after that.
    void open(const Address& address, const StoreTls* tls, const std::string& name,
              std::chrono::milliseconds time) noexcept;
    // Leaves together with what others send before the loop turns: many requests, one system call.
    void send(std::string_view bytes) noexcept;
    bool has_room() const noexcept { return out_.size() < kMostWaiting; }
    void close() noexcept;

  private:
    static constexpr std::size_t kMostWaiting = 65536;

    enum class Stage : std::uint8_t { closed, connecting, shaking_hands, open };

    void on_ready(Loop::Interest ready) noexcept override;
    void on_timer() noexcept override { lost("no connection in time"); }
    void on_posted() noexcept override;

    void connect(const Address& address);
    void connected();
    void receive();
    void take(std::string_view bytes);
    void shake_hands(std::string_view bytes);
    void opened() noexcept;
    void flush();
    void flush_and_tell();
    void listen() noexcept;
    void lost(std::string why) noexcept;

    Loop& loop_;
    Handler& handler_;
    std::unique_ptr<Loop::Timer> timer_;
    std::unique_ptr<Loop::Post> departure_;
    std::unique_ptr<Loop::Watch> watch_;
    std::unique_ptr<TlsSession> tls_;
    Stage stage_ = Stage::closed;
    int fd_ = -1;
    std::string out_;  // as it goes to the socket
};

}  // namespace clave::redis
