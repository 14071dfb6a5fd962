// A key in a token that may never answer: every operation has a thread of its own, and whoever
// waits for it gives up after a while. nginx's threads must not hang: requests wait for them, and a
// worker that is to end does, too.
#pragma once

#include <memory>

#include "crypto/key_source.h"
#include "crypto/token_session.h"

namespace clave {

class TokenKey final : public KeySource {
  public:
    TokenKey(TokenUri uri, Pin pin);
    // While a token hangs nothing of any is closed: that is left to the end of the process.
    ~TokenKey() override;
    TokenKey(const TokenKey&) = delete;
    TokenKey& operator=(const TokenKey&) = delete;

    // Waits for its turn and for the token. While one that somebody has given up on is still at it,
    // everybody else fails at once.
    Result<std::string> use(const Operation& operation) override;

  private:
    std::shared_ptr<TokenSession> session_;
};

}  // namespace clave
