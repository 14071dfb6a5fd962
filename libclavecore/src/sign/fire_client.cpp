#include <algorithm>
#include <array>
#include <utility>

#include "clave/encoding.h"
#include "clave/fire.h"
#include "clave/offload.h"
#include "sign/fire_answer.h"
#include "sign/fire_form.h"
#include "sign/java_properties.h"
#include "sign/spool.h"

namespace clave {
namespace {

enum Operation {
    kSign = 1,
    kRecoverSign = 2,
    kCreateBatch = 5,
    kAddDocument = 6,
    kSignBatch = 7,
    kRecoverBatch = 8,
    kBatchState = 9,
    kBatchSignature = 10,
    kSignResult = 11,
    kRecoverUpdated = 70,
    kUpdatedResult = 71,
    kRecoverError = 99,
};

constexpr std::size_t kMostDocumentId = 40;
constexpr std::size_t kMostTransactionId = 64;
constexpr std::uint64_t kMostAnswer = 1024 * 1024;
constexpr std::string_view kAlgorithm = "SHA256withRSA";

std::string_view name_of(SignFormat format) noexcept {
    constexpr std::array<std::string_view, 4> kNames{"CAdES", "XAdES", "PAdES", "NONE"};
    return kNames[static_cast<std::size_t>(format)];
}

std::string_view name_of(SignOperation operation) noexcept {
    constexpr std::array<std::string_view, 3> kNames{"sign", "cosign", "countersign"};
    return kNames[static_cast<std::size_t>(operation)];
}

// Without what may name a transaction or a session.
std::string address_of(std::string_view url) {
    constexpr std::size_t kMost = 200;
    return ascii_text(url.substr(0, std::min(url.find_first_of("?;#\"\\"), kMost)));
}

// What is refused here was never sent.
tl::unexpected<FireFailure> unsendable(SignReason reason, std::string detail) {
    return tl::unexpected(FireFailure{reason, 0, 0, false, "FIRe: " + std::move(detail)});
}

JavaProperties document_config(const FireOrder& order) {
    JavaProperties config;
    config.set("docName", order.name).set("docTitle", order.title);
    return config;
}

// A signature that is good and not all that it could be is not thrown away. Operation 70 knows both
// names, the others the first (protocol section 1.4).
JavaProperties& allow_partial_upgrade(JavaProperties& config) {
    return config.set("updater.allowPartialUpgrade", "true");
}

FireForm& ask_to_upgrade(FireForm& form, const std::string& upgrade, int operation) {
    if (upgrade.empty()) {
        return form;
    }
    JavaProperties config;
    allow_partial_upgrade(config);
    if (operation == kRecoverUpdated) {
        config.set("allowPartialUpgrade", "true");
    }
    return form.text("upgrade", upgrade).base64("config", config.text());
}

JavaProperties config_of(const FireOrder& order, const FireSettings& settings) {
    JavaProperties config = document_config(order);
    config.set("redirectOkUrl", order.ok_url)
        .set("redirectErrorUrl", order.error_url)
        .set("procedureName", order.procedure)
        .set("appName", order.office)
        // `true` sends the browser to a page that FIRe 2.4 answers with 405 (protocol section 1.4).
        .set("skipCertSelection", "false");
    if (!settings.provider.empty()) {
        config.set("certOrigin", settings.provider);
    }
    if (!order.upgrade.empty()) {
        allow_partial_upgrade(config);
    }
    return config;
}

std::optional<std::string> properties_of(const FireOrder& order) {
    JavaProperties properties;
    for (const auto& [key, value] : order.properties) {
        if (!is_property_key(key)) {
            return std::nullopt;
        }
        properties.set(key, value);
    }
    return properties.text();
}

bool is_plain_https(std::string_view url) {
    return url.starts_with("https://") && std::all_of(url.begin(), url.end(), [](char c) {
               return c > ' ' && c <= '~' && c != '\\';
           });
}

std::optional<std::string> objection_to(const FireOrder& order) {
    if (!is_fire_id(order.signer.nif, kMostDocumentId)) {
        return "no identifier of the signer";
    }
    if (!is_plain_https(order.ok_url) || !is_plain_https(order.error_url)) {
        return "the return addresses are not https URLs";
    }
    if (!properties_of(order)) {
        return "a property's name is none";
    }
    return std::nullopt;
}

FireForm form_for(int operation, const FireSettings& settings, const FireTransaction& of) {
    FireForm form(operation, settings.app_id);
    form.text("subjectid", of.nif).text("transactionid", of.id);
    return form;
}

// In the order of FIRe's own client, but that the document comes last.
FireForm order_form(int operation, const FireSettings& settings, const FireOrder& order) {
    FireForm form(operation, settings.app_id);
    form.text("subjectid", order.signer.nif)
        .text("language", order.signer.language)
        .text("cop", name_of(order.operation))
        .text("algorithm", kAlgorithm)
        .text("format", name_of(order.format))
        .base64("properties", properties_of(order).value_or(""))
        .base64("config", config_of(order, settings).text());
    return form;
}

}  // namespace

FireTicket::FireTicket(int operation, FireTransaction transaction, std::string document)
    : operation_(operation), transaction_(std::move(transaction)), document_(std::move(document)) {}

FireTicket FireTicket::of_transaction(FireTransaction transaction) {
    return {kSignResult, std::move(transaction), {}};
}
FireTicket FireTicket::of_document(FireTransaction batch, std::string document) {
    return {kBatchSignature, std::move(batch), std::move(document)};
}
FireTicket FireTicket::of_late(std::string grace) {
    return {kUpdatedResult, {}, std::move(grace)};
}

FireClient::FireClient(HttpsClient& https, WorkerPool& pool, FireSettings settings)
    : https_(https), pool_(pool), settings_(std::move(settings)) {}

// One-shot: what is asked can be asked for once.
struct FireClient::Question {
    int operation;
    FireForm form;
    bool one_shot = false;
    bool slow = false;
    std::optional<FireDocument> document{};
    std::shared_ptr<Spool> spool{};
};

Task<FireResult<HttpsResponse>> FireClient::ask(Question question) {
    const std::uint64_t size = question.document ? question.document->size : 0;
    if (question.document && (size == 0 || size > settings_.most_document_bytes)) {
        co_return unsendable(SignReason::configuration,
                             "a document of " + std::to_string(size) + " bytes, not of 1 to " +
                                 std::to_string(settings_.most_document_bytes));
    }
    FireBody body =
        question.document ? FireBody(question.form, *question.document) : FireBody(question.form);
    if (body.size() > settings_.most_request_bytes) {
        co_return unsendable(SignReason::configuration,
                             "a request of " + std::to_string(body.size()) + " bytes, not up to " +
                                 std::to_string(settings_.most_request_bytes));
    }
    HttpsRequest request;
    request.url = settings_.url;
    request.content_type = "application/x-www-form-urlencoded";
    request.body = &body;
    request.sink = question.spool.get();
    request.most_bytes = question.spool ? settings_.most_signature_bytes : kMostAnswer;
    request.connect_limit = settings_.connect_limit;
    request.limit = question.slow ? settings_.compose_limit : settings_.limit;
    request.fresh_connection = question.one_shot;
    auto sending = https_.send(std::move(request));
    auto answer = co_await std::move(sending);
    if (body.document_changed()) {
        co_return unsendable(SignReason::wrong_document,
                             "the document is not what it was when it was frozen");
    }
    if (!answer) {
        co_return tl::unexpected(FireFailure{
            SignReason::unavailable, 0, 0, question.one_shot && answer.error().may_have_arrived,
            "FIRe operation " + std::to_string(question.operation) + ": " + answer.error().detail});
    }
    co_return std::move(*answer);
}

// A 200's body.
Task<FireResult<std::string>> FireClient::ask_for_text(Question question) {
    const int operation = question.operation;
    const bool one_shot = question.one_shot;
    auto asking = ask(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    if (answer->status != 200) {
        FireFailure failure =
            fire_failure(operation, answer->status, parse_fire_refusal(answer->body));
        // A proxy that gives up does not know what FIRe went on to do.
        failure.lost = failure.lost || (one_shot && failure.code == 0 && failure.status >= 500);
        co_return tl::unexpected(std::move(failure));
    }
    co_return std::move(answer->body);
}

namespace {

// A 200 that is not what the operation answers.
FireFailure misunderstood(int operation, bool lost) {
    FireFailure failure = fire_failure(operation, 200, {});
    failure.lost = lost;
    failure.detail += ", not the answer expected";
    return failure;
}

FireResult<FireComposed> composed_of(int operation, const std::string& body, FireTicket ticket) {
    auto state = parse_fire_state(body);
    if (!state) {
        return tl::unexpected(misunderstood(operation, true));
    }
    if (state->state == -1) {
        return tl::unexpected(fire_failure(operation, 200, {state->code, {}}));
    }
    if (!state->composed.grace) {
        state->composed.ticket = std::move(ticket);
    }
    return std::move(state->composed);
}

}  // namespace

FireResult<FireStarted> FireClient::started(const std::string& body, std::string nif) const {
    auto redirect = parse_fire_redirect(body);
    if (!redirect) {
        return tl::unexpected(misunderstood(kSign, false));
    }
    if (!is_our_redirect(redirect->url, settings_.public_url, redirect->transaction)) {
        return tl::unexpected(FireFailure{
            SignReason::configuration, 0, 200, false,
            "FIRe: its redirecturl \"" + address_of(redirect->url) +
                "\" does not begin with clave_firma_public_url (\"" + settings_.public_url +
                "\") and \"/public/entry\", or is of another transaction"});
    }
    return FireStarted{{std::move(redirect->transaction), std::move(nif)},
                       std::move(redirect->url)};
}

Task<FireResult<FireStarted>> FireClient::start(FireOrder order, FireDocument document) {
    if (const auto objection = objection_to(order)) {
        co_return unsendable(SignReason::configuration, *objection);
    }
    Question question{kSign, order_form(kSign, settings_, order)};
    question.document = document;
    auto asking = ask(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    if (answer->status == 200) {
        co_return started(answer->body, order.signer.nif);
    }
    const FireRefusal refusal = parse_fire_refusal(answer->body);
    if (refusal.transaction.empty()) {
        co_return tl::unexpected(fire_failure(kSign, answer->status, refusal));
    }
    // Refused after it existed: only op 99 says why (protocol section 2.3, shape C).
    FireTransaction refused{refusal.transaction, order.signer.nif};
    auto asking_why = ask_error(std::move(refused));
    co_return tl::unexpected(co_await std::move(asking_why));
}

Task<FireResult<FireComposed>> FireClient::compose(FireRecovery recovery, std::string upgrade) {
    FireForm form = form_for(kRecoverSign, settings_, recovery.transaction());
    ask_to_upgrade(form, upgrade, kRecoverSign);
    Question question{kRecoverSign, form, true, true};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    co_return composed_of(kRecoverSign, *answer,
                          FireTicket::of_transaction(recovery.transaction()));
}

Task<FireResult<FireComposed>> FireClient::compose_late(FireGrace grace, std::string upgrade) {
    if (!is_fire_id(grace.id, kMostTransactionId)) {
        co_return unsendable(SignReason::configuration, "no identifier of a late upgrade");
    }
    FireForm form(kRecoverUpdated, settings_.app_id);
    form.text("docid", grace.id);
    ask_to_upgrade(form, upgrade, kRecoverUpdated);
    Question question{kRecoverUpdated, form, false, true};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    co_return composed_of(kRecoverUpdated, *answer, FireTicket::of_late(grace.id));
}

Task<FireResult<UnverifiedSignature>> FireClient::fetch(FireTicket ticket, SpoolPlace place) {
    auto opening = offload(pool_, [place] { return Spool::open(place); });
    auto spool = co_await opening;
    if (!spool) {
        co_return unsendable(SignReason::unavailable, spool.error().detail);
    }
    const int operation = ticket.operation_;
    FireForm form = operation == kUpdatedResult
                        ? FireForm(operation, settings_.app_id)
                        : form_for(operation, settings_, ticket.transaction_);
    if (operation != kSignResult) {
        form.text("docid", ticket.document_);
    }
    Question question{operation, form, true};
    question.spool = *spool;
    auto asking = ask(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    if (answer->status != 200) {
        FireFailure failure =
            fire_failure(operation, answer->status, parse_fire_refusal(answer->body));
        failure.lost = failure.lost || (failure.code == 0 && failure.status >= 500);
        co_return tl::unexpected(std::move(failure));
    }
    // FIRe names no type for signatures (protocol section 2.1): this is a page of somebody else's.
    if ((*spool)->size() == 0 || answer->content_type.starts_with("text/html")) {
        co_return tl::unexpected(misunderstood(operation, true));
    }
    auto sealing = offload(pool_, [kept = *spool] { return kept->seal(); });
    auto sealed = co_await sealing;
    if (!sealed) {
        FireFailure failure{SignReason::unavailable, 0, 200, true, sealed.error().detail};
        co_return tl::unexpected(std::move(failure));
    }
    co_return std::move(*sealed);
}

Task<FireFailure> FireClient::ask_error(FireTransaction transaction) {
    Question question{kRecoverError, form_for(kRecoverError, settings_, transaction)};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return std::move(answer.error());
    }
    const auto state = parse_fire_state(*answer);
    if (!state || state->state != -1) {
        co_return misunderstood(kRecoverError, false);
    }
    co_return fire_failure(kRecoverError, 200, {state->code, {}});
}

Task<FireResult<FireTransaction>> FireClient::create_batch(FireOrder order, std::size_t documents) {
    if (documents == 0 || documents > settings_.most_documents) {
        co_return unsendable(SignReason::configuration,
                             std::to_string(documents) + " documents, not 1 to " +
                                 std::to_string(settings_.most_documents));
    }
    if (const auto objection = objection_to(order)) {
        co_return unsendable(SignReason::configuration, *objection);
    }
    FireForm form = order_form(kCreateBatch, settings_, order);
    if (!order.upgrade.empty()) {
        form.text("upgrade", order.upgrade);
    }
    Question question{kCreateBatch, form};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    auto id = parse_fire_transaction(*answer);
    if (!id) {
        co_return tl::unexpected(misunderstood(kCreateBatch, false));
    }
    co_return FireTransaction{std::move(*id), order.signer.nif};
}

Task<FireResult<bool>> FireClient::add(FireTransaction batch, std::string id, FireOrder order,
                                       FireDocument document) {
    if (!is_fire_id(id, kMostDocumentId)) {
        co_return unsendable(SignReason::configuration,
                             "a document's identifier is not of 1 to 40 letters of [0-9A-Za-z._-]");
    }
    FireForm form = form_for(kAddDocument, settings_, batch);
    form.text("docid", id).base64("config", document_config(order).text());
    Question question{kAddDocument, form};
    question.document = document;
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    if (*answer != "true") {
        co_return tl::unexpected(misunderstood(kAddDocument, false));
    }
    co_return true;
}

Task<FireResult<FireStarted>> FireClient::sign_batch(FireTransaction batch, std::string language,
                                                     bool stop_on_error) {
    FireForm form = form_for(kSignBatch, settings_, batch);
    form.text("language", language).text("stoponerror", stop_on_error ? "true" : "false");
    Question question{kSignBatch, form};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    auto begun = started(*answer, batch.nif);
    if (begun && begun->transaction.id != batch.id) {
        co_return tl::unexpected(misunderstood(kSignBatch, false));
    }
    co_return std::move(begun);
}

Task<FireResult<FireBatch>> FireClient::compose_batch(FireRecovery recovery) {
    const FireTransaction& batch = recovery.transaction();
    Question question{kRecoverBatch, form_for(kRecoverBatch, settings_, batch), true, true};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    auto state = parse_fire_batch(*answer);
    if (!state) {
        co_return tl::unexpected(misunderstood(kRecoverBatch, true));
    }
    for (FireBatchDocument& document : state->batch.documents) {
        const auto& ids = state->signed_ids;
        if (std::find(ids.begin(), ids.end(), document.id) != ids.end()) {
            document.ticket = FireTicket::of_document(batch, document.id);
        }
    }
    co_return std::move(state->batch);
}

Task<FireResult<double>> FireClient::batch_progress(FireTransaction batch) {
    Question question{kBatchState, form_for(kBatchState, settings_, batch)};
    auto asking = ask_for_text(std::move(question));
    auto answer = co_await std::move(asking);
    if (!answer) {
        co_return tl::unexpected(std::move(answer.error()));
    }
    const auto progress = parse_fire_progress(*answer);
    if (!progress) {
        co_return tl::unexpected(misunderstood(kBatchState, false));
    }
    co_return *progress;
}

}  // namespace clave
