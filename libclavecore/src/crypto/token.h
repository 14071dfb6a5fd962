// Opening a token in this process: through a provider where OpenSSL's configuration has activated
// one (token_provider.cpp), else through an ENGINE (token_engine.cpp). Whichever it was, what comes
// out is a key like any other.
//
// None of this is thread-safe: PKCS#11 modules may be, and often only say so.
#pragma once

#include <memory>
#include <string>

#include "crypto/openssl.h"
#include "crypto/pin_file.h"
#include "crypto/token_uri.h"

namespace clave {

using TokenOwner = std::unique_ptr<void, void (*)(void*) noexcept>;

struct OpenedKey {
    TokenOwner token{nullptr, nullptr};  // outlives the key: members go from the last to the first
    KeyOwner key;                        // null: token_failure() says why

    explicit operator bool() const noexcept { return key != nullptr; }
};

bool has_token_provider() noexcept;
OpenedKey open_with_provider(const TokenUri& uri, const Pin& pin);
OpenedKey open_with_engine(const TokenUri& uri, const Pin& pin);
// Has the module forget its sessions, once nobody uses a key of it: one that has lost its token
// may not notice that it is back.
void restart_module(const TokenUri& uri) noexcept;

// From OpenSSL's error queue, for the operator: the first one is the cause of the others.
inline std::string token_failure() {
    const char* const reason = ERR_reason_error_string(ERR_peek_error());
    return reason != nullptr ? reason : "no such token or object";
}

inline OpenedKey open_token(const TokenUri& uri, const Pin& pin) {
    return has_token_provider() ? open_with_provider(uri, pin) : open_with_engine(uri, pin);
}

}  // namespace clave
