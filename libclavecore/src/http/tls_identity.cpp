#include "http/tls_identity.h"

#include <utility>

namespace clave {

TlsIdentity::TlsIdentity(HttpsTrust trust) : trust_(std::move(trust)) {
    if (trust_.trusted.empty()) {
        return;
    }
    store_.reset(X509_STORE_new());
    require(store_ != nullptr);
    for (const Certificate& certificate : trust_.trusted) {
        require(X509_STORE_add_cert(store_.get(), certificate.get()) == 1);
    }
    // Whoever gives the server's own certificate means that one.
    X509_STORE_set_flags(store_.get(), X509_V_FLAG_PARTIAL_CHAIN);
}

bool TlsIdentity::apply(SSL_CTX* context) const noexcept {
    const ErrorMark mark;
    if (store_ != nullptr) {
        SSL_CTX_set1_cert_store(context, store_.get());
    }
    if (trust_.chain.empty() || !trust_.key) {
        return true;
    }
    bool done = SSL_CTX_use_certificate(context, trust_.chain.front().get()) == 1 &&
                trust_.key->in_memory() != nullptr &&
                SSL_CTX_use_PrivateKey(context, trust_.key->in_memory()) == 1;
    for (std::size_t i = 1; done && i < trust_.chain.size(); ++i) {
        done = SSL_CTX_add1_chain_cert(context, trust_.chain[i].get()) == 1;
    }
    return done;
}

}  // namespace clave
