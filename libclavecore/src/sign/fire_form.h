// The bodies of our requests to FIRe. `dat`, the document, comes last and is made while it is sent.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "clave/fire.h"
#include "crypto/openssl.h"

namespace clave {

// RFC 4648 section 5, with padding: without it FIRe loses the last bytes, and says nothing
// (protocol section 0, 2).
std::string fire_base64(std::string_view bytes);
constexpr std::uint64_t fire_base64_size(std::uint64_t bytes) noexcept {
    return (bytes + 2) / 3 * 4;
}

class FireForm {
  public:
    FireForm(int operation, std::string_view app_id);
    FireForm& text(std::string_view name, std::string_view value);    // percent-encoded
    FireForm& base64(std::string_view name, std::string_view bytes);  // needs no percent
    const std::string& body() const noexcept { return body_; }

  private:
    std::string body_;
};

class FireBody final : public RequestBody {
  public:
    explicit FireBody(const FireForm& form) : text_(form.body()) {}
    // The document stays open as long as the body lives.
    FireBody(const FireForm& form, const FireDocument& document);

    std::uint64_t size() const noexcept override;
    std::optional<std::size_t> read(std::span<std::byte> out) noexcept override;
    // Its bytes were not those that were frozen: the last of them have not been given.
    bool document_changed() const noexcept { return changed_; }

  private:
    bool refill();
    bool is_as_frozen();

    std::string text_;  // made and not yet taken: first the form, then a piece of the document
    std::size_t taken_ = 0;
    std::uint64_t form_size_ = text_.size();
    FireDocument document_;
    std::uint64_t at_ = 0;  // in the document
    std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> hash_;
    bool changed_ = false;
};

}  // namespace clave
