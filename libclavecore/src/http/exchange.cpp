#include "http/exchange.h"

#include <algorithm>
#include <new>
#include <utility>

#include "crypto/openssl.h"

namespace clave {
namespace {

constexpr long kMostKept = 16;  // idle connections

Loop::Interest interest_of(int wanted) noexcept {
    switch (wanted) {
        case CURL_POLL_IN:
            return Loop::in;
        case CURL_POLL_OUT:
            return Loop::out;
        case CURL_POLL_INOUT:
            return Loop::both;
        default:
            return Loop::none;
    }
}

int events_of(Loop::Interest ready) noexcept {
    return ((ready & Loop::in) != 0 ? CURL_CSELECT_IN : 0) |
           ((ready & Loop::out) != 0 ? CURL_CSELECT_OUT : 0);
}

}  // namespace

class Exchange::Socket final : Loop::WatchHandler {
  public:
    Socket(Exchange& exchange, curl_socket_t socket) noexcept
        : exchange_(exchange), socket_(socket), watch_(exchange.loop_.watch(socket, *this)) {}
    bool watched() const noexcept { return watch_ != nullptr; }
    void want(int wanted) noexcept { watch_->want(interest_of(wanted)); }

  private:
    // curl may forget the socket meanwhile, and with it this: nothing follows.
    void on_ready(Loop::Interest ready) noexcept override {
        exchange_.act(socket_, events_of(ready));
    }

    Exchange& exchange_;
    curl_socket_t socket_;
    std::unique_ptr<Loop::Watch> watch_;
};

// While one lives, curl is on the stack.
class Exchange::Running {
  public:
    explicit Running(Exchange& exchange) noexcept : exchange_(exchange) { ++exchange_.depth_; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { --exchange_.depth_; }

  private:
    Exchange& exchange_;
    // What curl's TLS leaves in this thread's queue, nginx would tell of as an alert of its own.
    ErrorMark mark_;
};

Exchange::Exchange(Loop& loop) noexcept : loop_(loop) {}

std::unique_ptr<Exchange> Exchange::create(Loop& loop) {
    std::unique_ptr<Exchange> made(new Exchange(loop));
    made->timer_ = loop.timer(*made);
    made->multi_ = curl_multi_init();
    if (made->timer_ == nullptr || made->multi_ == nullptr) {
        return nullptr;
    }
    curl_socket_callback on_socket = [](CURL* easy, curl_socket_t socket, int wanted, void* self,
                                        void* known) noexcept {
        static_cast<Exchange*>(self)->on_socket(easy, socket, wanted, static_cast<Socket*>(known));
        return 0;
    };
    curl_multi_timer_callback on_timeout = [](CURLM*, long after, void* self) noexcept {
        auto& timer = *static_cast<Exchange*>(self)->timer_;
        if (after < 0) {
            timer.cancel();
        } else {
            timer.arm(std::chrono::milliseconds{after});  // 0: in the next round, not now
        }
        return 0;
    };
    curl_multi_setopt(made->multi_, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(made->multi_, CURLMOPT_SOCKETDATA, made.get());
    curl_multi_setopt(made->multi_, CURLMOPT_TIMERFUNCTION, on_timeout);
    curl_multi_setopt(made->multi_, CURLMOPT_TIMERDATA, made.get());
    curl_multi_setopt(made->multi_, CURLMOPT_MAXCONNECTS, kMostKept);
    curl_multi_setopt(made->multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return made;
}

Exchange::~Exchange() {
    if (multi_ == nullptr) {
        return;
    }
    const Running running(*this);
    for (const auto& call : calls_) {
        if (call->added_) {
            curl_multi_remove_handle(multi_, call->easy_);
        }
    }
    calls_.clear();
    curl_multi_cleanup(multi_);  // closes the kept connections
}

void Exchange::begin(std::unique_ptr<Call>&& call) {
    calls_.emplace_back();  // without memory for it, the call is still the caller's
    calls_.back() = std::move(call);
    settle();
}

void Exchange::take_back(Call& call) noexcept {
    call.unwanted_ = true;
    settle();
}

void Exchange::act(curl_socket_t socket, int events) noexcept {
    {
        const Running running(*this);
        int active = 0;
        curl_multi_socket_action(multi_, socket, events, &active);
    }
    report();
    settle();
}

void Exchange::on_timer() noexcept {
    act(CURL_SOCKET_TIMEOUT, 0);
}

// Does what was noted, unless curl is on the stack: then it is done when that call has returned.
void Exchange::settle() noexcept {
    if (depth_ != 0) {
        return;
    }
    for (auto place = calls_.begin(); place != calls_.end();) {
        Call& call = **place;
        const Running running(*this);
        if (!call.unwanted_ && !call.added_) {
            call.added_ = call.easy_ != nullptr &&
                          curl_easy_setopt(call.easy_, CURLOPT_PRIVATE, &call) == CURLE_OK &&
                          curl_multi_add_handle(multi_, call.easy_) == CURLM_OK;
            if (!call.added_) {
                finish(call, CURLE_FAILED_INIT);
            }
        } else if (call.broken_) {
            finish(call, CURLE_OUT_OF_MEMORY);
        }
        if (!call.unwanted_) {
            ++place;
            continue;
        }
        if (call.added_) {
            curl_multi_remove_handle(multi_, call.easy_);
        }
        place = calls_.erase(place);
    }
}

void Exchange::report() noexcept {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        const auto done = std::find_if(
            calls_.begin(), calls_.end(),
            [&](const std::unique_ptr<Call>& call) { return call->easy_ == message->easy_handle; });
        if (message->msg == CURLMSG_DONE && done != calls_.end()) {
            finish(**done, message->data.result);
        }
    }
}

// settle() removes it then.
void Exchange::finish(Call& call, CURLcode code) noexcept {
    if (!std::exchange(call.unwanted_, true)) {
        call.on_finished(code);
    }
}

void Exchange::on_socket(CURL* easy, curl_socket_t socket, int wanted, Socket* known) noexcept try {
    if (wanted == CURL_POLL_REMOVE) {
        sockets_.erase(socket);
        return;
    }
    if (known == nullptr) {
        auto fresh = std::make_unique<Socket>(*this, socket);
        known = fresh.get();
        if (!known->watched()) {
            throw std::bad_alloc();
        }
        sockets_.insert_or_assign(socket, std::move(fresh));
        curl_multi_assign(multi_, socket, known);
    }
    known->want(wanted);
} catch (const std::bad_alloc&) {
    // Said to curl, this would end the multi handle and all its transfers; so only this one ends.
    // The handles with which curl closes connections have no Call.
    char* call = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &call);
    if (call != nullptr) {
        // CURLINFO_PRIVATE gives back, as a char*, the pointer to a Call that settle() set.
        reinterpret_cast<Call*>(call)->broken_ = true;
    }
}

}  // namespace clave
