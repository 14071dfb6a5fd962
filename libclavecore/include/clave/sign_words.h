// What becomes of a document that is to be signed, in the words that applications, pages and logs
// share (product.md section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clave {

enum class SignFormat { cades, xades, pades, none };
inline constexpr std::size_t kSignFormats = static_cast<std::size_t>(SignFormat::none) + 1;

enum class SignState : std::uint8_t {
    created,     // frozen
    shown,       // its person has seen it
    confirmed,   // and wants to sign; FIRe is being asked
    at_gateway,  // the person is at Cl@ve Firma
    recovering,  // back, and FIRe is being asked for what cannot be asked for twice
    finished,    // signed, verified, in the archive; "signed" to everybody else
    delivered,   // the application has it
    cancelled,
    failed,  // with a reason
    expired,
    lost,  // FIRe may have handed it over, and it is not here: never signed again by itself
};
inline constexpr std::size_t kSignStates = static_cast<std::size_t>(SignState::lost) + 1;

// Of a failure.
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
    forgotten,          // of `lost`: the session store has lost how far it was
};
inline constexpr std::size_t kSignReasons = static_cast<std::size_t>(SignReason::forgotten) + 1;

// "cades"; "at_gateway"; "wrong_signer". Never fail.
std::string_view word(SignFormat format) noexcept;
std::string_view word(SignState state) noexcept;
std::string_view word(SignReason reason) noexcept;

// Whether it is the person's alone to repair: his will, his time, his registration or certificate.
bool is_of_person(SignReason reason) noexcept;

// Of its signatures: "application/pdf".
std::string_view media_type(SignFormat format) noexcept;

}  // namespace clave
