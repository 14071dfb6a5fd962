// A private key that never leaves its token (product.md 8.10), as each process uses it.
#pragma once

#include <sys/types.h>

#include <chrono>

#include "crypto/key_source.h"
#include "crypto/token.h"

namespace clave {

class TokenKey final : public KeySource {
  public:
    TokenKey(TokenUri uri, Pin pin);
    ~TokenKey() override;
    TokenKey(const TokenKey&) = delete;
    TokenKey& operator=(const TokenKey&) = delete;

    // Opens the token if this process has not done so yet, and once more if the key fails: a token
    // that was away has forgotten who logged in. One that cannot be opened, or does not sign, is
    // left alone for a minute: it locks itself after a few wrong PINs, and citizens should not wait
    // for it one after the other.
    Result<std::string> use(const Operation& operation) override;

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
