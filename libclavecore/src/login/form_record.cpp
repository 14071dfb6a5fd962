#include "login/form_record.h"

#include <utility>

#include "base/fields.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;

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

}  // namespace

std::vector<std::byte> encode_form(const Request& request) {
    FieldWriter writer;
    writer.u8(kVersion);
    writer.text(request.method);
    for (const KeptHeader& header : kKeptHeaders) {
        writer.text(request.*header.value);
    }
    writer.raw(as_bytes(request.body));
    return writer.take();
}

std::optional<PreservedForm> decode_form(std::vector<std::byte> bytes) {
    FieldReader reader(bytes);
    const bool known = reader.u8() == kVersion;
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
