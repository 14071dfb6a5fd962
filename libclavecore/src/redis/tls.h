// TLS between the two ends of a byte stream, apart from any socket: OpenSSL is given what came, and
// says what is to go.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/redis_settings.h"

namespace clave::redis {

class TlsSession {
  public:
    // `name` is the host name or address that the server's certificate has to be for. Throws
    // bad_alloc.
    TlsSession(const StoreTls& tls, const std::string& name);

    // Begins, or goes on with, the handshake; true once it is done. All of it is written to
    // `to_peer`.
    Result<bool> shake_hands(std::string_view from_peer, std::string& to_peer);
    Result<void> decrypt(std::string_view from_peer, std::string& plain, std::string& to_peer);
    Result<void> encrypt(std::string_view plain, std::string& to_peer);

  private:
    void take(std::string_view from_peer);
    void hand_out(std::string& to_peer);
    std::string complaint() const;

    struct Free {
        void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
    };
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace clave::redis
