// From a form to a frozen document (product.md section 5, F-05).
#include <algorithm>
#include <utility>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/identity.h"
#include "clave/offload.h"
#include "clave/verified_signature.h"
#include "login/answer.h"
#include "login/form_record.h"
#include "login/page_language.h"
#include "login/target.h"
#include "sign/intake.h"
#include "sign/quota.h"
#include "sign/sign_endpoints.h"
#include "sign/sign_page.h"
#include "sign/take_in.h"

namespace clave {
namespace {

constexpr std::size_t kMostFormHead = 64 * 1024;

// The page leads back to where the form came from: the browser still has what was typed.
Reply refused(const LoginServices& services, const Site& site, const Request& request,
              Error error) {
    const std::string back = calling_page(site, request);
    pages::Facts facts;
    facts.onward = back;
    return refusal_page(services, site, request, std::move(error), facts);
}

}  // namespace

Transaction transaction_of(const Site& site, const SignOrder& order, const Identified& who) {
    Transaction made;
    made.service = site.service();
    made.session = who.key;
    made.nif = who.session.nif;
    made.name = full_name(who.session);
    made.credential = who.session.credential;
    made.login = login_proof(who.session);
    made.format = order.format;
    made.operation = order.operation;
    made.wanted_upgrade = order.upgrade;
    made.requirement = order.requirement;
    made.title = order.title;
    made.procedure = order.procedure;
    return made;
}

LoginProof login_proof(const SessionView& session) {
    return {std::string(session.assertion), session.response};
}

std::string full_name(const SessionView& session) {
    Identity identity;
    identity.given_name = session.given_name;
    identity.first_surname = session.first_surname;
    identity.surnames = session.surnames;
    return identity.full_name();
}

std::uint64_t most_document(const Site& site, SignFormat format) noexcept {
    const std::uint64_t most = site.signing->fire.most_document_bytes;
    return format == SignFormat::xades ? std::min(most, kMostXadesDocumentBytes) : most;
}

std::size_t Gate::most_form(const Site& site) noexcept {
    const std::uint64_t most = site.signing ? site.signing->fire.most_document_bytes : 0;
    return static_cast<std::size_t>(most) + kMostFormHead;
}

Reply Gate::too_large_to_sign(const Site& site, const Request& request) const {
    return refused(*services_, site, request, Error{Code::sign_too_large, "a form over the limit"});
}

Task<Reply> Gate::take_to_sign(const Site& site, const SignOrder& order, const Request& request,
                               const Identified& who) const {
    const LoginServices& services = *services_;
    if (!is_valid_nif(who.session.nif)) {
        co_return refused(services, site, request, Error{Code::sign_foreign, {}});
    }
    const std::string target = safe_target(site, request.raw_target);
    auto document = document_of(request, order);
    if (!document) {
        co_return refused(services, site, request, std::move(document.error()));
    }
    if (document->bytes.size() > most_document(site, order.format) ||
        target != request.raw_target) {
        co_return refused(services, site, request,
                          Error{Code::sign_too_large, "a document or address over the limit"});
    }
    auto id = make_sign_id(services.random);
    HeldTransaction held;
    Transaction made = transaction_of(site, order, who);
    made.target = order.deliver.empty() ? request.raw_target : std::string_view(order.deliver);
    made.document_name = document->name;
    made.media_type = document->media_type;
    made.size = document->bytes.size();
    made.sha256 = sha256(document->bytes);
    if (!id || !services.random.fill(made.nonce)) {
        co_return refused(services, site, request, Error{Code::random, {}});
    }
    made.id = std::move(*id);
    made.created = services.clock.now();

    const Signing signing(services, site);
    auto claiming = claim_room(signing, made.nif, made.id, made.size);
    auto claimed = co_await std::move(claiming);
    if (!claimed) {
        const std::string back = calling_page(site, request);
        co_return quota_page(signing, request, std::move(claimed.error()), pages::SignWay::form,
                             back);
    }
    auto freezing =
        offload(services.pool,
                [archive = signing.archive(), id = made.id, bytes = std::move(document->bytes),
                 form = encode_form(request), fields = std::move(document->fields)] {
                    return archive.create(id, as_bytes(bytes), form, fields);
                });
    const Result<void> frozen = co_await freezing;
    if (!frozen) {
        co_return refused(services, site, request, frozen.error());
    }
    const std::string base = sign_base(site, made.id);
    auto advancing = signing.advance(held, std::move(made));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        co_return refused(services, site, request, advanced.error());
    }
    co_return redirect_answer(303, base);
}

}  // namespace clave
