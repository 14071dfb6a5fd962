#include "login/page_ticket.h"

#include "base/fields.h"
#include "clave/encoding.h"
#include "policy/requirement_record.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 4;
constexpr unsigned kNeeded = 1;
constexpr unsigned kHeld = 2;
constexpr unsigned kShownByItself = 4;
constexpr unsigned kFormWaits = 8;

std::string context(const Site& site) {
    return "page\n" + site.service();
}

// Reads an enumerator, the last of which is `last`.
template <class Enum>
bool read(FieldReader& reader, Enum last, Enum& out) {
    const std::uint8_t value = reader.u8();
    out = static_cast<Enum>(value);
    return value <= static_cast<std::uint8_t>(last);
}

template <class Enum>
void write(FieldWriter& writer, Enum value) {
    writer.u8(static_cast<std::uint8_t>(value));
}

}  // namespace

std::string page_ticket(const LoginServices& services, const Site& site, PageId page,
                        const pages::Facts& facts) {
    if (site.languages.size() < 2) {
        return {};
    }
    FieldWriter writer;
    writer.u8(kVersion);
    write(writer, page);
    write(writer, facts.code);
    write(writer, facts.wanting);
    // What there is to say of a signature is not sealed into its pages: it has an address.
    const bool by_itself = facts.sign != nullptr && !facts.sign->base.empty();
    const unsigned flags = (facts.needed != nullptr ? kNeeded : 0U) |
                           (facts.held != nullptr ? kHeld : 0U) |
                           (by_itself ? kShownByItself : 0U) | (facts.form_waits ? kFormWaits : 0U);
    writer.u8(static_cast<std::uint8_t>(flags));
    writer.text(facts.ref);
    writer.text(by_itself ? facts.sign->base : facts.onward);
    if (facts.needed != nullptr) {
        writer.u8(static_cast<std::uint8_t>(requirement_flags(*facts.needed)));
        write_requirement(writer, *facts.needed);
    }
    if (facts.held != nullptr) {
        write(writer, facts.held->method);
        write(writer, facts.held->loa);
    }
    const auto sealed = seal(services.page_key, services.random, context(site), writer.take());
    return sealed ? base64url_encode(*sealed) : std::string();
}

std::optional<TicketedPage> TicketedPage::open(const LoginServices& services, const Site& site,
                                               std::string_view ticket) {
    const auto bytes = base64url_decode(ticket);
    const auto plain = bytes ? clave::open(services.page_key, context(site), *bytes) : std::nullopt;
    if (!plain) {
        return std::nullopt;
    }
    FieldReader reader(*plain);
    TicketedPage ticketed;
    bool valid = reader.u8() == kVersion;
    valid = read(reader, PageId::error, ticketed.page_) && valid;
    valid = read(reader, Code::internal, ticketed.code_) && valid;
    valid = read(reader, Admission::too_old, ticketed.wanting_) && valid;
    const unsigned flags = reader.u8();
    ticketed.shown_by_itself_ = (flags & kShownByItself) != 0;
    ticketed.form_waits_ = (flags & kFormWaits) != 0;
    ticketed.ref_ = reader.text();
    ticketed.onward_ = reader.text();
    if ((flags & kNeeded) != 0) {
        Requirement& needed = ticketed.needed_.emplace();
        set_requirement_flags(needed, reader.u8());
        valid = read_requirement(reader, needed) && valid;
    }
    if ((flags & kHeld) != 0) {
        Credential& held = ticketed.held_.emplace();
        valid = read(reader, Method::cartera, held.method) && valid;
        valid = read(reader, Loa::high, held.loa) && valid;
    }
    if (!valid || !reader.complete()) {
        return std::nullopt;
    }
    return ticketed;
}

pages::Facts TicketedPage::facts() const noexcept {
    pages::Facts facts;
    facts.code = code_;
    facts.wanting = wanting_;
    facts.form_waits = form_waits_;
    facts.ref = ref_;
    facts.onward = onward_;
    facts.needed = needed_ ? &*needed_ : nullptr;
    facts.held = held_ ? &*held_ : nullptr;
    return facts;
}

}  // namespace clave
