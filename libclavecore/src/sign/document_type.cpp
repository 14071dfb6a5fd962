#include "sign/document_type.h"

#include <algorithm>
#include <array>

#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::size_t kMostMagic = 8;

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

// How many bytes at the end may be the begin of a letter of UTF-8 (RFC 3629: at most four).
std::size_t unfinished(std::string_view text) noexcept {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if (byte >= 0xC0) {
            const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return length > back ? back : 0;
        }
        if (byte < 0x80) {
            break;
        }
    }
    return 0;
}

}  // namespace

void DocumentType::add(std::string_view bytes) {
    begin_ += bytes.substr(0, kMostMagic - begin_.size());
    if (!is_text_) {
        return;
    }
    while (!pending_.empty() && !bytes.empty()) {
        pending_ += bytes.front();
        bytes.remove_prefix(1);
        if (unfinished(pending_) != pending_.size()) {  // ended, well or badly
            is_text_ = is_valid_utf8(pending_);
            pending_.clear();
        }
    }
    const std::size_t left = unfinished(bytes);
    const std::string_view whole = bytes.substr(0, bytes.size() - left);
    pending_ += bytes.substr(whole.size());
    is_text_ = is_text_ && is_valid_utf8(whole) && whole.find('\0') == std::string_view::npos;
}

std::string DocumentType::found(std::string_view claimed) const {
    for (const KnownType& known : kKnown) {
        if (begin_.starts_with(known.magic)) {
            return std::string(known.media_type);
        }
    }
    if (!is_text_ || !pending_.empty()) {
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
