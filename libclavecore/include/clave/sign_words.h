// Why a document was not signed, in the words that applications, pages and logs share (product.md
// section 5).
#pragma once

#include <string_view>

namespace clave {

enum class SignReason {
    cancelled,          // the person did not want to
    no_registration,    // unknown to Cl@ve
    weak_registration,  // registered without showing up, or without a certificate
    old_registration,   // registered more than five years ago
    blocked,            // the signing certificate is blocked
    no_certificate,     // there is none, and none could be issued
    gateway,            // the signing service failed
    unavailable,        // it could not be reached, or is not working
    expired,            // too late, or not ours
    wrong_signer,       // signed by somebody else
    wrong_document,     // something else was signed, or would have been
    configuration,      // what we ask for cannot be asked for: ours to repair
};

std::string_view word(SignReason reason) noexcept;

}  // namespace clave
