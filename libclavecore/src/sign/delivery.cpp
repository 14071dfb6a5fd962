// The gate's side of handing over what was signed, a form or a document of the application's own:
// once, to the address that it was made for.
#include <utility>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/iso_time.h"
#include "clave/offload.h"
#include "login/answer.h"
#include "login/browser.h"
#include "login/form_record.h"
#include "login/set_cookie.h"
#include "sign/late_upgrade.h"
#include "sign/overdue.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// No other request gets it meanwhile; after that the application has died without an answer.
constexpr Seconds kDelivering{300};

// Longer than a document is on its way without a piece of it.
constexpr Seconds kTakingIn{3600};
// Then no store has the transaction, if there ever was one.
constexpr Seconds kForgotten = kForgottenAfter + Seconds{3600};

std::vector<std::pair<std::string_view, std::string>> headers_of(const Site& site,
                                                                 const Transaction& is) {
    std::vector<std::pair<std::string_view, std::string>> headers{
        {"Id", is.id},
        {"State", std::string(word(SignState::finished))},
        {"Nif", is.nif},
        {"Format", std::string(word(is.format))},
        {"Sha256", hex_encode(is.sha256)},
        {"Signature-Sha256", hex_encode(is.signature_sha256)},
        {"Certificate-Sha256", hex_encode(is.certificate_sha256)},
        {"Time", format_utc(is.signed_at)},
        {"Receipt", sign_base(site, is.id)}};
    if (!is.upgrade.reached.empty()) {
        headers.emplace_back("Upgrade", is.upgrade.reached);
    }
    return headers;
}

// The form as it was sent, or the signature in the request that was made for it.
Result<std::vector<std::byte>> waiting_request(const Archive& archive, const std::string& id,
                                               const Digest& signature_sha256, std::size_t most,
                                               std::uint64_t most_signature) {
    auto form = archive.read(id, Archive::kForm, most);
    if (!form || !wants_signature(*form)) {
        return form;
    }
    const auto signature = archive.read(id, Archive::kSignature, most_signature);
    if (!signature) {
        return tl::unexpected(signature.error());
    }
    // What was verified, and nothing that took its place.
    if (!guard("sign delivery digest", sha256(*signature) == signature_sha256)) {
        return fail(Code::sign_digest, "the archive has another signature");
    }
    form->insert(form->end(), signature->begin(), signature->end());
    return form;
}

Task<void> note_delivery(Signing signing, std::string id, std::optional<int> status) {
    // Whoever says that it is not found, too large or without a right has not received it either.
    const bool delivered = status && *status < 400;
    auto finding = signing.find(std::move(id));
    auto found = co_await std::move(finding);
    if (!found || !*found || (*found)->is.state != SignState::finished) {
        co_return;
    }
    HeldTransaction& held = **found;
    Transaction next = held.is;
    next.delivering_until = status && !delivered ? signing.now() : Time{};
    if (delivered) {
        next.state = SignState::delivered;
    }
    auto advancing = signing.advance(held, std::move(next));
    const auto advanced = co_await std::move(advancing);
    if (!advanced) {
        signing.log(Severity::error, info(advanced.error().code).word, held.is,
                    advanced.error().detail);
        co_return;
    }
    if (delivered && *advanced) {
        // The request goes when the store has forgotten the transaction (checklist F-20): until
        // then a Redis that takes over and has not heard of the delivery could ask for it again.
        auto marking = offload(
            signing.services().pool,
            [archive = signing.archive(), id = held.is.id, when = kept_until(held.is) + kTakingIn] {
                return archive.mark_for(id, Archive::kDelivered, when);
            });
        static_cast<void>(co_await marking);
    }
}

Task<void> sweep(Signing signing) {
    const Time now = signing.now();
    auto sweeping = offload(signing.services().pool, [archive = signing.archive(), now,
                                                      retain = signing.settings().retain] {
        const std::size_t old = retain == Seconds{0} ? 0 : archive.sweep(now - retain);
        archive.sweep_forms(now);
        return old + archive.sweep_unfinished(now - kTakingIn, now - kForgotten);
    });
    static_cast<void>(co_await sweeping);
}

}  // namespace

Task<std::optional<SignedForm>> Gate::fetch_signed(const Site& site, const Request& request,
                                                   const Identified& who) const {
    const std::string_view id = cookies_of(site, request).signature;
    if (site.signing == nullptr || services_->desk == nullptr || !is_sign_id(id) ||
        request.method != "GET") {
        co_return std::nullopt;
    }
    const Signing signing(*services_, site);
    auto finding = signing.find(std::string(id));
    auto found = co_await std::move(finding);
    if (!found || !*found || (*found)->is.is_of_application()) {
        co_return std::nullopt;
    }
    HeldTransaction& held = **found;
    const bool theirs = guard("sign delivery owner", belongs_to(held.is, site, who));
    const bool there = guard("sign delivery target", held.is.target == request.raw_target);
    const bool ready = guard("sign delivery state", held.is.state == SignState::finished) &&
                       held.is.delivering_until <= signing.now();
    if (!theirs || !there || !ready || signing.parts() == nullptr) {
        co_return std::nullopt;
    }
    Transaction next = held.is;
    next.delivering_until = signing.now() + kDelivering;
    auto advancing = signing.advance(held, std::move(next));
    const auto won = co_await std::move(advancing);
    if (!won || !*won) {
        co_return std::nullopt;
    }
    auto reading =
        offload(services_->pool,
                [archive = signing.archive(), id = held.is.id, sha256 = held.is.signature_sha256,
                 most = most_form(site), most_signature = site.signing->fire.most_signature_bytes] {
                    return waiting_request(archive, id, sha256, most, most_signature);
                });
    auto bytes = co_await reading;
    auto form = bytes ? decode_form(std::move(*bytes)) : std::nullopt;
    if (!form) {
        signing.log(Severity::error, info(bytes ? Code::store : bytes.error().code).word, held.is,
                    bytes ? "not a form" : bytes.error().detail);
        co_return std::nullopt;
    }
    form->forget_cookie = expired_cookie(sign_cookie_name(site));
    std::string page = sign_base(site, held.is.id);
    Reply unreached = redirect_answer(303, page);
    SignedForm handed{std::move(*form), held.is.id, std::move(page), headers_of(site, held.is),
                      std::move(unreached)};
    co_return std::optional<SignedForm>(std::move(handed));
}

void Gate::erase_old_signatures(const Site& site) const {
    const Signing signing(*services_, site);
    if (signing.parts() != nullptr) {
        signing.parts()->chores.begin(sweep(signing));
    }
}

void Gate::end_overdue(const Site& site) const {
    const Signing signing(*services_, site);
    if (signing.parts() != nullptr) {
        signing.parts()->chores.begin(clave::end_overdue(signing));
    }
}

void Gate::go_on_waiting(const Site& site) const {
    const Signing signing(*services_, site);
    if (signing.parts() != nullptr) {
        signing.parts()->chores.begin(clave::go_on_waiting(signing));
    }
}

void Gate::hand_over_ended(const Site& site, const std::string& id,
                           std::optional<int> status) const {
    const Signing signing(*services_, site);
    if (signing.parts() != nullptr) {
        signing.parts()->chores.begin(note_delivery(signing, id, status));
    }
}

}  // namespace clave
