// Our certificate and key, and the authorities we believe, as libssl takes them.
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "clave/https_client.h"
#include "crypto/openssl.h"

namespace clave {

class TlsIdentity {
  public:
    explicit TlsIdentity(HttpsTrust trust);

    bool believes_the_system() const noexcept { return store_ == nullptr; }
    // Into a context that is about to be used for a connection.
    bool apply(SSL_CTX* context) const noexcept;

  private:
    HttpsTrust trust_;
    std::unique_ptr<X509_STORE, OpenSslFree<X509_STORE_free>> store_;
};

}  // namespace clave
