#include "http/address_book.h"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <coroutine>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "clave/offload.h"
#include "loop/resumption.h"

namespace clave {
namespace {

constexpr std::chrono::seconds kRemembered{30};
constexpr std::size_t kMostAddresses = 8;
constexpr std::size_t kMostNames = 64;

// Blocks. `flags` of getaddrinfo(3).
Result<std::vector<std::string>> addresses_of(const std::string& host, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
        return fail(Code::store, host + ": " + ::gai_strerror(error));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
    std::vector<std::string> addresses;
    for (const addrinfo* one = found; one != nullptr && addresses.size() < kMostAddresses;
         one = one->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(),
                          static_cast<socklen_t>(text.size()), nullptr, 0, NI_NUMERICHOST) == 0) {
            addresses.emplace_back(text.data());
        }
    }
    if (addresses.empty()) {
        return fail(Code::store, host + ": no address");
    }
    return addresses;
}

// These are this machine, whatever a name server thinks (RFC 6761 section 6.3).
bool is_this_machine(std::string_view host) noexcept {
    return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

// One who waits for a lookup, for a while.
class AddressBook::Waiter final : Loop::TimerHandler {
  public:
    Waiter(Loop& loop, std::list<Waiter*>& queue, std::chrono::milliseconds limit) noexcept
        : resumption_(loop), timer_(loop.timer(*this)), limit_(limit), queue_(queue) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() { leave(); }

    bool await_ready() const noexcept { return !resumption_.ready() || timer_ == nullptr; }
    void await_suspend(std::coroutine_handle<> waiting) {
        resumption_.wait(waiting);
        timer_->arm(limit_);
        place_ = queue_.insert(queue_.end(), this);
        waits_ = true;
    }
    // Nullopt: in vain.
    std::optional<Result<std::vector<std::string>>> await_resume() noexcept {
        return std::move(found_);
    }
    void tell(const Result<std::vector<std::string>>& found) {
        found_ = found;
        leave();
        resumption_.soon();
    }

  private:
    void on_timer() noexcept override {
        leave();
        resumption_.soon();
    }
    void leave() noexcept {
        if (std::exchange(waits_, false)) {
            queue_.erase(place_);
            timer_->cancel();
        }
    }

    Resumption resumption_;
    std::unique_ptr<Loop::Timer> timer_;
    std::chrono::milliseconds limit_;
    std::list<Waiter*>& queue_;
    std::list<Waiter*>::iterator place_;
    bool waits_ = false;
    std::optional<Result<std::vector<std::string>>> found_;
};

AddressBook::~AddressBook() = default;

Task<Result<std::vector<std::string>>> AddressBook::find(std::string host,
                                                         std::chrono::milliseconds limit) {
    if (auto numeric = addresses_of(host, AI_NUMERICHOST)) {  // never asks anybody
        co_return std::move(numeric);
    }
    if (is_this_machine(host)) {
        co_return std::vector<std::string>{"127.0.0.1", "::1"};
    }
    forget_what_ended();
    auto known = entries_.find(host);
    if (known == entries_.end()) {
        if (entries_.size() >= kMostNames) {
            co_return fail(Code::store, host + ": too many names at a time");
        }
        known = entries_.try_emplace(host, Entry{{}, {}, {}, look_up(host)}).first;
        known->second.lookup.start();
    }
    Entry& entry = known->second;
    if (entry.found) {
        co_return *entry.found;
    }
    Waiter waiter(loop_, entry.waiting, limit);
    auto found = co_await waiter;
    if (!found) {
        co_return fail(Code::store, host + ": its name servers did not answer in time");
    }
    co_return std::move(*found);
}

Task<void> AddressBook::look_up(std::string host) {
    auto looking = offload(pool_, [host] { return addresses_of(host, AI_ADDRCONFIG); });
    const Addresses found = co_await looking;
    Entry& entry = entries_.at(host);
    entry.found = found;
    entry.ends = loop_.now() + (found ? kRemembered : std::chrono::seconds{0});
    while (!entry.waiting.empty()) {
        entry.waiting.front()->tell(found);  // which leaves the queue
    }
}

void AddressBook::forget_what_ended() {
    const auto now = loop_.now();
    std::erase_if(entries_, [now](const auto& named) {
        return named.second.lookup.done() && named.second.ends <= now;
    });
}

}  // namespace clave
