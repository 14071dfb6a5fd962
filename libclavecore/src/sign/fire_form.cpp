#include "sign/fire_form.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>

#include "base/guard.h"
#include "clave/encoding.h"

namespace clave {
namespace {

// A multiple of three: only the last piece has padding.
constexpr std::size_t kPiece = 12 * 1024;

// The whole of `out`, or as much as the file has; nullopt: unreadable.
std::optional<std::size_t> read_at(int file, std::span<std::byte> out, std::uint64_t at) noexcept {
    std::size_t got = 0;
    while (got < out.size()) {
        const ssize_t count =
            ::pread(file, out.data() + got, out.size() - got, static_cast<off_t>(at + got));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return std::nullopt;
        }
        if (count == 0) {
            break;
        }
        got += static_cast<std::size_t>(count);
    }
    return got;
}

std::string padded(std::span<const std::byte> bytes) {
    std::string text = base64url_encode(bytes);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

}  // namespace

std::string fire_base64(std::string_view bytes) {
    return padded(as_bytes(bytes));
}

FireForm::FireForm(int operation, std::string_view app_id)
    : body_("op=" + std::to_string(operation)) {
    text("appid", app_id);
}

FireForm& FireForm::text(std::string_view name, std::string_view value) {
    body_.append("&").append(name) += '=';
    body_ += percent_encode(value);
    return *this;
}

FireForm& FireForm::base64(std::string_view name, std::string_view bytes) {
    body_.append("&").append(name).append("=").append(fire_base64(bytes));
    return *this;
}

FireBody::FireBody(const FireForm& form, const FireDocument& document)
    : text_(form.body() + "&dat="), document_(document), hash_(EVP_MD_CTX_new()) {
    require(hash_ != nullptr && EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) == 1);
}

std::uint64_t FireBody::size() const noexcept {
    return form_size_ + fire_base64_size(document_.size);
}

std::optional<std::size_t> FireBody::read(std::span<std::byte> out) noexcept try {
    if (taken_ == text_.size() && !refill()) {
        return std::nullopt;
    }
    const auto rest = as_bytes(text_).subspan(taken_);
    const std::size_t count = std::min(out.size(), rest.size());
    std::copy_n(rest.begin(), count, out.begin());
    taken_ += count;
    return count;
} catch (const std::bad_alloc&) {
    return std::nullopt;
}

bool FireBody::refill() {
    taken_ = 0;
    text_.clear();
    if (at_ == document_.size) {
        return true;
    }
    std::array<std::byte, kPiece> piece;
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), document_.size - at_));
    const auto got = read_at(document_.file, std::span(piece).first(want), at_);
    if (!got) {
        return false;
    }
    const auto bytes = std::span<const std::byte>(piece).first(*got);
    require(EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size()) == 1);
    at_ += *got;
    const bool last = at_ == document_.size;
    if (*got < want || (last && !guard("FIRe document digest", is_as_frozen()))) {
        changed_ = true;
        return false;
    }
    text_ = padded(bytes);
    return true;
}

bool FireBody::is_as_frozen() {
    Digest digest;
    unsigned size = 0;
    require(EVP_DigestFinal_ex(hash_.get(), octets(digest.data()), &size) == 1);
    std::byte beyond{};
    const auto more = read_at(document_.file, {&beyond, 1}, document_.size);
    return digest == document_.sha256 && more && *more == 0;
}

}  // namespace clave
