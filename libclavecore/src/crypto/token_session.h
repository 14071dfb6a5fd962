// A private key that never leaves its token (product.md 8.10), as each process uses it: opened,
// left alone after a failure, closed. One thread at a time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <semaphore>
#include <string>

#include "crypto/key_source.h"
#include "crypto/token.h"

namespace clave {

// Of all tokens of the process: PKCS#11 modules may bear threads, and often only say so (token.h).
// Not a mutex, since whoever waits for an operation is not the thread that ends it.
std::binary_semaphore& token_turn() noexcept;

class TokenSession {
  public:
    TokenSession(TokenUri uri, Pin pin);
    ~TokenSession();
    TokenSession(const TokenSession&) = delete;
    TokenSession& operator=(const TokenSession&) = delete;

    // Opens the token if this process has not done so yet, and once more if the key fails: a token
    // that was away has forgotten who logged in. One that cannot be opened, or does not sign, is
    // left alone for a minute: it locks itself after a few wrong PINs, and citizens should not wait
    // for it one after the other. By whoever has the turn.
    Result<std::string> use(const KeySource::Operation& operation);

  private:
    bool is_open() const noexcept;
    bool open();
    bool try_to_open();
    void close() noexcept;
    void close_module() noexcept;
    void pause();

    const TokenUri uri_;
    const Pin pin_;
    OpenedKey opened_;
    pid_t opened_by_ = 0;
    std::chrono::steady_clock::time_point not_before_{};
    std::string failure_;  // the last one
};

}  // namespace clave
