// The gateway's answer to a logout: as with a login's, nothing counts but what the pinned key
// signed (S-69, CVE-2014-8567).
#include "clave/saml_logout.h"
#include "saml_world.h"
#include "signed_bytes.h"
#include "target.h"

namespace clave::fuzz {
namespace {

Result<saml::VerifiedLogout> validate_logout(std::string_view message) {
    static const saml::LogoutExpectations expected{
        .gateway = expectations().gateway,
        .issuers = {},
        .return_url = "https://sede.example.gob.es/.clave/acs",
        .now = kNow};
    return saml::validate_logout_response(message, expected, OneRequest{});
}

}  // namespace

bool run(std::string_view input) {
    require(!validate(input), "an answer to a logout is none to a login");
    const auto verified = validate_logout(input);
    if (!verified) {
        // What lies behind the signature is reached all the same.
        const GuardsOff off(kVerification);
        static_cast<void>(validate_logout(input));
        return false;
    }
    require(verified->request_id() == kRequestId, "it answers our request");
    const auto canonical = signed_bytes(input, gateway_certificate());
    require(canonical.has_value(), "what is accepted was signed by the pinned key");
    const GuardsOff off(kVerificationAndCaps);
    require(validate_logout(with_some_signature(*canonical)).has_value(),
            "nothing that was not signed was read");
    return true;
}

}  // namespace clave::fuzz
