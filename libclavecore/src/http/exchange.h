// curl's multi interface on a Loop: what curl wants to know of sockets and time, and no more.
//
// curl calls back from inside almost every function, and calls into it from a callback are refused
// (CURLM_RECURSIVE_API_CALL). So whatever a callback leads to, a Transfer that is destroyed or a
// new one that begins, is noted, and done when curl has returned.
#pragma once

#include <curl/curl.h>

#include <list>
#include <map>
#include <memory>

#include "clave/loop.h"

namespace clave {

class Exchange final : Loop::TimerHandler {
  public:
    // A handle of curl with all that its callbacks use. It lives until curl has let go of it, which
    // may be after whoever waited for it.
    class Call {
      public:
        virtual ~Call() { curl_easy_cleanup(easy_); }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

      protected:
        // A null `easy` (no memory) ends with CURLE_FAILED_INIT.
        explicit Call(CURL* easy) noexcept : easy_(easy) {}
        CURL* easy() const noexcept { return easy_; }
        // Once, never from inside a callback of curl.
        virtual void on_finished(CURLcode code) noexcept = 0;

      private:
        friend class Exchange;
        CURL* easy_;
        bool added_ = false;
        bool unwanted_ = false;  // taken back, or reported
        bool broken_ = false;    // a socket of it cannot be watched
    };

    // The loop outlives the exchange. nullptr: no memory.
    static std::unique_ptr<Exchange> create(Loop& loop);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange();

    // Both also from inside a callback of curl. on_finished() may be called from inside begin(),
    // and is not called after take_back(), which is idempotent.
    void begin(std::unique_ptr<Call>&& call);
    void take_back(Call& call) noexcept;

  private:
    class Socket;
    class Running;

    explicit Exchange(Loop& loop) noexcept;
    void act(curl_socket_t socket, int events) noexcept;
    void settle() noexcept;
    void report() noexcept;
    void finish(Call& call, CURLcode code) noexcept;
    void on_socket(CURL* easy, curl_socket_t socket, int wanted, Socket* known) noexcept;
    void on_timer() noexcept override;

    Loop& loop_;
    std::unique_ptr<Loop::Timer> timer_;
    std::map<curl_socket_t, std::unique_ptr<Socket>> sockets_;
    std::list<std::unique_ptr<Call>> calls_;
    CURLM* multi_ = nullptr;
    int depth_ = 0;  // of calls into curl
};

}  // namespace clave
