#include "login/form_record.h"

#include <utility>

#include "base/fields.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kAroundSignature = 2;

// What of a request's head its sender's browser decided: an application that checks where a form
// came from finds what it would have found.
struct KeptHeader {
    std::string_view name;
    std::string_view Request::*value;
};
constexpr KeptHeader kKeptHeaders[] = {
    {"Content-Type", &Request::content_type}, {"Origin", &Request::origin},
    {"Referer", &Request::referer},           {"Sec-Fetch-Site", &Request::fetch_site},
    {"Sec-Fetch-Mode", &Request::fetch_mode}, {"Sec-Fetch-Dest", &Request::fetch_dest},
};

FieldWriter head_of(const Request& request, std::uint8_t version) {
    FieldWriter writer;
    writer.u8(version);
    writer.text(request.method);
    for (const KeptHeader& header : kKeptHeaders) {
        writer.text(request.*header.value);
    }
    return writer;
}

}  // namespace

std::vector<std::byte> encode_form(const Request& request) {
    FieldWriter writer = head_of(request, kVersion);
    writer.raw(as_bytes(request.body));
    return writer.take();
}

std::vector<std::byte> encode_form_around_signature(const Request& request) {
    return head_of(request, kAroundSignature).take();
}

bool wants_signature(std::span<const std::byte> form) noexcept {
    return !form.empty() && std::to_integer<std::uint8_t>(form.front()) == kAroundSignature;
}

std::optional<PreservedForm> decode_form(std::vector<std::byte> bytes) {
    FieldReader reader(bytes);
    const std::uint8_t version = reader.u8();
    const bool known = version == kVersion || version == kAroundSignature;
    PreservedForm form;
    form.method = reader.text();
    for (const KeptHeader& header : kKeptHeaders) {
        form.headers.emplace_back(header.name, reader.text());
    }
    form.body_size = reader.rest().size();
    if (!known || !reader.complete()) {
        return std::nullopt;
    }
    form.bytes = std::move(bytes);
    return form;
}

}  // namespace clave
