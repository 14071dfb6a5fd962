// The order of the checks of a LogoutResponse: that of a login's answer, as far as there is one
// (security-checklist.md section 0, S-69).
#include <algorithm>

#include "base/guard.h"
#include "clave/saml_logout.h"
#include "saml/conditions.h"
#include "saml/message.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/signature.h"
#include "saml/status.h"

namespace clave::saml {

class LogoutValidator {
  public:
    LogoutValidator(const LogoutExpectations& expected, const RequestProof& proof)
        : expected_(expected), proof_(proof) {}

    Result<VerifiedLogout> run(std::string_view message) const {
        const Result<Document> document = read_message(message, element::kLogoutResponse);
        if (!document) {
            return tl::unexpected(document.error());
        }
        xmlNode* response = document->root();
        if (auto good = verify_signature(*document, response, expected_.gateway); !good) {
            return tl::unexpected(std::move(good.error()));
        }
        const std::string issuer = text_of(child(response, element::kIssuer));
        const bool known = expected_.issuers.empty() ||
                           std::ranges::find(expected_.issuers, issuer) != expected_.issuers.end();
        if (!guard("logout.issuer", known)) {
            return fail(Code::logout, "the Issuer is not on the list");
        }
        if (!guard("logout.destination",
                   attribute(response, "Destination") == expected_.return_url)) {
            return fail(Code::logout, "Destination is not this service");
        }
        return check_content(response);
    }

  private:
    Result<VerifiedLogout> check_content(const xmlNode* response) const {
        VerifiedLogout verified;
        verified.request_id_ = attribute(response, "InResponseTo").value_or("");
        const Result<Time> requested_at = proof_.issued_at(verified.request_id_);
        if (!guard("logout.request-proof", requested_at.has_value())) {
            return fail(Code::logout, requested_at.error().detail);
        }
        verified.requested_at_ = requested_at.value_or(expected_.now);

        const auto fresh = check_issue_instant(response, Clockwork(expected_.now, expected_.skew));
        if (!guard("logout.time", fresh.has_value())) {
            return fail(Code::logout, fresh.error().detail);
        }
        const Result<Status> status = read_status(response);
        if (!guard("logout.status", status.has_value())) {
            return fail(Code::logout, status.error().detail);
        }
        if (!guard("logout.success", !status || status->success)) {
            return fail(Code::logout, status->text);
        }
        return verified;
    }

    const LogoutExpectations& expected_;
    const RequestProof& proof_;
};

Result<VerifiedLogout> validate_logout_response(std::string_view message,
                                                const LogoutExpectations& expected,
                                                const RequestProof& proof) {
    const Quiet quiet;
    return LogoutValidator(expected, proof).run(message);
}

}  // namespace clave::saml
