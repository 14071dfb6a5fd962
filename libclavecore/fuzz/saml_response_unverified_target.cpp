// The same answers as if every signature were good: all that comes behind that check.
#include "saml_world.h"
#include "target.h"

namespace clave::fuzz {

bool run(std::string_view input) {
    const auto outcome = validate_unverified(input);
    if (!outcome) {
        require(!info(outcome.error().code).word.empty(), "a refusal has a code");
        return false;
    }
    check_outcome(*outcome);
    const auto again = validate_unverified(input);
    require(again && is_same(*outcome, *again), "the same answer twice says the same");
    return true;
}

}  // namespace clave::fuzz
