// From an application's answer to a frozen document (product.md section 5, F-05).
#include "clave/answered_document.h"

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/identity.h"
#include "clave/offload.h"
#include "login/answer.h"
#include "login/form_record.h"
#include "login/target.h"
#include "login/visitor.h"
#include "sign/document_kind.h"
#include "sign/intake.h"
#include "sign/quota.h"
#include "sign/sign_endpoints.h"
#include "sign/sign_header.h"
#include "sign/spool.h"
#include "sign/take_in.h"

namespace clave {
namespace {

// Shared with the pool: whoever lets go last takes away what nobody has kept, so that a folder that
// is made when nobody waits for it any more goes, too.
struct Draft {
    Draft(Archive where, std::string which) : archive(std::move(where)), id(std::move(which)) {}
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        spool.reset();
        if (!kept) {
            archive.discard(id);
        }
    }

    const Archive archive;
    const std::string id;
    // Of the loop's thread.
    std::shared_ptr<Spool> spool;  // once there is one
    std::vector<std::byte> early;  // until then
    std::optional<Error> trouble;
    bool kept = false;
};

Task<void> open_draft(Signing signing, std::shared_ptr<Draft> draft, std::uint64_t room) {
    auto opening = offload(signing.services().pool, [draft, room] {
        const auto enough = draft->archive.has_room_for(room);
        return enough ? draft->archive.begin(draft->id, room) : tl::unexpected(enough.error());
    });
    auto opened = co_await opening;
    if (!opened) {
        draft->trouble = std::move(opened.error());
    } else if (!(*opened)->write(draft->early)) {
        draft->trouble = Error{Code::store, "the archive takes no more"};
    } else {
        draft->spool = std::move(*opened);
    }
    draft->early = std::vector<std::byte>();
}

// As a browser would send it from a page of this site: applications look at where a POST comes
// from.
std::vector<std::byte> request_around_signature(const Site& site, SignFormat format) {
    Request request;
    request.method = "POST";
    request.content_type = media_type(format);
    request.origin = site.origin;
    request.fetch_site = "same-origin";
    request.fetch_mode = "navigate";
    request.fetch_dest = "document";
    return encode_form_around_signature(request);
}

Reply refused(const LoginServices& services, const Site& site, const Request& request,
              Error error) {
    if (visitor(request, Unauthenticated::automatic) == Visitor::script) {
        const int status = info(error.code).status;
        return refusal_json(site, services.random, status, std::move(error));
    }
    // A page load can be tried again; a form is still in the browser's history.
    const std::string again =
        request.method == "GET" ? return_target(site, request) : calling_page(site, request);
    pages::SignFacts sign;
    sign.way = pages::SignWay::answer;
    pages::Facts facts;
    facts.onward = again;
    facts.sign = &sign;
    return refusal_page(services, site, request, std::move(error), facts);
}

Reply refused_room(const Signing& signing, const Request& request, QuotaRefusal refusal) {
    if (visitor(request, Unauthenticated::automatic) == Visitor::script) {
        return refused(signing.services(), signing.site(), request, std::move(refusal.error));
    }
    const std::string back = calling_page(signing.site(), request);
    return quota_page(signing, request, std::move(refusal), pages::SignWay::answer, back);
}

Result<SignOrder> order_in(const Site& site, const SignOrder& location,
                           const ApplicationAnswer& answer, std::string& name) {
    if (!guard("sign answer headers", answer.sign.size() == 1)) {
        return fail(Code::sign_header, "X-Clave-Sign comes twice");
    }
    auto header = read_sign_header(site, answer.sign.front());
    if (!header) {
        return tl::unexpected(std::move(header.error()));
    }
    name = header->name;
    return order_with(location, std::move(*header));
}

// Whether what follows can be the document, as far as its head says.
Result<void> check_head(const Site& site, const SignOrder& order, const Identified* who,
                        const ApplicationAnswer& answer) {
    if (who == nullptr || who->lookup != Lookup::hit) {
        return fail(Code::sign_answer, "a document to sign, for nobody who could");
    }
    if (!is_valid_nif(who->session.nif)) {
        return fail(Code::sign_foreign);
    }
    if (!guard("sign answer status", answer.status == 200)) {
        return fail(Code::sign_answer,
                    "a document to sign with status " + std::to_string(answer.status));
    }
    const bool plain = answer.content_encoding.empty() || answer.content_encoding == "identity";
    if (!guard("sign answer encoding", plain)) {
        return fail(Code::sign_answer, "a document to sign that is compressed");
    }
    if (!guard("sign answer length",
               answer.length.value_or(0) <= most_document(site, order.format))) {
        return fail(Code::sign_answer, "a document of " + std::to_string(*answer.length) +
                                           " bytes, the most is " +
                                           std::to_string(most_document(site, order.format)));
    }
    return {};
}

}  // namespace

struct AnsweredDocument::Parts {
    Parts(const LoginServices& services, const Site& site, const Request& asked)
        : signing(services, site), request(asked) {}

    const Signing signing;
    const Request& request;
    Transaction made;
    std::string claimed_type;
    std::optional<std::uint64_t> announced;
    DocumentKind type;
    std::optional<Error> refusal;
    std::shared_ptr<Draft> draft;
    std::shared_ptr<Chore> opening;
};

AnsweredDocument::AnsweredDocument(std::unique_ptr<Parts> parts) noexcept
    : parts_(std::move(parts)) {}
AnsweredDocument::~AnsweredDocument() = default;

tl::expected<std::unique_ptr<AnsweredDocument>, Reply> Gate::take_answer(
    const Site& site, const SignOrder& order, const Request& request, const Identified* who,
    const ApplicationAnswer& answer) const {
    const LoginServices& services = *services_;
    const auto refuse = [&](Error error) {
        return tl::unexpected(refused(services, site, request, std::move(error)));
    };
    std::string name;
    const auto asked = order_in(site, order, answer, name);
    if (!asked) {
        return refuse(asked.error());
    }
    if (const auto good = check_head(site, *asked, who, answer); !good) {
        return refuse(good.error());
    }
    auto parts = std::make_unique<AnsweredDocument::Parts>(services, site, request);
    auto id = make_sign_id(services.random);
    Transaction& made = parts->made;
    made = transaction_of(site, *asked, *who);
    if (!id || !services.random.fill(made.nonce)) {
        return refuse(Error{Code::random, {}});
    }
    if (parts->signing.parts() == nullptr) {
        return refuse(Error{Code::store, "this worker is about to leave"});
    }
    made.id = std::move(*id);
    made.answered = true;
    made.target = asked->deliver;
    made.document_name = name.empty() ? std::string() : safe_file_name(name);
    parts->claimed_type = std::string(answer.content_type);
    parts->announced = answer.length;
    parts->draft = std::make_shared<Draft>(parts->signing.archive(), made.id);
    parts->opening = parts->signing.parts()->chores.begin(
        open_draft(parts->signing, parts->draft, answer.length.value_or(0)));
    return std::make_unique<AnsweredDocument>(std::move(parts));
}

bool AnsweredDocument::write(std::span<const std::byte> bytes) {
    Parts& parts = *parts_;
    Draft& draft = *parts.draft;
    parts.made.size += bytes.size();
    const std::uint64_t most = most_document(parts.signing.site(), parts.made.format);
    if (!guard("sign answer size", parts.made.size <= most)) {
        parts.refusal = Error{Code::sign_answer,
                              "a document over the most, of " + std::to_string(most) + " bytes"};
        return false;
    }
    parts.type.feed(as_text(bytes));
    if (draft.spool == nullptr) {
        draft.early.insert(draft.early.end(), bytes.begin(), bytes.end());
    } else if (!draft.trouble && !draft.spool->write(bytes)) {
        draft.trouble = Error{Code::store, "the archive takes no more"};
    }
    parts.refusal = draft.trouble;
    return !draft.trouble;
}

Reply AnsweredDocument::refusal() {
    const Parts& parts = *parts_;
    Error error = parts.refusal.value_or(
        Error{Code::sign_answer, "the application has not sent all of its document"});
    return refused(parts.signing.services(), parts.signing.site(), parts.request, std::move(error));
}

Task<Reply> AnsweredDocument::finish() {
    Parts& parts = *parts_;
    const Signing& signing = parts.signing;
    const LoginServices& services = signing.services();
    const Site& site = signing.site();
    Transaction made = parts.made;
    Chore::Wait wait(parts.opening);
    co_await wait;
    if (parts.draft->trouble) {
        parts.refusal = parts.draft->trouble;
        co_return refusal();
    }
    if (!guard("sign answer whole", parts.announced.value_or(made.size) == made.size)) {
        co_return refusal();
    }
    made.media_type = parts.type.media_type(parts.claimed_type);
    const bool is_pdf = made.media_type == "application/pdf";
    if (made.size == 0 || (made.format == SignFormat::pades && !is_pdf)) {
        parts.refusal =
            Error{Code::sign_answer,
                  made.size == 0 ? "an empty document" : "a signature in a PDF needs a PDF"};
        co_return refusal();
    }
    if (made.document_name.empty()) {
        made.document_name = is_pdf ? "documento.pdf" : "documento";
    }
    auto sealing = offload(
        services.pool,
        [draft = parts.draft,
         form = request_around_signature(site, made.format)]() -> Result<Digest> {
            const auto sealed = draft->spool->seal();
            if (!sealed) {
                return tl::unexpected(sealed.error());
            }
            const auto complete = draft->archive.complete(draft->id, form);
            return complete ? Result<Digest>(sealed->sha256()) : tl::unexpected(complete.error());
        });
    const auto sealed = co_await sealing;
    if (!sealed) {
        co_return refused(services, site, parts.request, sealed.error());
    }
    made.sha256 = *sealed;
    auto claiming = claim_room(signing, made.nif, made.id, made.size);
    auto claimed = co_await std::move(claiming);
    if (!claimed) {
        co_return refused_room(signing, parts.request, std::move(claimed.error()));
    }
    made.created = signing.now();
    HeldTransaction held;
    const std::string base = sign_base(site, made.id);
    auto advancing = signing.advance(held, std::move(made));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        co_return refused(services, site, parts.request, advanced.error());
    }
    parts.draft->kept = true;
    if (visitor(parts.request, Unauthenticated::automatic) != Visitor::script) {
        co_return redirect_answer(303, base);
    }
    JsonObject json;
    json.text("review", site.origin + base);
    co_return json_answer(site, 202, json);
}

}  // namespace clave
