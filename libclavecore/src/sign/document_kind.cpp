#include "sign/document_kind.h"

#include <algorithm>
#include <array>

#include "clave/encoding.h"

namespace clave {
namespace {

struct KnownType {
    std::string_view magic;
    std::string_view media_type;
};
constexpr auto kKnown = std::to_array<KnownType>({
    {"%PDF-", "application/pdf"},
    {"\x89PNG\r\n\x1A\n", "image/png"},
    {"\xFF\xD8\xFF", "image/jpeg"},
    {"GIF8", "image/gif"},
});
constexpr std::size_t kHead = 8;

constexpr unsigned byte_of(char c) noexcept {
    return static_cast<unsigned char>(c);
}

// How many bytes at the end may begin a letter that goes on in the next piece: up to three.
std::size_t unfinished_at_end(std::string_view bytes) noexcept {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes.size()); ++back) {
        const unsigned byte = byte_of(bytes[bytes.size() - back]);
        if (byte >= 0xC0) {
            const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return length > back ? back : 0;
        }
        if (byte < 0x80) {
            return 0;
        }
    }
    return 0;
}

}  // namespace

void DocumentKind::feed(std::string_view bytes) {
    head_ += bytes.substr(0, kHead - std::min(kHead, head_.size()));
    if (!is_text_) {
        return;
    }
    std::string_view whole = bytes;
    std::string joined;
    if (!unfinished_.empty()) {
        joined = std::move(unfinished_);
        joined += bytes;
        whole = joined;
    }
    const std::size_t rest = unfinished_at_end(whole);
    const std::string_view letters = whole.substr(0, whole.size() - rest);
    is_text_ = is_valid_utf8(letters) && letters.find('\0') == std::string_view::npos;
    unfinished_ = std::string(whole.substr(letters.size()));
}

std::string DocumentKind::media_type(std::string_view claimed) const {
    for (const KnownType& known : kKnown) {
        if (std::string_view(head_).starts_with(known.magic)) {
            return std::string(known.media_type);
        }
    }
    if (!is_text_ || !unfinished_.empty()) {
        return "application/octet-stream";
    }
    for (const std::string_view text : {"text/html", "text/xml", "application/xml"}) {
        if (claimed.substr(0, claimed.find(';')) == text) {
            return std::string(text);
        }
    }
    return "text/plain";
}

}  // namespace clave
