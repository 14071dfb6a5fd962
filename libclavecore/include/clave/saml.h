// The messages of the gateway: AuthnRequest out, Response in (protocol-clave.md sections 2 and 3).
//
// Nothing here suspends; both take milliseconds of CPU and belong on the WorkerPool. Everything
// they are given is borrowed for the call. Safe on any thread after saml::initialise().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clave/host.h"
#include "clave/identity.h"
#include "clave/pki.h"

namespace clave::saml {

// Once per process, from the main thread, before any other call; idempotent. Never undone: other
// modules of the host may use the same libraries (H-35).
void initialise() noexcept;

struct AuthnRequest {
    std::string id;  // NCName, unique
    Time issue_instant{};
    std::string destination;  // the gateway
    std::string acs_url;
    std::string provider_name;
    std::string issuer;       // empty: no Issuer element
    std::string relay_state;  // value of the RelayState attribute
    Loa loa = Loa::low;
    std::vector<Method> excluded;  // methods without a known attribute are skipped
};

// Signed XML (rsa-sha512 or ecdsa-sha512, exc-c14n, enveloped, leaf certificate), not base64.
Result<std::string> sign_authn_request(const AuthnRequest& request, const PrivateKey& key,
                                       const Certificate& leaf);

// What the answer is measured against.
struct Expectations {
    std::vector<Certificate> gateway;    // pinned; any of their keys may sign
    std::vector<std::string> issuers;    // empty: any
    std::vector<PrivateKey> decryption;  // tried in order; the first is the signing key
    std::string acs_url;                 // Destination, Recipient and an Audience
    std::string own_issuer;              // a further accepted Audience, if not empty
    bool require_encryption = false;
    Seconds skew{60};
    Time now{};
    bool represented_allowed_somewhere = true;
    // The configured proof of an advanced registration; empty name: none.
    std::string registration_attribute;
    std::vector<std::string> registration_values;
    std::vector<std::string> wanted_attributes;  // Names (URIs) kept in Identity::attributes
};

// Who wrote InResponseTo: the caller authenticates the ID against the RelayState that came with the
// message (product.md 8.1) and gives the time at which the request was made.
struct RequestProof {
    virtual Result<Time> issued_at(std::string_view request_id) const = 0;

  protected:
    ~RequestProof() = default;
};

// A success. Only the validator can make one: having it means that every check of
// security-checklist.md section 0 up to the attributes has passed.
class VerifiedAssertion {
  public:
    const Identity& identity() const noexcept { return identity_; }
    const Credential& credential() const noexcept { return credential_; }
    const std::string& request_id() const noexcept { return request_id_; }
    const std::string& assertion_id() const noexcept { return assertion_id_; }
    Time issued_at() const noexcept { return issued_at_; }  // by the gateway's clock
    // Until when the same assertion could be presented again; replay marks live that long.
    Time not_on_or_after() const noexcept { return not_on_or_after_; }
    std::optional<Time> session_not_on_or_after() const noexcept { return session_end_; }

  private:
    friend class ResponseValidator;
    VerifiedAssertion() = default;
    Identity identity_;
    Credential credential_;
    std::string request_id_;
    std::string assertion_id_;
    Time issued_at_{};
    Time not_on_or_after_{};
    std::optional<Time> session_end_;
};

// A failure that the gateway really signed for this request: the person cancelled, or the method or
// the gateway failed.
class SignedRefusal {
  public:
    // Code::cancelled: AuthnFailed or RequestDenied. Code::loa, Code::represented: the gateway says
    // that the level was not reached, or that a certificate is not that of a person in his own name
    // (protocol-clave.md 3.5). Code::status: anything else.
    Code code() const noexcept { return code_; }
    const std::string& request_id() const noexcept { return request_id_; }
    // Printable, at most 256 bytes, for the log only.
    const std::string& status() const noexcept { return status_; }

  private:
    friend class ResponseValidator;
    SignedRefusal() = default;
    Code code_ = Code::status;
    std::string request_id_;
    std::string status_;
};

using Outcome = std::variant<VerifiedAssertion, SignedRefusal>;

// `message`: the decoded SAMLResponse, at most kMaxMessage bytes. The order of the checks is that
// of security-checklist.md section 0; the code of the first that fails is returned.
inline constexpr std::size_t kMaxMessage = 131072;  // protocol-clave.md section 1
Result<Outcome> validate_response(std::string_view message, const Expectations& expected,
                                  const RequestProof& proof);

}  // namespace clave::saml
