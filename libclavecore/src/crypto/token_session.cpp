#include "crypto/token_session.h"

#include <unistd.h>

#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/guard.h"

namespace clave {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::minutes kPause{1};
// Workers that start together get into each other's way with some modules (SoftHSM's files). More
// tries would lock a token whose PIN has been changed.
constexpr int kTries = 2;
constexpr std::chrono::milliseconds kBetweenTries{100};

// All that live. Whoever uses what one has opened has the turn, too; a new one does not wait for
// that.
struct Sessions {
    std::mutex mutex;
    std::vector<TokenSession*> all;
};
Sessions& sessions() {
    static Sessions all;
    return all;
}

struct Turn {
    Turn() noexcept { token_turn().acquire(); }
    ~Turn() { token_turn().release(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
};

}  // namespace

std::binary_semaphore& token_turn() noexcept {
    static std::binary_semaphore turn{1};
    return turn;
}

TokenSession::TokenSession(TokenUri uri, Pin pin) : uri_(std::move(uri)), pin_(std::move(pin)) {
    const std::lock_guard lock(sessions().mutex);
    sessions().all.push_back(this);
}

TokenSession::~TokenSession() {
    const Turn turn;
    const std::lock_guard lock(sessions().mutex);
    std::erase(sessions().all, this);
    close();
}

// What a parent process has opened is its own: the child would use the same connection to the
// token. Some modules notice a fork by themselves, not all.
bool TokenSession::is_open() const noexcept {
    return opened_ && opened_by_ == ::getpid();
}

void TokenSession::close() noexcept {
    if (opened_ && !is_open()) {
        // Not closed, since that would end the parent's session.
        static_cast<void>(opened_.key.release());
        static_cast<void>(opened_.token.release());
    }
    opened_.key.reset();
    opened_.token.reset();
}

// The module begins anew only when no key of it is in use.
void TokenSession::close_module() noexcept {
    const std::lock_guard lock(sessions().mutex);
    for (TokenSession* key : sessions().all) {
        if (key->uri_.module_path == uri_.module_path) {
            key->close();
        }
    }
    restart_module(uri_);
}

bool TokenSession::try_to_open() {
    opened_ = open_token(uri_, pin_);
    opened_by_ = ::getpid();
    if (!opened_) {
        failure_ = "the token of our key cannot be opened: " + token_failure();
        close();
    }
    return is_open();
}

bool TokenSession::open() {
    if (!guard("pause of a token", steady_clock::now() >= not_before_)) {
        return false;
    }
    close();
    for (int i = 0; i < kTries; ++i) {
        if (i > 0) {
            std::this_thread::sleep_for(kBetweenTries);
        }
        const ErrorMark mark;
        if (try_to_open()) {
            return true;
        }
    }
    close_module();
    pause();
    return false;
}

void TokenSession::pause() {
    not_before_ = steady_clock::now() + kPause;
}

Result<std::string> TokenSession::use(const KeySource::Operation& operation) {
    const ErrorMark mark;
    if (is_open()) {
        if (auto done = operation(opened_.key.get())) {
            return done;
        }
        close_module();
    }
    if (!open()) {
        return fail(Code::key, failure_);
    }
    auto done = operation(opened_.key.get());
    if (!done && done.error().code == Code::key) {
        failure_ = done.error().detail + ": " + token_failure();
        close_module();
        pause();
        return fail(Code::key, failure_);
    }
    return done;
}

}  // namespace clave
