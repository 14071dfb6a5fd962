#include "sign/transaction.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/upgrade.h"
#include "clave/zone.h"
#include "policy/requirement_record.h"

namespace clave {
namespace {

constexpr std::uint8_t kOfForm = 1;
constexpr std::uint8_t kOfApplication = 2;  // the same, and its documents
constexpr std::uint8_t kOfAnswer = 3;       // as of a form
constexpr std::uint8_t kUpgraded = 16;      // beside one of these: and what FIRe adds
constexpr unsigned kComposed = 8;
constexpr unsigned kAsksWhy = 16;
constexpr unsigned kAdvancedRegistration = 32;
constexpr unsigned kRepresented = 64;
constexpr unsigned kDoubtful = 128;

constexpr unsigned kUnclaimed = 1;
constexpr unsigned kStopOnError = 2;

constexpr unsigned kFetching = 1;
constexpr unsigned kPartial = 2;
// What an awaited one takes at most: 64 letters of FIRe's, and the rest.
constexpr std::size_t kRoomForUpgrade = 96;

// No letter that is taken for a digit, and none that makes words.
constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";
static_assert(kLetters.size() == 32);

std::uint8_t version_of(const Transaction& transaction) noexcept {
    if (transaction.is_of_application()) {
        return kOfApplication;
    }
    return transaction.answered ? kOfAnswer : kOfForm;
}

unsigned flags_of(const Transaction& transaction) noexcept {
    return requirement_flags(transaction.requirement) | (transaction.composed ? kComposed : 0U) |
           (transaction.asks_why ? kAsksWhy : 0U) | (transaction.doubtful ? kDoubtful : 0U) |
           (transaction.credential.advanced_registration ? kAdvancedRegistration : 0U) |
           (transaction.credential.represented ? kRepresented : 0U);
}

template <class Enum>
void write(FieldWriter& writer, Enum value) {
    writer.u8(static_cast<std::uint8_t>(value));
}

template <class Enum>
bool read(FieldReader& reader, Enum last, Enum& out) {
    const std::uint8_t value = reader.u8();
    out = static_cast<Enum>(value);
    return value <= static_cast<std::uint8_t>(last);
}

template <std::size_t N>
void read(FieldReader& reader, std::array<std::byte, N>& out) {
    const auto bytes = reader.raw(N);
    std::copy(bytes.begin(), bytes.end(), out.begin());
}

void write_documents(FieldWriter& writer, const Transaction& transaction) {
    writer.u8(static_cast<std::uint8_t>((transaction.unclaimed ? kUnclaimed : 0U) |
                                        (transaction.stop_on_error ? kStopOnError : 0U)));
    writer.text(transaction.only_session);
    writer.u8(static_cast<std::uint8_t>(transaction.documents.size()));
    for (const AnnouncedDocument& document : transaction.documents) {
        writer.text(document.id);
        writer.text(document.name);
        writer.text(document.media_type);
        writer.i64(static_cast<std::int64_t>(document.size));
        writer.raw(document.sha256);
        write(writer, document.state);
        write(writer, document.reason);
        writer.u8(document.fetched ? 1 : 0);
        writer.raw(document.signature_sha256);
    }
}

bool read_documents(FieldReader& reader, Transaction& transaction) {
    const unsigned flags = reader.u8();
    transaction.unclaimed = (flags & kUnclaimed) != 0;
    transaction.stop_on_error = (flags & kStopOnError) != 0;
    transaction.only_session = reader.text();
    const std::size_t count = reader.u8();
    bool valid = count >= 1 && count <= kMostDocuments;
    for (std::size_t i = 0; valid && reader.good() && i < count; ++i) {
        AnnouncedDocument& document = transaction.documents.emplace_back();
        document.id = reader.text();
        document.name = reader.text();
        document.media_type = reader.text();
        document.size = static_cast<std::uint64_t>(reader.i64());
        read(reader, document.sha256);
        valid = read(reader, DocumentState::lost, document.state) && valid;
        valid = read(reader, SignReason::forgotten, document.reason) && valid;
        document.fetched = reader.u8() != 0;
        read(reader, document.signature_sha256);
    }
    return valid;
}

bool says_something(const Upgrade& upgrade) noexcept {
    return upgrade.is_awaited() || !upgrade.reached.empty() || upgrade.partial;
}

// Records without any are as they always were: workers of before can read them.
bool has_upgrades(const Transaction& transaction) noexcept {
    const auto& documents = transaction.documents;
    return !transaction.wanted_upgrade.empty() || transaction.late ||
           says_something(transaction.upgrade) ||
           std::any_of(documents.begin(), documents.end(), [](const AnnouncedDocument& document) {
               return says_something(document.upgrade);
           });
}

void write_upgrade(FieldWriter& writer, const Upgrade& upgrade) {
    writer.text(upgrade.id);
    writer.time(upgrade.after);
    writer.u8(upgrade.tries);
    writer.u8(static_cast<std::uint8_t>((upgrade.fetching ? kFetching : 0U) |
                                        (upgrade.partial ? kPartial : 0U)));
    writer.text(upgrade.reached);
}

void read_upgrade(FieldReader& reader, Upgrade& upgrade) {
    upgrade.id = reader.text();
    upgrade.after = reader.time();
    upgrade.tries = reader.u8();
    const unsigned flags = reader.u8();
    upgrade.fetching = (flags & kFetching) != 0;
    upgrade.partial = (flags & kPartial) != 0;
    upgrade.reached = reader.text();
}

void write_upgrades(FieldWriter& writer, const Transaction& transaction) {
    writer.text(transaction.wanted_upgrade);
    writer.u8(transaction.late ? 1 : 0);
    writer.time(transaction.ask_at);
    write_upgrade(writer, transaction.upgrade);
    for (const AnnouncedDocument& document : transaction.documents) {
        write_upgrade(writer, document.upgrade);
    }
}

bool read_upgrades(FieldReader& reader, Transaction& transaction) {
    transaction.wanted_upgrade = reader.text();
    transaction.late = reader.u8() != 0;
    transaction.ask_at = reader.time();
    read_upgrade(reader, transaction.upgrade);
    for (AnnouncedDocument& document : transaction.documents) {
        read_upgrade(reader, document.upgrade);
    }
    return guard("sign record upgrade",
                 transaction.wanted_upgrade.empty() || is_upgrade(transaction.wanted_upgrade));
}

// An order that could not wait for what it asks for is not taken: it would be lost then.
std::size_t room_for_upgrades(const Transaction& transaction) noexcept {
    const bool is_order =
        !transaction.wanted_upgrade.empty() && transaction.state == SignState::created;
    return is_order ? std::max<std::size_t>(transaction.documents.size(), 1) * kRoomForUpgrade : 0;
}

}  // namespace

Upgrade& upgrade_of(Transaction& transaction, std::size_t index) noexcept {
    return transaction.documents.size() > 1 ? transaction.documents[index].upgrade
                                            : transaction.upgrade;
}

const Upgrade& upgrade_of(const Transaction& transaction, std::size_t index) noexcept {
    return transaction.documents.size() > 1 ? transaction.documents[index].upgrade
                                            : transaction.upgrade;
}

std::string_view word(DocumentState state) noexcept {
    constexpr auto kDocumentWords =
        std::to_array<std::string_view>({"announced", "stored", "signed", "failed", "lost"});
    return kDocumentWords[static_cast<std::size_t>(state)];
}

bool is_end(SignState state) noexcept {
    return state >= SignState::delivered;
}

std::optional<std::string> make_sign_id(Random& random) {
    std::array<std::byte, kSignIdLength> bytes{};
    if (!random.fill(bytes)) {
        return std::nullopt;
    }
    std::string id;
    for (const std::byte byte : bytes) {
        id += kLetters[std::to_integer<std::size_t>(byte) & 31U];
    }
    return id;
}

bool is_sign_id(std::string_view text) noexcept {
    return text.size() == kSignIdLength &&
           text.find_first_not_of(kLetters) == std::string_view::npos;
}

std::string sign_number(std::string_view id) {
    std::string number;
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i != 0 && i % 4 == 0) {
            number += '-';
        }
        const char c = id[i];
        number += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return number;
}

bool is_without_signature(const AnnouncedDocument& document) noexcept {
    return document.state == DocumentState::failed || document.state == DocumentState::lost;
}

void describe_documents(Transaction& transaction) {
    const AnnouncedDocument& first = transaction.documents.front();
    transaction.document_name = first.name;
    transaction.media_type = first.media_type;
    transaction.size = first.size;
    transaction.sha256 = first.sha256;
    if (transaction.documents.size() == 1) {
        return;
    }
    // One confirmation for all of them, and for none that is not among them (F-05).
    FieldWriter all;
    transaction.media_type.clear();
    transaction.size = 0;
    for (const AnnouncedDocument& document : transaction.documents) {
        all.text(document.id);
        all.text(document.name);
        all.raw(document.sha256);
        transaction.size += document.size;
    }
    transaction.sha256 = sha256(all.take());
}

Result<std::vector<std::byte>> encode(const Transaction& transaction) {
    FieldWriter writer;
    const bool upgraded = has_upgrades(transaction);
    writer.u8(static_cast<std::uint8_t>(version_of(transaction) | (upgraded ? kUpgraded : 0)));
    write(writer, transaction.state);
    write(writer, transaction.reason);
    writer.u8(static_cast<std::uint8_t>(flags_of(transaction)));
    writer.time(transaction.created);
    writer.time(transaction.since);
    writer.text(transaction.service);
    writer.raw(transaction.session);
    writer.text(transaction.nif);
    writer.text(transaction.name);
    write(writer, transaction.credential.method);
    write(writer, transaction.credential.loa);
    writer.time(transaction.credential.authenticated_at);
    write(writer, transaction.format);
    write(writer, transaction.operation);
    write_requirement(writer, transaction.requirement);
    writer.text(transaction.title);
    writer.text(transaction.procedure);
    writer.text(transaction.target);
    writer.text(transaction.document_name);
    writer.text(transaction.media_type);
    writer.i64(static_cast<std::int64_t>(transaction.size));
    writer.raw(transaction.sha256);
    writer.raw(transaction.nonce);
    writer.text(transaction.fire_id);
    writer.text(transaction.redirect);
    writer.time(transaction.signed_at);
    writer.raw(transaction.signature_sha256);
    writer.raw(transaction.certificate_sha256);
    writer.time(transaction.delivering_until);
    writer.raw(transaction.turn);
    if (transaction.is_of_application()) {
        write_documents(writer, transaction);
    }
    if (upgraded) {
        write_upgrades(writer, transaction);
    }
    const std::size_t most = Zone::kMaxRecord - sizeof(std::uint64_t);
    if (writer.size() + room_for_upgrades(transaction) > most) {
        return fail(Code::attribute, "a signature whose names and addresses are too long");
    }
    return writer.take();
}

std::optional<Transaction> decode_transaction(std::span<const std::byte> record) {
    FieldReader reader(record);
    const std::uint8_t first = reader.u8();
    const bool upgraded = (first & kUpgraded) != 0;
    const auto version = static_cast<std::uint8_t>(first & ~kUpgraded);
    if (version < kOfForm || version > kOfAnswer) {
        return std::nullopt;
    }
    Transaction transaction;
    transaction.answered = version == kOfAnswer;
    bool valid = read(reader, SignState::lost, transaction.state);
    valid = read(reader, SignReason::forgotten, transaction.reason) && valid;
    const unsigned flags = reader.u8();
    set_requirement_flags(transaction.requirement, flags);
    transaction.composed = (flags & kComposed) != 0;
    transaction.asks_why = (flags & kAsksWhy) != 0;
    transaction.doubtful = (flags & kDoubtful) != 0;
    transaction.credential.advanced_registration = (flags & kAdvancedRegistration) != 0;
    transaction.credential.represented = (flags & kRepresented) != 0;
    transaction.created = reader.time();
    transaction.since = reader.time();
    transaction.service = reader.text();
    read(reader, transaction.session);
    transaction.nif = reader.text();
    transaction.name = reader.text();
    valid = read(reader, Method::cartera, transaction.credential.method) && valid;
    valid = read(reader, Loa::high, transaction.credential.loa) && valid;
    transaction.credential.authenticated_at = reader.time();
    valid = read(reader, SignFormat::none, transaction.format) && valid;
    valid = read(reader, SignOperation::countersign, transaction.operation) && valid;
    valid = read_requirement(reader, transaction.requirement) && valid;
    transaction.title = reader.text();
    transaction.procedure = reader.text();
    transaction.target = reader.text();
    transaction.document_name = reader.text();
    transaction.media_type = reader.text();
    transaction.size = static_cast<std::uint64_t>(reader.i64());
    read(reader, transaction.sha256);
    read(reader, transaction.nonce);
    transaction.fire_id = reader.text();
    transaction.redirect = reader.text();
    transaction.signed_at = reader.time();
    read(reader, transaction.signature_sha256);
    read(reader, transaction.certificate_sha256);
    transaction.delivering_until = reader.time();
    read(reader, transaction.turn);
    if (version == kOfApplication) {
        valid = read_documents(reader, transaction) && valid;
    }
    if (upgraded) {
        valid = read_upgrades(reader, transaction) && valid;
    }
    return valid && reader.complete() ? std::optional(std::move(transaction)) : std::nullopt;
}

Digest sign_key(std::string_view id) {
    return sha256("sign\n" + std::string(id));
}

bool belongs_to(const Transaction& transaction, const Site& site, const Identified& who) noexcept {
    if (who.lookup != Lookup::hit || !site.is_service(transaction.service)) {
        return false;
    }
    const Credential& now = who.session.credential;
    const bool as_good = now.method == transaction.credential.method &&
                         now.loa >= transaction.credential.loa &&
                         now.represented == transaction.credential.represented;
    return guard("sign owner", !transaction.nif.empty() && who.session.nif == transaction.nif) &&
           guard("sign credential", who.key == transaction.session || as_good);
}

}  // namespace clave
