#include "sign/api_answer.h"

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "login/answer.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

std::string_view title_of(int status) noexcept {
    switch (status) {
        case 400:
            return "Bad Request";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 503:
            return "Service Unavailable";
        default:
            return "Internal Server Error";
    }
}

// Of our own troubles an application learns that there are some: paths are the operator's.
bool is_told(Code code) noexcept {
    return code < Code::evidence;
}

JsonObject document_json(const AnnouncedDocument& document, const Upgrade& upgrade) {
    JsonObject json;
    json.text("id", document.id)
        .text("state", word(document.state))
        .text("sha256", hex_encode(document.sha256));
    if (document.state == DocumentState::finished) {
        json.text("signature_sha256", hex_encode(document.signature_sha256));
    }
    if (upgrade.is_awaited() && document.state == DocumentState::stored) {
        json.text("ready", format_utc(upgrade.after));
    }
    if (!upgrade.reached.empty()) {
        json.text("upgrade", upgrade.reached);
    }
    if (upgrade.partial) {
        json.boolean("upgrade_partial", true);
    }
    if (document.state == DocumentState::failed) {
        json.text("reason", word(document.reason));
    }
    return json;
}

}  // namespace

Reply problem_answer(Random& random, Error error, ProblemFacts facts) {
    const CodeInfo& what = info(error.code);
    std::string ref = make_reference(random);
    JsonObject json;
    json.text("type", "about:blank").text("title", title_of(what.status));
    json.number("status", what.status).text("code", what.word).text("ref", ref);
    if (is_told(error.code) && !error.detail.empty()) {
        json.text("detail", error.detail);
    }
    if (facts.limit) {
        json.number("limit", static_cast<std::int64_t>(*facts.limit));
    }
    if (facts.state) {
        json.text("state", word(*facts.state));
    }
    Reply reply = content_answer(what.status, "application/problem+json", json.dump());
    reply.refusals.push_back({std::move(error), std::move(ref)});
    return reply;
}

Reply order_answer(const Site& site, int status, const Transaction& transaction) {
    std::vector<JsonObject> documents;
    documents.reserve(transaction.documents.size());
    for (std::size_t i = 0; i < transaction.documents.size(); ++i) {
        documents.push_back(document_json(transaction.documents[i], upgrade_of(transaction, i)));
    }
    JsonObject signer;
    signer.text("nif", transaction.nif);
    if (!transaction.name.empty()) {
        signer.text("name", transaction.name);
    }
    if (transaction.certificate_sha256 != Digest{}) {
        signer.text("certificate_sha256", hex_encode(transaction.certificate_sha256));
    }
    JsonObject times;
    times.text("created", format_utc(transaction.created))
        .text("changed", format_utc(transaction.since))
        .text("expires", format_utc(expires_at(transaction)));
    if (transaction.signed_at != Time{}) {
        times.text("signed", format_utc(transaction.signed_at));
    }
    if (transaction.waits()) {
        times.text("ready", format_utc(transaction.ask_at));
    }
    JsonObject json;
    json.text("id", transaction.id)
        .text("state", word(transaction.state))
        .text("url", site.origin + sign_base(site, transaction.id));
    if (transaction.state == SignState::failed) {
        json.text("reason", word(transaction.reason));
    }
    json.list("documents", std::move(documents))
        .object("signer", std::move(signer))
        .object("times", std::move(times));
    return content_answer(status, "application/json", json.dump());
}

}  // namespace clave
