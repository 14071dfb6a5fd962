#include "sign/receipt.h"

#include <jansson.h>

#include <array>
#include <memory>

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "login/json.h"
#include "pages/madrid_time.h"

namespace clave {
namespace {

// As openssl reads it: who verifies a plain signature has no other.
std::string pem(std::string_view der) {
    constexpr std::size_t kLine = 64;
    const std::string text = base64_encode(as_bytes(der));
    std::string lines = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < text.size(); at += kLine) {
        lines += text.substr(at, kLine) + "\n";
    }
    return lines + "-----END CERTIFICATE-----\n";
}

// The format really reached, which may be less than what was asked for.
void say_upgrade(JsonObject& json, const Upgrade& upgrade) {
    if (!upgrade.reached.empty()) {
        json.text("upgrade", upgrade.reached);
    }
    if (upgrade.partial) {
        json.boolean("upgrade_partial", true);
    }
}

// As the law of Spain reads the clock, with its distance from UTC (RFC 3339).
std::string format_madrid(Time time) {
    const int ahead = pages::madrid_offset_hours(time);
    std::string text = format_utc(time + Seconds{3600 * ahead});
    text.pop_back();  // the Z
    return text + "+0" + std::to_string(ahead) + ":00";
}

std::vector<JsonObject> documents_of(const Transaction& transaction) {
    std::vector<JsonObject> documents;
    for (const AnnouncedDocument& document : transaction.documents) {
        JsonObject& one = documents.emplace_back();
        one.text("name", document.name)
            .text("type", document.media_type)
            .text("state", word(document.state))
            .text("sha256", hex_encode(document.sha256));
        if (document.state == DocumentState::finished) {
            one.text("signature_sha256", hex_encode(document.signature_sha256));
            say_upgrade(one, document.upgrade);
        }
    }
    return documents;
}

}  // namespace

std::string receipt_json(const Site& site, const Transaction& transaction,
                         const VerifiedSignature& signature) {
    JsonObject json;
    json.text("number", sign_number(transaction.id))
        .text("id", transaction.id)
        .text("service", site.service())
        .text("time", format_utc(transaction.signed_at))
        .text("time_madrid", format_madrid(transaction.signed_at))
        .text("title", transaction.title)
        .text("procedure", transaction.procedure)
        .text("signer_nif", signature->signer_nif)
        .text("signer_name", signature->signer_name)
        .text("document_name", transaction.document_name)
        .text("document_type", transaction.media_type)
        .number("document_size", static_cast<std::int64_t>(transaction.size))
        .text("document_sha256", hex_encode(transaction.sha256))
        .text("format", word(transaction.format))
        .text("signature_sha256", hex_encode(transaction.signature_sha256))
        .text("certificate_sha256", signature->certificate_sha256)
        .text("certificate_issuer", signature->issuer)
        .text("certificate_serial", signature->serial)
        .text("certificate", pem(signature->certificate_der))
        .text("certificate_ends", format_utc(signature->not_after));
    if (!transaction.wanted_upgrade.empty()) {
        json.text("upgrade_asked", transaction.wanted_upgrade);
    }
    say_upgrade(json, transaction.upgrade);
    if (transaction.documents.size() > 1) {
        json.list("documents", documents_of(transaction));
    }
    return json.dump() + "\n";
}

ReceiptWords read_receipt(std::string_view json) {
    ReceiptWords words;
    json_t* const object = json_loadb(json.data(), json.size(), 0, nullptr);
    const auto text = [&](const char* key) {
        const json_t* value = json_object_get(object, key);
        return json_is_string(value) ? std::string(json_string_value(value)) : std::string();
    };
    words.issuer = text("certificate_issuer");
    words.serial = text("certificate_serial");
    words.signer_name = text("signer_name");
    words.not_after = parse_utc(text("certificate_ends")).value_or(Time{});
    json_decref(object);
    return words;
}

}  // namespace clave
