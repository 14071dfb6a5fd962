#include "login/kept_outcome.h"

#include <algorithm>
#include <array>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/zone.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 3;
constexpr std::uint8_t kWithoutProof = 2;  // is still read
// What comes from the gateway is shorter; the digest of its message says the same of any other.
constexpr std::size_t kMostAssertionId = 128;
enum Kind : std::uint8_t { kPerson = 1, kRefused = 2 };
// By their numbers in a record. Older versions know the first two, and take what follows for a
// cancellation.
constexpr std::array kRefusalCodes = {Code::status, Code::cancelled, Code::loa, Code::represented};

std::uint8_t refusal_number(Code code) noexcept {
    const auto* const found = std::ranges::find(kRefusalCodes, code);
    return found == kRefusalCodes.end() ? std::uint8_t{0}
                                        : static_cast<std::uint8_t>(found - kRefusalCodes.begin());
}

Digest outcome_key(const std::string& request_id) {
    return sha256("outcome\n" + request_id);
}

// The store does not learn the receipt itself (K-02).
Digest receipt_digest(std::string_view receipt) {
    return sha256("receipt\n" + std::string(receipt));
}

bool is_receipt(std::span<const std::byte> kept, std::string_view shown) {
    const Digest digest = receipt_digest(shown);
    return std::equal(kept.begin(), kept.end(), digest.begin(), digest.end());
}

void write_identity(FieldWriter& writer, const Identity& identity) {
    for (const std::string* field :
         {&identity.nif, &identity.id, &identity.given_name, &identity.first_surname,
          &identity.surnames, &identity.represented_nif, &identity.represented_name}) {
        writer.text(*field);
    }
    for (const auto& [name, value] : identity.attributes) {
        writer.text(name);
        writer.text(value);
    }
    writer.text("");  // no attribute has an empty name
}

Identity read_identity(FieldReader& reader) {
    Identity identity;
    for (std::string* field :
         {&identity.nif, &identity.id, &identity.given_name, &identity.first_surname,
          &identity.surnames, &identity.represented_nif, &identity.represented_name}) {
        *field = reader.text();
    }
    for (auto name = reader.text(); !name.empty(); name = reader.text()) {
        identity.attributes.emplace_back(name, reader.text());
    }
    return identity;
}

void write_credential(FieldWriter& writer, const Credential& credential) {
    writer.u8(static_cast<std::uint8_t>(credential.method));
    writer.u8(static_cast<std::uint8_t>(credential.loa));
    writer.u8(credential.advanced_registration ? 1 : 0);
    writer.u8(credential.represented ? 1 : 0);
    writer.time(credential.authenticated_at);
}

// The record is ours: the store checks that it comes back as it went in.
Credential read_credential(FieldReader& reader) {
    Credential credential;
    credential.method = static_cast<Method>(reader.u8());
    credential.loa = static_cast<Loa>(reader.u8());
    credential.advanced_registration = reader.u8() != 0;
    credential.represented = reader.u8() != 0;
    credential.authenticated_at = reader.time();
    return credential;
}

void write_proof(FieldWriter& writer, std::string_view assertion, const Digest& response) {
    writer.text(assertion.size() <= kMostAssertionId ? assertion : std::string_view());
    writer.raw(response);
}

LoginProof read_proof(FieldReader& reader) {
    LoginProof proof;
    proof.assertion = reader.text();
    const auto response = reader.raw(proof.response.size());
    std::copy(response.begin(), response.end(), proof.response.begin());
    return proof;
}

std::vector<std::byte> encode(const saml::Outcome& outcome, std::string_view service,
                              std::string_view receipt, const Digest& response) {
    FieldWriter writer;
    writer.u8(kVersion);
    writer.text(service);
    writer.raw(receipt_digest(receipt));
    if (const auto* assertion = std::get_if<saml::VerifiedAssertion>(&outcome)) {
        writer.u8(kPerson);
        write_identity(writer, assertion->identity());
        write_credential(writer, assertion->credential());
        const auto end = assertion->session_not_on_or_after();
        writer.u8(end ? 1 : 0);
        writer.time(end.value_or(Time{}));
        write_proof(writer, assertion->assertion_id(), response);
    } else {
        const auto& refusal = std::get<saml::SignedRefusal>(outcome);
        writer.u8(kRefused);
        writer.u8(refusal_number(refusal.code()));
        writer.text(refusal.status());
    }
    return writer.take();
}

bool is_newer(std::span<const std::byte> record) noexcept {
    return !record.empty() && std::to_integer<std::uint8_t>(record.front()) > kVersion;
}

const std::string& request_id_of(const saml::Outcome& outcome) {
    return std::visit([](const auto& one) -> const std::string& { return one.request_id(); },
                      outcome);
}

}  // namespace

std::optional<KeptOutcome> KeptOutcome::decode(std::span<const std::byte> record,
                                               std::string_view service, std::string_view receipt) {
    FieldReader reader(record);
    const std::uint8_t version = reader.u8();
    if ((version != kVersion && version != kWithoutProof) || reader.text() != service) {
        return std::nullopt;
    }
    if (!guard("outcome receipt", is_receipt(reader.raw(sizeof(Digest)), receipt))) {
        return std::nullopt;
    }
    const std::uint8_t kind = reader.u8();
    if (kind == kPerson) {
        Person person;
        person.identity = read_identity(reader);
        person.credential = read_credential(reader);
        const bool has_end = reader.u8() != 0;
        const Time end = reader.time();
        if (has_end) {
            person.session_end = end;
        }
        if (version != kWithoutProof) {
            person.proof = read_proof(reader);
        }
        return reader.complete() ? std::optional(KeptOutcome(std::move(person))) : std::nullopt;
    }
    Refused refused;
    const std::uint8_t number = reader.u8();
    refused.status = reader.text();
    if (kind != kRefused || number >= kRefusalCodes.size() || !reader.complete()) {
        return std::nullopt;
    }
    refused.code = kRefusalCodes[number];
    return KeptOutcome(std::move(refused));
}

Task<Result<void>> KeptOutcome::keep(Store& store, const saml::Outcome& outcome,
                                     const Digest& response, const std::string& service,
                                     std::string_view receipt, Time now) {
    const std::vector<std::byte> record = encode(outcome, service, receipt, response);
    if (record.size() > Zone::kMaxRecord) {
        co_return fail(Code::attribute, "identity too long to keep");
    }
    const Digest key = outcome_key(request_id_of(outcome));
    auto keeping = store.keep(key, record, now + kOutcomeLifetime, now);
    co_return co_await std::move(keeping);
}

Task<Result<std::optional<KeptOutcome>>> KeptOutcome::take(Store& store,
                                                           const std::string& request_id,
                                                           const std::string& service,
                                                           std::string_view receipt, Time now) {
    const Digest key = outcome_key(request_id);
    auto taking = store.take(key, now);
    const auto record = co_await std::move(taking);
    if (!record) {
        co_return tl::unexpected<Error>(record.error());
    }
    std::optional<KeptOutcome> outcome;
    if (*record) {
        if (!guard("outcome of a newer version", !is_newer(**record))) {
            // It is not used up: a machine that has been upgraded can read it.
            auto keeping = store.keep(key, **record, now + kOutcomeLifetime, now);
            static_cast<void>(co_await std::move(keeping));
            co_return fail(Code::store, "an outcome of a newer version of the module");
        }
        outcome = decode(**record, service, receipt);
    }
    co_return outcome;
}

Task<Result<std::uint64_t>> KeptOutcome::epoch(Store& store, const std::string& request_id) {
    const Digest key = outcome_key(request_id);
    auto asking = store.epoch(key);
    co_return co_await std::move(asking);
}

}  // namespace clave
