#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"

namespace clave {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kMost = std::numeric_limits<int>::max();  // OpenSSL counts in int

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const method =
        fetched(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    return method;
}

enum class Direction { opening = 0, sealing = 1 };

CipherContext start(Direction direction, const MasterKey& key, const std::byte* nonce) {
    CipherContext context(EVP_CIPHER_CTX_new());
    require(context &&
            EVP_CipherInit_ex2(context.get(), aes_256_gcm(), octets(key.reveal().data()),
                               octets(nonce), static_cast<int>(direction), nullptr) == 1);
    return context;
}

// With `out` null, the text is authenticated only.
bool feed(const CipherContext& context, std::byte* out, std::span<const std::byte> in) {
    int written = 0;
    return in.empty() || EVP_CipherUpdate(context.get(), octets(out), &written, octets(in.data()),
                                          static_cast<int>(in.size())) == 1;
}

bool finish(const CipherContext& context, std::byte* end) {
    int written = 0;
    return EVP_CipherFinal_ex(context.get(), octets(end), &written) == 1;
}

}  // namespace

std::optional<std::vector<std::byte>> seal(const MasterKey& key, Random& random,
                                           std::string_view context,
                                           std::span<const std::byte> plain) {
    if (plain.size() > kMost || context.size() > kMost) {
        throw std::length_error("seal");
    }
    std::vector<std::byte> sealed(kNonce + plain.size() + kTag);
    if (!random.fill(std::span(sealed).first(kNonce))) {
        return std::nullopt;
    }
    std::byte* const ciphertext = sealed.data() + kNonce;
    std::byte* const tag = ciphertext + plain.size();
    const ErrorMark mark;
    const CipherContext cipher = start(Direction::sealing, key, sealed.data());
    require(feed(cipher, nullptr, as_bytes(context)) && feed(cipher, ciphertext, plain) &&
            finish(cipher, tag) &&
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag) == 1);
    return sealed;
}

std::optional<std::vector<std::byte>> open(const MasterKey& key, std::string_view context,
                                           std::span<const std::byte> sealed) {
    if (sealed.size() < kNonce + kTag || sealed.size() > kMost || context.size() > kMost) {
        return std::nullopt;
    }
    const auto ciphertext = sealed.subspan(kNonce, sealed.size() - kNonce - kTag);
    std::array<std::byte, kTag> tag;  // the call below wants it mutable
    const auto sent = sealed.last<kTag>();
    std::copy(sent.begin(), sent.end(), tag.begin());

    const ErrorMark mark;
    const CipherContext cipher = start(Direction::opening, key, sealed.data());
    std::vector<std::byte> plain(ciphertext.size());
    const bool authentic =
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) == 1 &&
        feed(cipher, nullptr, as_bytes(context)) && feed(cipher, plain.data(), ciphertext) &&
        finish(cipher, plain.data() + plain.size());
    if (!guard("seal authentic", authentic)) {
        wipe(plain);
        return std::nullopt;
    }
    return plain;
}

bool SystemRandom::fill(std::span<std::byte> out) noexcept {
    const ErrorMark mark;
    return out.size() <= kMost && RAND_bytes(octets(out.data()), static_cast<int>(out.size())) == 1;
}

}  // namespace clave
