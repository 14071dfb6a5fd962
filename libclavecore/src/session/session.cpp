// The record of a session:
//
//     version, method, LoA, flags      one byte each
//     created, authenticated_at        eight bytes each, seconds since 1970
//     service, level                   texts
//     who it is                        texts, in the order of kIdentityTexts
//     attributes                       one text of texts: name, value, name, value …
//     proof of the login               text, 32 bytes; from version 2 on
//
// in the encoding of base/fields.h.
#include "clave/session.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/zone.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kWithoutProof = 1;  // is still read
constexpr std::uint8_t kAdvancedRegistration = 1;
constexpr std::uint8_t kRepresented = 2;
constexpr std::uint8_t kKnownFlags = kAdvancedRegistration | kRepresented;
constexpr auto kIdentityTexts = std::to_array({
    &Identity::nif,
    &Identity::id,
    &Identity::given_name,
    &Identity::first_surname,
    &Identity::surnames,
    &Identity::represented_nif,
    &Identity::represented_name,
});
// Behind nif and id.
constexpr auto kViewTexts = std::to_array({
    &SessionView::given_name,
    &SessionView::first_surname,
    &SessionView::surnames,
    &SessionView::represented_nif,
    &SessionView::represented_name,
});
static_assert(kIdentityTexts.size() == kViewTexts.size() + 2);

std::string encode_attributes(const Identity& identity) {
    FieldWriter writer;
    for (const auto& [name, value] : identity.attributes) {
        writer.text(name);
        writer.text(value);
    }
    return std::string(as_text(writer.take()));
}

bool are_well_formed(std::string_view attributes) noexcept {
    FieldReader reader(as_bytes(attributes));
    while (reader.good() && !reader.at_end()) {
        reader.text();
        reader.text();
    }
    return reader.good();
}

bool is_known(std::uint8_t method, std::uint8_t loa, std::uint8_t flags) noexcept {
    return method < kMethods && loa >= static_cast<std::uint8_t>(Loa::low) &&
           loa <= static_cast<std::uint8_t>(Loa::high) && (flags & ~kKnownFlags) == 0;
}

}  // namespace

Result<std::vector<std::byte>> encode(const Session& session) {
    const Credential& credential = session.credential;
    FieldWriter writer;
    writer.reserve(512);
    writer.u8(kVersion);
    writer.u8(static_cast<std::uint8_t>(credential.method));
    writer.u8(static_cast<std::uint8_t>(credential.loa));
    writer.u8(
        static_cast<std::uint8_t>((credential.advanced_registration ? kAdvancedRegistration : 0) |
                                  (credential.represented ? kRepresented : 0)));
    writer.time(session.created);
    writer.time(credential.authenticated_at);
    writer.text(session.service);
    writer.text(session.level);
    for (const auto field : kIdentityTexts) {
        writer.text(session.identity.*field);
    }
    writer.text(encode_attributes(session.identity));
    writer.text(session.proof.assertion);
    writer.raw(session.proof.response);
    if (!guard("session record size", writer.size() <= Zone::kMaxRecord)) {
        return fail(Code::attribute,
                    "session of " + std::to_string(writer.size()) + " bytes is too long to keep");
    }
    return writer.take();
}

namespace {

// Behind the version, as far as session_holder() says.
std::optional<SessionView> read_holder(FieldReader& reader, std::uint8_t version) noexcept {
    if (!guard("session version", version == kVersion || version == kWithoutProof)) {
        return std::nullopt;
    }
    const auto method = reader.u8();
    const auto loa = reader.u8();
    const auto flags = reader.u8();
    if (!guard("session enumerators", is_known(method, loa, flags))) {
        return std::nullopt;
    }
    SessionView view;
    view.credential.method = static_cast<Method>(method);
    view.credential.loa = static_cast<Loa>(loa);
    view.credential.advanced_registration = (flags & kAdvancedRegistration) != 0;
    view.credential.represented = (flags & kRepresented) != 0;
    view.created = reader.time();
    view.credential.authenticated_at = reader.time();
    view.service = reader.text();
    view.level = reader.text();
    view.nif = reader.text();
    view.id = reader.text();
    return view;
}

}  // namespace

std::optional<SessionView> session_holder(std::span<const std::byte> beginning) noexcept {
    FieldReader reader(beginning);
    const std::uint8_t version = reader.u8();
    auto view = read_holder(reader, version);
    return view && reader.good() ? view : std::nullopt;
}

std::optional<SessionView> decode_session(std::span<const std::byte> record) noexcept {
    FieldReader reader(record);
    const std::uint8_t version = reader.u8();
    auto view = read_holder(reader, version);
    if (!view) {
        return std::nullopt;
    }
    for (const auto field : kViewTexts) {
        (*view).*field = reader.text();
    }
    view->attributes = reader.text();
    if (version != kWithoutProof) {
        view->assertion = reader.text();
        const auto response = reader.raw(view->response.size());
        std::copy(response.begin(), response.end(), view->response.begin());
    }
    if (!guard("session truncation", reader.good()) || !guard("session end", reader.at_end()) ||
        !guard("session attributes", are_well_formed(view->attributes))) {
        return std::nullopt;
    }
    return view;
}

bool is_newer_session(std::span<const std::byte> record) noexcept {
    return !record.empty() && std::to_integer<std::uint8_t>(record.front()) > kVersion;
}

std::string_view SessionView::attribute(std::string_view name) const noexcept {
    FieldReader reader(as_bytes(attributes));
    while (reader.good() && !reader.at_end()) {
        const std::string_view known = reader.text();
        const std::string_view value = reader.text();
        if (known == name) {
            return value;
        }
    }
    return {};
}

}  // namespace clave
