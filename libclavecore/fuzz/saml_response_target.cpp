// An answer of the gateway as it comes from the browser. Whatever is accepted was signed by the
// pinned key, and nothing but the octets that were signed decided what it says (S-01 to S-29).
#include "saml_world.h"
#include "signed_bytes.h"
#include "target.h"

namespace clave::fuzz {

bool run(std::string_view input) {
    const auto outcome = validate(input);
    if (!outcome) {
        require(!info(outcome.error().code).word.empty(), "a refusal has a code");
        return false;
    }
    const auto canonical = signed_bytes(input, gateway_certificate());
    require(canonical.has_value(), "what is accepted was signed by the pinned key");
    const GuardsOff off(kVerificationAndCaps);
    const auto again = validate(with_some_signature(*canonical));
    require(again && is_same(*outcome, *again), "nothing that was not signed was read");
    check_outcome(*outcome);
    return true;
}

}  // namespace clave::fuzz
