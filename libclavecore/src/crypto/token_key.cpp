#include "crypto/token_key.h"

#include <unistd.h>

#include <mutex>
#include <thread>
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
// A token that hangs must not take one thread after the other with it.
constexpr std::chrono::seconds kTurn{10};

// One for all tokens of the process: see token.h.
struct Tokens {
    std::timed_mutex mutex;
    std::vector<TokenKey*> keys;
};
Tokens& tokens() {
    static Tokens all;
    return all;
}

}  // namespace

TokenKey::TokenKey(TokenUri uri, Pin pin) : uri_(std::move(uri)), pin_(std::move(pin)) {
    const std::lock_guard turn(tokens().mutex);
    tokens().keys.push_back(this);
}

TokenKey::~TokenKey() {
    const std::lock_guard turn(tokens().mutex);
    std::erase(tokens().keys, this);
    close();
}

// What a parent process has opened is its own: the child would use the same connection to the
// token. Some modules notice a fork by themselves, not all.
bool TokenKey::is_open() const noexcept {
    return opened_ && opened_by_ == ::getpid();
}

void TokenKey::close() noexcept {
    if (opened_ && !is_open()) {
        // Not closed, since that would end the parent's session.
        static_cast<void>(opened_.key.release());
        static_cast<void>(opened_.token.release());
    }
    opened_.key.reset();
    opened_.token.reset();
}

// The module begins anew only when no key of it is in use.
void TokenKey::close_module() noexcept {
    for (TokenKey* key : tokens().keys) {
        if (key->uri_.module_path == uri_.module_path) {
            key->close();
        }
    }
    restart_module(uri_);
}

bool TokenKey::try_to_open() {
    opened_ = open_token(uri_, pin_);
    opened_by_ = ::getpid();
    if (!opened_) {
        failure_ = "the token of our key cannot be opened: " + token_failure();
        close();
    }
    return is_open();
}

bool TokenKey::open() {
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

void TokenKey::pause() {
    not_before_ = steady_clock::now() + kPause;
}

Result<std::string> TokenKey::use(const Operation& operation) {
    const std::unique_lock turn(tokens().mutex, kTurn);
    if (!turn.owns_lock()) {
        return fail(Code::key, "the token has been busy for too long");
    }
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
