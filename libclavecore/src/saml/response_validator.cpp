// The order of the checks, in one place (security-checklist.md section 0).
#include <algorithm>
#include <span>

#include "base/guard.h"
#include "clave/iso_time.h"
#include "clave/saml.h"
#include "clave/secret.h"
#include "saml/conditions.h"
#include "saml/decrypt.h"
#include "saml/message.h"
#include "saml/node.h"
#include "saml/person.h"
#include "saml/quiet.h"
#include "saml/signature.h"
#include "saml/status.h"
#include "saml/structure.h"

namespace clave::saml {

class ResponseValidator {
  public:
    ResponseValidator(const Expectations& expected, const RequestProof& proof)
        : expected_(expected), proof_(proof), clock_(expected.now, expected.skew) {}

    Result<Outcome> run(std::string_view message) {
        Result<Document> document = read_message(message, element::kResponse);
        if (!document) {
            return tl::unexpected(std::move(document.error()));
        }
        const xmlNode* response = document->root();

        if (auto good = verify_signature(*document, document->root(), expected_.gateway); !good) {
            return tl::unexpected(std::move(good.error()));
        }
        Result<xmlNode*> assertion = open_assertion(*document);
        if (!assertion) {
            return tl::unexpected(std::move(assertion.error()));
        }

        // What an answer is comes before what is in it: refusals carry an assertion too.
        Result<Status> status = read_status(response);
        if (!status) {
            return tl::unexpected(std::move(status.error()));
        }
        if (auto good = check_envelope(response); !good) {
            return tl::unexpected(std::move(good.error()));
        }
        if (!status->success) {
            return refusal(*std::move(status));
        }
        return accept(*document, *assertion);
    }

  private:
    // The assertion, decrypted if need be, its own signature checked if it has one; null if the
    // Response holds none.
    Result<xmlNode*> open_assertion(Document& document) const {
        xmlNode* assertion = child(document.root(), element::kAssertion);
        xmlNode* encrypted = child(document.root(), element::kEncryptedAssertion);
        if (encrypted != nullptr) {
            Result<std::string> plain = decrypt(encrypted, expected_.decryption);
            if (!plain) {
                return tl::unexpected(std::move(plain.error()));
            }
            Result<xmlNode*> opened = document.replace_content(encrypted, *plain);
            wipe(std::as_writable_bytes(std::span(*plain)));
            if (!opened) {
                return opened;
            }
            if (auto good = check_decrypted(document, *opened); !good) {
                return tl::unexpected(std::move(good.error()));
            }
            assertion = *opened;
        }
        if (child(assertion, element::kSignature) != nullptr) {
            if (auto good = verify_signature(document, assertion, expected_.gateway); !good) {
                return tl::unexpected(std::move(good.error()));
            }
        }
        return assertion;
    }

    static Result<void> check_decrypted(const Document& document, xmlNode* opened) {
        if (auto good = check_tree(document.get()); !good) {
            return good;
        }
        if (!guard("message.decrypted-assertion", is(opened, element::kAssertion))) {
            return fail(Code::structure, "decrypted content is not an Assertion");
        }
        return check_shape(opened);
    }

    // Issuer, Destination, InResponseTo and age of the Response.
    Result<void> check_envelope(const xmlNode* response) {
        const std::string issuer = text_of(child(response, element::kIssuer));
        const bool known = expected_.issuers.empty() ||
                           std::ranges::find(expected_.issuers, issuer) != expected_.issuers.end();
        if (!guard("response.issuer", known)) {
            return fail(Code::issuer, "the Issuer is not on the list");
        }
        if (!guard("response.destination",
                   attribute(response, "Destination") == expected_.acs_url)) {
            return fail(Code::destination, "Destination is not this service");
        }
        request_id_ = attribute(response, "InResponseTo").value_or("");
        if (!guard("response.in-response-to", !request_id_.empty())) {
            return fail(Code::in_response_to, "answers no request");
        }
        const Result<Time> issued = proof_.issued_at(request_id_);
        if (!guard("response.request-proof", issued.has_value())) {
            return tl::unexpected(issued.error());
        }
        requested_at_ = issued.value_or(expected_.now);
        return check_issue_instant(response, clock_);
    }

    Result<Outcome> refusal(Status status) const {
        SignedRefusal refusal;
        refusal.code_ = status.failure;
        refusal.request_id_ = request_id_;
        refusal.status_ = std::move(status.text);
        return refusal;
    }

    Result<Outcome> accept(const Document& document, const xmlNode* assertion) const {
        if (!guard("assertion.present", assertion != nullptr)) {
            return fail(Code::structure, "success without an assertion");
        }
        const bool was_encrypted = child(document.root(), element::kEncryptedAssertion) != nullptr;
        if (!guard("assertion.encrypted", was_encrypted || !expected_.require_encryption)) {
            return fail(Code::structure, "the assertion is not encrypted");
        }
        const std::string id = attribute(assertion, "ID").value_or("");
        if (!guard("assertion.id", is_identifier(id))) {
            return fail(Code::structure, "an assertion without ID");
        }
        if (!guard("assertion.version", attribute(assertion, "Version") == "2.0")) {
            return fail(Code::structure, "not a SAML 2.0 assertion");
        }
        if (auto good = check_issue_instant(assertion, clock_); !good) {
            return tl::unexpected(std::move(good.error()));
        }
        Result<Subject> subject = read_subject(assertion, request_id_, expected_, clock_);
        if (!subject) {
            return tl::unexpected(std::move(subject.error()));
        }
        Result<Time> valid_until = check_conditions(assertion, expected_, clock_);
        if (!valid_until) {
            return tl::unexpected(std::move(valid_until.error()));
        }
        Result<Authentication> authentication =
            read_authentication(assertion, requested_at_, clock_);
        if (!authentication) {
            return tl::unexpected(std::move(authentication.error()));
        }
        Result<Attributes> attributes = Attributes::read(assertion);
        if (!attributes) {
            return tl::unexpected(std::move(attributes.error()));
        }
        Result<Person> person = read_person(*attributes, subject->name_id, expected_);
        if (!person) {
            return tl::unexpected(std::move(person.error()));
        }

        VerifiedAssertion verified;
        verified.identity_ = std::move(person->identity);
        verified.credential_ = {person->method, authentication->loa, person->advanced_registration,
                                person->represented, authentication->instant};
        verified.request_id_ = request_id_;
        verified.assertion_id_ = id;
        verified.issued_at_ =
            parse_utc(attribute(assertion, "IssueInstant").value_or("")).value_or(expected_.now);
        // Presented again, it would pass until both have ended for us: our clock may be behind.
        verified.not_on_or_after_ =
            std::max(subject->not_on_or_after, *valid_until) + expected_.skew;
        verified.session_end_ = authentication->session_end;
        return verified;
    }

    const Expectations& expected_;
    const RequestProof& proof_;
    Clockwork clock_;
    std::string request_id_;
    Time requested_at_{};
};

Result<Outcome> validate_response(std::string_view message, const Expectations& expected,
                                  const RequestProof& proof) {
    const Quiet quiet;
    return ResponseValidator(expected, proof).run(message);
}

}  // namespace clave::saml
