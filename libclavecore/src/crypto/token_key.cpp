#include "crypto/token_key.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/guard.h"

namespace clave {
namespace {

// Both are for the citizen who waits: a token that works takes a tenth of a second.
constexpr std::chrono::seconds kTurn{10};
constexpr std::chrono::seconds kAnswer{5};
constexpr std::chrono::milliseconds kLook{50};

std::atomic<bool> hangs{false};

// The process ends while a thread is inside the module: what OpenSSL and the module do at exit()
// would wait for it.
void end_without_it() {
    if (hangs) {
        ::_Exit(EXIT_SUCCESS);
    }
}

// Of two threads, the last of whom frees it.
struct Asked {
    std::shared_ptr<TokenSession> session;
    KeySource::Operation operation;
    std::mutex mutex;
    std::condition_variable is_done;
    std::optional<Result<std::string>> result;
    bool given_up = false;
};

Result<std::string> attempt(const Asked& asked) noexcept {
    try {
        return asked.session->use(asked.operation);
    } catch (const std::exception&) {
        return fail(Code::key, "no memory for the token");
    }
}

// Has the turn, and ends it.
void answer(const std::shared_ptr<Asked>& asked) {
    Result<std::string> done = attempt(*asked);
    {
        const std::lock_guard lock(asked->mutex);
        if (asked->given_up) {
            hangs = false;
        } else {
            asked->result.emplace(std::move(done));
        }
    }
    asked->is_done.notify_one();
    token_turn().release();
}

// Signals are for nginx's own thread.
std::thread start(std::shared_ptr<Asked> asked) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread;
    try {
        thread = std::thread([own = std::move(asked)]() { answer(own); });
    } catch (const std::system_error&) {
        // not joinable, which is the answer
    }
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

// Until it is ours, or there is no use in waiting.
Result<void> take_turn() {
    const auto end = std::chrono::steady_clock::now() + kTurn;
    while (guard("token that hangs", !hangs)) {
        if (token_turn().try_acquire_for(kLook)) {
            return {};
        }
        if (std::chrono::steady_clock::now() > end) {
            return fail(Code::key, "the token has been busy for too long");
        }
    }
    return fail(Code::key, "the token still does not answer");
}

// Of keys that went while a token was hanging; never destroyed, since that would wait for it.
void leave(std::shared_ptr<TokenSession> session) {
    static std::mutex mutex;
    static auto& left = *new std::vector<std::shared_ptr<TokenSession>>;
    const std::lock_guard lock(mutex);
    left.push_back(std::move(session));
}

void give_up(Asked& asked) {
    static const int once = std::atexit(end_without_it);
    static_cast<void>(once);
    asked.given_up = true;
    hangs = true;
}

}  // namespace

TokenKey::TokenKey(TokenUri uri, Pin pin)
    : session_(std::make_shared<TokenSession>(std::move(uri), std::move(pin))) {}

TokenKey::~TokenKey() {
    if (hangs) {
        leave(std::move(session_));
    }
}

Result<std::string> TokenKey::use(const Operation& operation) {
    auto asked = std::make_shared<Asked>();
    asked->session = session_;
    asked->operation = operation;
    if (auto good = take_turn(); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    std::thread thread = start(asked);
    if (!thread.joinable()) {
        token_turn().release();
        return fail(Code::key, "no thread for the token");
    }
    std::unique_lock lock(asked->mutex);
    if (!asked->is_done.wait_for(lock, kAnswer, [&] { return asked->result.has_value(); })) {
        give_up(*asked);
        thread.detach();
        return fail(Code::key, "the token does not answer");
    }
    lock.unlock();
    thread.join();  // what it keeps for OpenSSL must be gone before the process ends
    return *std::move(asked->result);
}

}  // namespace clave
