#include "sign/api.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/offload.h"
#include "clave/zone.h"
#include "login/answer.h"
#include "sign/api_answer.h"
#include "sign/overdue.h"

namespace clave {
namespace {

// How often a change is tried again that somebody else was faster with.
constexpr int kTries = 5;

Reply refused(const Signing& signing, Error error, ProblemFacts facts = {}) {
    return problem_answer(signing.services().random, std::move(error), facts);
}

// "transactions/ID/documents/DOC/signature", as far as it goes.
struct Place {
    bool known = false;
    std::string_view id;
    std::string_view document;
    bool signature = false;
};

std::string_view next_part(std::string_view& path) noexcept {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    return part;
}

Place place_of(std::string_view path) noexcept {
    Place place;
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    if (path.ends_with('/') || next_part(path) != "transactions") {
        return place;
    }
    place.known = true;
    if (path.empty()) {
        return place;
    }
    place.id = next_part(path);
    place.known = is_sign_id(place.id);
    if (path.empty()) {
        return place;
    }
    const bool has_documents = next_part(path) == "documents";
    place.document = next_part(path);
    place.signature = !path.empty();
    place.known = place.known && has_documents && !place.document.empty() &&
                  (!place.signature || path == "signature");
    return place;
}

std::string_view methods_of(const Place& place) noexcept {
    if (place.id.empty()) {
        return "POST";
    }
    if (place.document.empty()) {
        return "GET, HEAD, DELETE";
    }
    return place.signature ? "GET, HEAD" : "PUT";
}

// Whole words: no method is the begin of another.
bool allows(std::string_view methods, std::string_view method) noexcept {
    const std::size_t at = methods.find(method);
    return !method.empty() && at != std::string_view::npos &&
           (at + method.size() == methods.size() || methods[at + method.size()] == ',') &&
           (at == 0 || methods[at - 1] == ' ');
}

Task<Reply> tell(const Signing& signing, HeldTransaction held) {
    // Nobody else may come to see that its time is over.
    if (is_overdue(signing, held.is)) {
        const std::string id = held.is.id;
        auto settling = settle(signing, std::move(held));
        co_await std::move(settling);
        auto finding = find_order(signing, id);
        auto found = co_await std::move(finding);
        if (!found || !*found) {
            co_return refused(signing, found ? Error{Code::not_found, {}} : found.error());
        }
        held = std::move(**found);
    }
    co_return order_answer(signing.site(), 200, held.is);
}

Task<Reply> withdraw(const Signing& signing, HeldTransaction held) {
    for (int i = 0; i < kTries; ++i) {
        if (held.is.state == SignState::cancelled) {
            co_return order_answer(signing.site(), 200, held.is);
        }
        if (held.is.state != SignState::created && held.is.state != SignState::shown) {
            break;
        }
        auto ending = signing.end(held, SignState::cancelled, SignReason::cancelled,
                                  Code::sign_gateway, "by the application");
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return refused(signing, ended.error());
        }
        if (*ended) {
            co_return order_answer(signing.site(), 200, held.is);
        }
        auto finding = find_order(signing, held.is.id);
        auto found = co_await std::move(finding);
        if (!found || !*found) {
            co_return refused(signing, found ? Error{Code::not_found, {}} : found.error());
        }
        held = std::move(**found);
    }
    ProblemFacts facts;
    facts.state = held.is.state;
    co_return refused(signing, Error{Code::api_state, "the person has confirmed it, or it is over"},
                      facts);
}

// All that was signed is where it was wanted: then the transaction is delivered.
void note_fetched(Transaction& transaction, std::size_t index) {
    transaction.documents[index].fetched = true;
    const bool all =
        std::all_of(transaction.documents.begin(), transaction.documents.end(),
                    [](const AnnouncedDocument& document) {
                        return document.fetched || document.state != DocumentState::finished;
                    });
    if (all) {
        transaction.state = SignState::delivered;
    }
}

// Before it is sent: whoever has got none of it asks again, and is not told that he has it.
Task<void> remember_fetched(const Signing& signing, HeldTransaction held, std::size_t index) {
    for (int i = 0; i < kTries; ++i) {
        if (held.is.state != SignState::finished || held.is.documents[index].fetched) {
            co_return;
        }
        Transaction next = held.is;
        note_fetched(next, index);
        auto advancing = signing.advance(held, std::move(next));
        const auto advanced = co_await std::move(advancing);
        if (!advanced) {
            signing.log(Severity::error, info(advanced.error().code).word, held.is,
                        advanced.error().detail);
            co_return;
        }
        auto finding = signing.find(held.is.id);
        auto found = co_await std::move(finding);
        if (*advanced || !found || !*found) {
            co_return;
        }
        held = std::move(**found);
    }
}

Task<Reply> send_signature(const Signing& signing, const Request& request, HeldTransaction held,
                           std::size_t index) {
    // Whoever recovers the others may still have to judge it again.
    const bool is_over =
        held.is.state == SignState::finished || held.is.state == SignState::delivered;
    const bool is_signed = held.is.documents[index].state == DocumentState::finished;
    if (!is_signed || !guard("api signed", is_over)) {
        ProblemFacts facts;
        facts.state = held.is.state;
        co_return refused(signing, Error{Code::api_state, "this document is not signed"}, facts);
    }
    auto opening =
        offload(signing.services().pool, [archive = signing.archive(), id = held.is.id,
                                          name = Archive::numbered(Archive::kSignature, index)] {
            return archive.open(id, name).map_error(
                [&](Error why) { return archive.why_unreadable(id, std::move(why)); });
        });
    auto file = co_await opening;
    struct stat status {};
    if (!file || ::fstat((*file)->descriptor(), &status) != 0) {
        co_return refused(signing, file ? Error{Code::store, "fstat"} : file.error());
    }
    Reply reply = content_answer(200, std::string(media_type(held.is.format)), {});
    reply.file = *file;
    reply.file_size = static_cast<std::uint64_t>(status.st_size);
    if (request.method == "GET") {
        auto remembering = remember_fetched(signing, std::move(held), index);
        co_await std::move(remembering);
    }
    co_return reply;
}

Task<Reply> serve_document(const Signing& signing, const Request& request, HeldTransaction held,
                           const Place& place) {
    const auto& documents = held.is.documents;
    const auto at =
        std::find_if(documents.begin(), documents.end(),
                     [&](const AnnouncedDocument& one) { return one.id == place.document; });
    if (at == documents.end()) {
        co_return refused(signing, Error{Code::not_found, "no such document was announced"});
    }
    const auto index = static_cast<std::size_t>(at - documents.begin());
    if (place.signature) {
        auto sending = send_signature(signing, request, std::move(held), index);
        co_return co_await std::move(sending);
    }
    auto taking = take_document(signing, request, std::move(held), index);
    co_return co_await std::move(taking);
}

}  // namespace

bool is_complete(const Transaction& transaction) noexcept {
    return std::none_of(transaction.documents.begin(), transaction.documents.end(),
                        [](const AnnouncedDocument& document) {
                            return document.state == DocumentState::announced;
                        });
}

Task<Result<std::optional<HeldTransaction>>> find_order(const Signing& signing, std::string id) {
    for (int i = 0; i < kTries; ++i) {
        auto finding = signing.find(id);
        auto found = co_await std::move(finding);
        if (!found || !*found) {
            co_return found;
        }
        HeldTransaction& held = **found;
        const bool ours = held.is.is_of_application() && signing.site().is_service(held.is.service);
        if (!guard("api transaction", ours)) {
            co_return std::nullopt;
        }
        if (!is_lost(held)) {
            co_return found;
        }
        auto ending = end_forgotten(signing, held);
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return tl::unexpected(ended.error());
        }
        if (*ended) {
            co_return found;
        }
    }
    co_return fail(Code::store, "somebody else is always faster with this order");
}

Task<Reply> serve_api(const LoginServices& services, const Site& site, const SignApi& api,
                      const Request& request, std::string_view path) {
    const Signing signing(services, site);
    const Place place = place_of(path);
    if (!place.known) {
        co_return refused(signing, Error{Code::not_found, "nothing is at this address"});
    }
    const std::string_view allowed = methods_of(place);
    if (!allows(allowed, request.method)) {
        Reply reply = refused(signing, Error{Code::method, {}});
        reply.headers.emplace_back("Allow", allowed);
        co_return reply;
    }
    if (signing.parts() == nullptr) {
        co_return refused(signing, Error{Code::store, "this worker is about to leave"});
    }
    if (place.id.empty()) {
        auto taking = take_order(signing, api, request);
        co_return co_await std::move(taking);
    }
    auto finding = find_order(signing, std::string(place.id));
    auto found = co_await std::move(finding);
    if (!found) {
        co_return refused(signing, std::move(found.error()));
    }
    if (!*found) {
        co_return refused(signing, Error{Code::not_found, "there is no such transaction"});
    }
    HeldTransaction& held = **found;
    if (!place.document.empty()) {
        auto serving = serve_document(signing, request, std::move(held), place);
        co_return co_await std::move(serving);
    }
    if (request.method == "DELETE") {
        auto withdrawing = withdraw(signing, std::move(held));
        co_return co_await std::move(withdrawing);
    }
    auto telling = tell(signing, std::move(held));
    co_return co_await std::move(telling);
}

}  // namespace clave
