#include "sign/sign_page.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/form.h"
#include "login/answer.h"
#include "login/same_origin.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// A certificate is renewed at the next signature from then on (product.md section 1).
constexpr Seconds kEndsSoon{60 * 24 * 3600};

Digest token_mac(const MasterKey& key, const Transaction& transaction, const Digest& session) {
    FieldWriter message;
    message.text("sign token");
    message.text(transaction.id);
    message.raw(transaction.sha256);
    message.raw(session);
    message.text(transaction.service);
    return hmac_sha256(key, message.take());
}

pages::DocumentView view_of(std::string_view media_type) noexcept {
    if (media_type == "text/plain" || media_type == "text/xml" || media_type == "application/xml") {
        return pages::DocumentView::text;
    }
    if (media_type == "text/html") {
        return pages::DocumentView::html;
    }
    if (media_type == "application/pdf") {
        return pages::DocumentView::pdf;
    }
    return media_type.starts_with("image/") ? pages::DocumentView::image
                                            : pages::DocumentView::none;
}

std::string_view shown_name(SignFormat format) noexcept {
    switch (format) {
        case SignFormat::cades:
            return "CAdES";
        case SignFormat::xades:
            return "XAdES";
        case SignFormat::pades:
            return "PAdES";
        case SignFormat::none:
            return "PKCS#1";
    }
    return {};
}

// "XAdES (ES-T)": the format really reached, where FIRe says it.
std::string format_in_words(const Transaction& transaction) {
    std::string words(shown_name(transaction.format));
    const std::string& reached = transaction.upgrade.reached;
    return reached.empty() ? words : words + " (" + reached + ")";
}

// Of several documents, and the texts that they borrow.
class DocumentWords {
  public:
    explicit DocumentWords(const Transaction& transaction) {
        if (transaction.documents.size() < 2) {
            return;
        }
        digests_.reserve(2 * transaction.documents.size());
        for (const AnnouncedDocument& document : transaction.documents) {
            pages::SignedDocument& one = all_.emplace_back();
            one.name = document.name;
            one.media_type = document.media_type;
            one.view = view_of(document.media_type);
            one.size = document.size;
            one.sha256 = digests_.emplace_back(hex_encode(document.sha256));
            one.lost = document.state == DocumentState::lost;
            if (document.state == DocumentState::finished) {
                one.signature_sha256 = digests_.emplace_back(hex_encode(document.signature_sha256));
            }
        }
    }
    DocumentWords(const DocumentWords&) = delete;
    DocumentWords& operator=(const DocumentWords&) = delete;
    ~DocumentWords() = default;

    std::span<const pages::SignedDocument> all() const noexcept { return all_; }

  private:
    std::vector<std::string> digests_;
    std::vector<pages::SignedDocument> all_;
};

}  // namespace

std::string sign_token(const Signing& signing, const Transaction& transaction,
                       const Digest& session) {
    return base64url_encode(token_mac(signing.services().sign_key.current(), transaction, session));
}

Result<void> check_sign_form(const Signing& signing, const Request& request,
                             const Transaction& transaction, const Digest& session) {
    if (!guard("sign sender", sender_of(signing.site(), request) != Sender::foreign)) {
        return fail(Code::origin, "a signature asked for by another site");
    }
    const auto fields = is_form_content_type(request.content_type)
                            ? parse_form(request.body)
                            : Result<std::vector<FormField>>(std::vector<FormField>());
    Digest claimed{};
    const auto is_token = [](const FormField& field) { return field.name == "token"; };
    const bool has_one =
        fields && std::count_if(fields->begin(), fields->end(), is_token) == 1 &&
        base64url_decode_to(claimed, std::find_if(fields->begin(), fields->end(), is_token)->value);
    const bool good =
        has_one && verify_mac(signing.services().sign_key, claimed, [&](const MasterKey& key) {
            return token_mac(key, transaction, session);
        });
    if (!guard("sign token", good)) {
        return fail(Code::origin, "a signature asked for by no page of ours");
    }
    return {};
}

Reply sign_page(const Signing& signing, const Request& request, PageId page,
                const Transaction& transaction, const Digest& session, const SignPageFacts& more) {
    const ReceiptWords& receipt = more.receipt;
    const std::string base = sign_base(signing.site(), transaction.id);
    const std::string number = sign_number(transaction.id);
    const std::string sha = hex_encode(transaction.sha256);
    const std::string signature = transaction.signature_sha256 == Digest{}
                                      ? std::string()
                                      : hex_encode(transaction.signature_sha256);
    const std::string token = sign_token(signing, transaction, session);
    pages::SignFacts sign;
    sign.base = base;
    sign.number = number;
    sign.title = transaction.title;
    sign.procedure = transaction.procedure;
    sign.document_name = transaction.document_name;
    sign.media_type = transaction.media_type;
    sign.view = view_of(transaction.media_type);
    sign.fields = more.fields;
    sign.way = way_of(transaction);
    sign.size = transaction.size;
    sign.sha256 = sha;
    sign.signer_name =
        receipt.signer_name.empty() ? transaction.name : std::string_view(receipt.signer_name);
    sign.signer_nif = transaction.nif;
    const std::string format = format_in_words(transaction);
    sign.format = format;
    const std::string address = signing.site().origin + base;
    sign.address = address;
    sign.ready = transaction.waits() ? transaction.ask_at : Time{};
    sign.origin = signing.site().origin;
    sign.token = token;
    sign.redirect = transaction.redirect;
    sign.signature_sha256 = signature;
    sign.certificate_issuer = receipt.issuer;
    sign.certificate_serial = receipt.serial;
    sign.signed_at = transaction.signed_at;
    sign.delivered = transaction.state == SignState::delivered;
    sign.unconfirmed = !sign.delivered && transaction.delivering_until != Time{};
    sign.certificate_ends = receipt.not_after;
    sign.certificate_ends_soon =
        receipt.not_after != Time{} && receipt.not_after < signing.now() + kEndsSoon;
    const DocumentWords words(transaction);
    sign.documents = words.all();
    sign.reason = transaction.reason;
    pages::Facts facts;
    facts.sign = &sign;
    if (page == PageId::sign_failed || page == PageId::sign_lost) {
        facts.ref = number;  // under which the log has the cause
    }
    if (transaction.is_of_application()) {
        facts.onward = transaction.target;
        if (is_end(transaction.state)) {
            sign.token = {};  // only its application can order it again
        }
    }
    return page_answer(signing.services(), signing.site(), request, status_of(page, transaction),
                       page, facts);
}

pages::SignWay way_of(const Transaction& transaction) noexcept {
    if (transaction.is_of_application()) {
        return pages::SignWay::order;
    }
    return transaction.answered ? pages::SignWay::answer : pages::SignWay::form;
}

// Of a service that may be back in a minute, 503 (product.md 8.2); what was refused as somebody
// else's or as something else, 409 (F-02, F-05).
int status_of(PageId page, const Transaction& transaction) noexcept {
    switch (page) {
        case PageId::sign_pending:
            return 202;
        case PageId::sign_expired:
            return 410;
        case PageId::sign_failed:
            switch (transaction.reason) {
                case SignReason::unavailable:
                    return 503;
                case SignReason::wrong_signer:
                case SignReason::wrong_document:
                    return 409;
                default:
                    return 502;
            }
        case PageId::sign_lost:
            return 502;
        case PageId::sign_weak_registration:
        case PageId::sign_registration_old:
        case PageId::sign_blocked:
        case PageId::sign_no_registration:
            return 403;
        default:
            return 200;
    }
}

PageId page_of_end(const Transaction& transaction) noexcept {
    switch (transaction.state) {
        case SignState::cancelled:
            return PageId::sign_cancelled;
        case SignState::expired:
            return PageId::sign_expired;
        case SignState::lost:
            return PageId::sign_lost;
        default:
            break;
    }
    switch (transaction.reason) {
        case SignReason::cancelled:
            return PageId::sign_cancelled;
        case SignReason::no_registration:
            return PageId::sign_no_registration;
        case SignReason::weak_registration:
            return PageId::sign_weak_registration;
        case SignReason::old_registration:
            return PageId::sign_registration_old;
        case SignReason::blocked:
            return PageId::sign_blocked;
        case SignReason::no_certificate:
            return PageId::sign_no_certificate;
        case SignReason::expired:
            return PageId::sign_expired;
        case SignReason::gateway:
        case SignReason::unavailable:
        case SignReason::wrong_signer:
        case SignReason::wrong_document:
        case SignReason::configuration:
        case SignReason::forgotten:
            break;
    }
    return PageId::sign_failed;
}

}  // namespace clave
