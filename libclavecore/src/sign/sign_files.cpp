// What belongs to a signature, to be read or kept: the document as it was frozen, what was sent
// with it, the signature, the receipt.
#include <charconv>
#include <optional>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/form.h"
#include "clave/offload.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/page_language.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

Reply refused(const Signing& signing, const Request& request, Error error) {
    return refusal_page(signing.services(), signing.site(), request, std::move(error));
}

// A name that every browser understands (RFC 6266, RFC 8187).
std::string attachment(std::string_view name) {
    std::string plain;
    for (const char c : name) {
        plain += c >= ' ' && c < 0x7F && c != '"' && c != '\\' ? c : '_';
    }
    return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encode(name);
}

std::string signature_suffix(SignFormat format) {
    switch (format) {
        case SignFormat::xades:
            return ".xsig";
        case SignFormat::pades:
            return ".signed.pdf";
        case SignFormat::cades:
            return ".csig";
        case SignFormat::none:
            return ".sig";
    }
    return {};
}

// Nothing in it runs, loads, or is taken for a page of ours (F-06). Chromium shows no PDF inside a
// sandbox; its viewer is one.
std::string_view document_policy(std::string_view media_type) noexcept {
    return media_type == "application/pdf"
               ? "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
               : "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
                 "frame-ancestors 'self'";
}

// Which of several: "?d=2".
std::optional<std::size_t> chosen_document(const Request& request,
                                           const Transaction& transaction) noexcept {
    const std::string_view number = query_value(request.query, "d");
    if (number.empty()) {
        return 0;
    }
    std::size_t chosen = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), chosen);
    const bool whole = error == std::errc() && end == number.data() + number.size();
    return whole && chosen >= 1 && chosen <= transaction.documents.size()
               ? std::optional(chosen - 1)
               : std::nullopt;
}

bool is_document_signed(const Transaction& transaction, std::size_t index) noexcept {
    return !transaction.is_of_application() ||
           transaction.documents[index].state == DocumentState::finished;
}

struct ShownDocument {
    std::string_view name, media_type;
    Digest sha256;
};
ShownDocument shown_document(const Transaction& transaction, std::size_t index) noexcept {
    if (transaction.documents.size() < 2) {
        return {transaction.document_name, transaction.media_type, transaction.sha256};
    }
    const AnnouncedDocument& document = transaction.documents[index];
    return {document.name, document.media_type, document.sha256};
}

std::string shown_type(std::string_view media_type) {
    const bool is_text =
        media_type == "text/plain" || media_type == "text/xml" || media_type == "application/xml";
    if (is_text || media_type == "text/html") {
        return std::string(is_text ? std::string_view("text/plain") : media_type) +
               "; charset=utf-8";
    }
    return std::string(media_type);
}

// What of it is sent, and as what.
struct SentFile {
    std::string stored;  // its name in the archive
    std::string name;
    std::string type;
    std::string_view media_type;
    bool hashed = false;
    bool to_keep = true;
};

std::optional<SentFile> chosen_file(const Request& request, const Transaction& transaction,
                                    std::string_view what) {
    const bool is_signed =
        transaction.state == SignState::finished || transaction.state == SignState::delivered;
    const auto index = chosen_document(request, transaction);
    if (!index) {
        return std::nullopt;
    }
    const ShownDocument document = shown_document(transaction, *index);
    const bool asks_to_keep = query_value(request.query, "download") == "1";
    if (what == "document") {
        return SentFile{Archive::numbered(Archive::kDocument, *index),
                        std::string(document.name),
                        shown_type(document.media_type),
                        document.media_type,
                        true,
                        asks_to_keep || document.media_type == "application/octet-stream"};
    }
    if (what == "fields") {
        return SentFile{std::string(Archive::kFields),
                        "datos.txt",
                        shown_type("text/plain"),
                        "text/plain",
                        false,
                        asks_to_keep};
    }
    const std::string_view closed = "application/octet-stream";
    if (what == "signature" && is_signed && is_document_signed(transaction, *index)) {
        return SentFile{Archive::numbered(Archive::kSignature, *index),
                        std::string(document.name) + signature_suffix(transaction.format),
                        std::string(closed), closed};
    }
    if (what == "receipt.json" && is_signed) {
        return SentFile{std::string(Archive::kReceipt),
                        "justificante-" + sign_number(transaction.id) + ".json", "application/json",
                        closed};
    }
    return std::nullopt;
}

}  // namespace

Task<Reply> show_file(const Signing& signing, const Request& request, const Transaction& held,
                      std::string_view what) {
    auto chosen = chosen_file(request, held, what);
    if (!chosen) {
        co_return refused(signing, request, Error{Code::not_found, {}});
    }
    auto reading =
        offload(signing.services().pool,
                [archive = signing.archive(), id = held.id, hashed = chosen->hashed,
                 over = held.state >= SignState::finished, name = chosen->stored,
                 optional = what == "fields"]() -> Result<Archive::Measured> {
                    if (optional && !archive.has(id, name)) {
                        return fail(Code::not_found);
                    }
                    return archive.measure(id, name, hashed).map_error([&](const Error& why) {
                        return over ? archive.why_unreadable(id, why) : why;
                    });
                });
    const auto file = co_await reading;
    if (!file) {
        co_return refused(signing, request, file.error());
    }
    // What is shown is what will be signed, and nothing that took its place (F-05).
    const Digest frozen = shown_document(held, *chosen_document(request, held)).sha256;
    if (chosen->hashed && !guard("sign shown digest", file->sha256 == frozen)) {
        co_return refused(signing, request,
                          Error{Code::sign_digest, "the archive has another document"});
    }
    Reply reply = content_answer(200, std::move(chosen->type), {});
    reply.file = file->file;
    reply.file_size = file->size;
    if (chosen->to_keep) {
        reply.headers.emplace_back("Content-Disposition", attachment(chosen->name));
    }
    reply.headers.emplace_back("Content-Security-Policy", document_policy(chosen->media_type));
    reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    co_return reply;
}

}  // namespace clave
