// Bytes that must not be printed, compared in variable time, or left behind in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace clave {

// Overwrites in a way that the compiler may not remove (OPENSSL_cleanse).
void wipe(std::span<std::byte> bytes) noexcept;

// Equal length and content, in time that depends on the length only (CRYPTO_memcmp).
[[nodiscard]] bool equal_in_constant_time(std::span<const std::byte> a,
                                          std::span<const std::byte> b) noexcept;

// A key of fixed size. No conversion to text exists; copies are wiped each for itself.
template <std::size_t N>
class Secret {
  public:
    Secret() noexcept = default;
    explicit Secret(std::span<const std::byte, N> from) noexcept {
        for (std::size_t i = 0; i < N; ++i)
            bytes_[i] = from[i];
    }
    Secret(const Secret&) noexcept = default;
    Secret& operator=(const Secret&) noexcept = default;
    ~Secret() { wipe(bytes_); }

    std::span<const std::byte, N> reveal() const noexcept { return bytes_; }
    std::span<std::byte, N> fill() noexcept { return bytes_; }

  private:
    std::array<std::byte, N> bytes_{};
};

using MasterKey = Secret<32>;

// SHA-256. Used as the key of everything kept in a store, so that a dump of the store opens
// nothing (K-02).
using Digest = std::array<std::byte, 32>;

}  // namespace clave
