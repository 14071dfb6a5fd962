// The low-level interface is what the hot path needs: its context lives on the stack and nothing in
// it can fail. EVP_DigestInit_ex2 of OpenSSL 3.0 allocates anew on every call, also with a fetched
// method and a context that is used again; EVP_MAC, four times as many instructions. Deprecated
// means here that no provider can replace it.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"

namespace clave {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256

Digest sha256_of_two(std::span<const std::byte, kBlock> first, std::span<const std::byte> second) {
    Digest digest;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, first.data(), first.size());
    SHA256_Update(&context, second.data(), second.size());
    SHA256_Final(octets(digest.data()), &context);
    OPENSSL_cleanse(&context, sizeof context);
    return digest;
}

}  // namespace

Digest sha256(std::span<const std::byte> bytes) noexcept {
    Digest digest;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes.data(), bytes.size());
    SHA256_Final(octets(digest.data()), &context);
    OPENSSL_cleanse(&context, sizeof context);
    return digest;
}

Digest sha256(std::string_view text) noexcept {
    return sha256(as_bytes(text));
}

// RFC 2104, for keys of less than a block.
Digest hmac_sha256(const MasterKey& key, std::span<const std::byte> message) {
    const auto secret = key.reveal();
    const auto padded = [secret](std::byte pad) {
        std::array<std::byte, kBlock> block;
        block.fill(pad);
        std::ranges::transform(secret, block.begin(), [pad](std::byte b) { return b ^ pad; });
        return block;
    };
    auto block = padded(std::byte{0x36});
    Digest inner = sha256_of_two(block, message);
    block = padded(std::byte{0x5c});
    const Digest outer = sha256_of_two(block, inner);
    wipe(block);
    wipe(inner);
    return outer;
}

}  // namespace clave
