// The few primitives the core uses, over OpenSSL. No key ever leaves a Secret.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/host.h"
#include "clave/secret.h"

struct evp_mac_ctx_st;  // OpenSSL's EVP_MAC_CTX

namespace clave {

// For the hot path: never allocates, cannot fail. Thread-safe.
Digest sha256(std::span<const std::byte> bytes) noexcept;
Digest sha256(std::string_view text) noexcept;

// A MAC or key that cannot be computed is an exception and never a value that somebody might guess.
Digest hmac_sha256(const MasterKey& key, std::span<const std::byte> message);

// The same under one key that is set up once, for the hot path. One thread at a time.
class KeyedHash {
  public:
    explicit KeyedHash(const MasterKey& key);
    Digest of(std::span<const std::byte> message) const;

  private:
    struct Free {
        void operator()(evp_mac_ctx_st* context) const noexcept;
    };
    std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

// HKDF (RFC 5869, SHA-256) of `master` for one purpose; different purposes give unrelated keys.
MasterKey derive_key(const MasterKey& master, std::string_view purpose);

// AES-256-GCM with a random 96-bit nonce: nonce ‖ ciphertext ‖ 128-bit tag. `context` is
// authenticated and not stored (AAD). nullopt only if `random` has none.
std::optional<std::vector<std::byte>> seal(const MasterKey& key, Random& random,
                                           std::string_view context,
                                           std::span<const std::byte> plain);
// nullopt for anything that `seal` did not make with this key and context.
std::optional<std::vector<std::byte>> open(const MasterKey& key, std::string_view context,
                                           std::span<const std::byte> sealed);

// RAND_bytes.
struct SystemRandom final : Random {
    [[nodiscard]] bool fill(std::span<std::byte> out) noexcept override;
};

}  // namespace clave
