// The end of a session at the gateway: LogoutRequest out, LogoutResponse in (protocol-clave.md
// section 4). As in saml.h: nothing suspends, everything given is borrowed for the call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/saml.h"

namespace clave::saml {

struct LogoutRequest {
    std::string id;  // NCName, unique
    Time issue_instant{};
    std::string destination;  // the gateway
    std::string return_url;   // where it posts its answer: Issuer and SPNameQualifier
    std::string provider_id;  // ProviderName without its application: NameID
};

// After that the gateway need not heed the request any more (NotOnOrAfter).
inline constexpr Seconds kLogoutValidity{300};

// Signed XML as of sign_authn_request.
Result<std::string> sign_logout_request(const LogoutRequest& request, const PrivateKey& key,
                                        const Certificate& leaf);

// What the answer is measured against.
struct LogoutExpectations {
    std::vector<Certificate> gateway;  // pinned; any of their keys may sign
    std::vector<std::string> issuers;  // empty: any
    std::string return_url;            // Destination
    Seconds skew{60};
    Time now{};
};

// The gateway has ended its session, in answer to a request of ours. Only the validator can make
// one; that it is used once is the caller's to see to.
class VerifiedLogout {
  public:
    const std::string& request_id() const noexcept { return request_id_; }
    Time requested_at() const noexcept { return requested_at_; }

  private:
    friend class LogoutValidator;
    VerifiedLogout() = default;
    std::string request_id_;
    Time requested_at_{};
};

// `message`: the decoded logoutResponse. What is wrong with its form or signature has the codes of
// a login's answer, what is wrong with its content (also a failure that the gateway reports) is
// Code::logout.
Result<VerifiedLogout> validate_logout_response(std::string_view message,
                                                const LogoutExpectations& expected,
                                                const RequestProof& proof);

}  // namespace clave::saml
