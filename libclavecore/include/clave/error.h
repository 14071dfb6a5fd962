// Everything that can be refused, under a stable code.
//
// A code decides four things at once, in one table (src/base/error.cpp): the word in the log, the
// HTTP status, the page the citizen sees, and how loud the log line is. Source:
// product.md 8.2, 8.3; the codes are those of the security checklist.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace clave {

enum class Code {
    // The message itself.
    format,               // E-FMT        not a well-formed message: size, base64, XML, form
    too_large,            // E-SIZE       over a size cap
    structure,            // E-STRUCT     well-formed, but not the shape of a gateway answer
    id_duplicate,         // E-ID-DUP     two elements claim one ID
    signature_none,       // E-SIG-NONE   the response is not signed
    signature_form,       // E-SIG-FORM   ds:Signature has unexpected children
    signature_ref,        // E-SIG-REF    not exactly one reference, to the root
    signature_algorithm,  // E-SIG-ALG   algorithm not on the list
    signature_transform,  // E-SIG-XFORM transform not on the list
    signature_binding,    // E-SIG-BIND  signed element is not the element used
    signature_key,        // E-SIG-KEY   no pinned key verifies it, and it names another key
    signature,            // E-SIG       the signature does not verify
    decryption,           // E-DEC
    // What it says.
    status,          // E-STATUS     the gateway reports a failure (not a cancellation)
    cancelled,       // E-CANCEL     the person cancelled, or the method failed
    issuer,          // E-ISS
    destination,     // E-DEST
    in_response_to,  // E-IRT
    relay_state,     // E-RELAY
    audience,        // E-AUD
    time,            // E-TIME
    subject,         // E-SUBJ
    loa,             // E-LOA
    attribute,       // E-ATTR
    replay,          // E-REPLAY
    represented,     // E-REPR       legal person or representative where not allowed
    logout,          // E-SLO        a logout that nobody here asked for, or not confirmed
    // The browser and its session.
    state,            // E-STATE      login state missing, expired, or of another browser
    subject_change,   // E-SUBJ-CHANGE  a step-up came back as somebody else
    level,            // E-LEVEL      identified, but not as this location asks
    registration,     // E-REG        registration in Cl@ve too weak
    loop,             // E-LOOP       logins keep succeeding and not sticking
    post_lost,        // E-POST-LOST  a form met an ended session
    post_too_large,   // E-POST-SIZE  and is too large to wait for a login
    post_no_room,     // E-POST-ROOM  and there is no room left for it to wait
    left,             // E-LEFT       whoever brought an answer did not wait for what became of it
    unauthenticated,  // E-AUTH       no session (XHR; not logged as an attack)
    origin,           // E-ORIGIN     asked for by a page of another site
    method,           // E-METHOD     wrong HTTP method on an endpoint
    not_found,        // E-NOTFOUND   no such endpoint
    // A signature (checklist section 5).
    sign_document,   // E-SIGN-DOC     what was sent cannot be signed here
    sign_too_large,  // E-SIGN-SIZE    it is over clave_firma_max_document
    sign_foreign,    // E-SIGN-ID      whoever has no NIF has no certificate in the cloud
    sign_header,     // E-SIGN-HEADER  an application asks for a signature in words of its own
    sign_answer,     // E-SIGN-ANSWER  and gives no document that can be signed
    sign_gateway,    // E-SIGN-FIRE    FIRe or Cl@ve Firma did not sign
    sign_subject,    // E-SIGN-SUBJ    somebody else has signed
    sign_digest,     // E-SIGN-DIGEST  something else was signed
    sign_verify,     // E-SIGN-VERIFY  what came back is no signature
    sign_lost,       // E-SIGN-LOST    it may have been made, and is not here
    sign_grace,      // E-SIGN-GRACE   FIRe wants to complete it later than anybody waits
    sign_quota,      // E-SIGN-QUOTA   the person has as much under way as one may
    sign_erased,     // E-SIGN-GONE    the archive has kept it as long as it was to
    // An application's order for one (clave_sign_api).
    api_format,   // E-API-FMT         not JSON, or no order
    api_field,    // E-API-FIELD       a member that is missing, unknown, or not what it should be
    api_key,      // E-API-KEY         its idempotency key is of another order
    api_digest,   // E-API-DIGEST      not the bytes that were announced
    api_state,    // E-API-STATE       too late for it, or too early
    api_address,  // E-API-ADDR        asked from another machine
    // Ourselves.
    evidence,  // E-EVIDENCE   the evidence of signatures cannot be written
    archive,   // E-SIGN-ROOM  the archive of signatures is nearly full
    store,     // E-STORE      the session store cannot answer, or is full
    key,       // E-KEY        our own key cannot be used: its token does not answer
    random,    // E-RNG
    internal,  // E-INT        a bug, or out of memory
};
inline constexpr std::size_t kCodes = static_cast<std::size_t>(Code::internal) + 1;

enum class Severity { error, warn, notice, info };

// The pages of pages.md section 1 that a refusal can show.
enum class PageId {
    redirect,
    step_up,
    session_expired,
    cancelled,
    level_low,
    registration_basic,
    service_down,
    response_invalid,
    login_expired,
    cookies_off,
    post_lost,
    not_allowed,
    not_found,
    logout,              // on the way to the gateway's logout; the session here has ended
    logout_confirm,      // asks whoever came without proof of wanting it
    logout_unconfirmed,  // ended here, and at the gateway perhaps not
    logout_unsure,       // not even here for certain
    // Of signing, in the order of its way.
    sign_review,
    sign_redirect,  // on the way to Cl@ve Firma
    sign_pending,
    sign_receipt,
    sign_cancelled,
    sign_expired,
    sign_failed,
    sign_lost,  // signed there, and its answer lost
    sign_no_certificate,
    sign_weak_registration,
    sign_registration_old,  // more than five years
    sign_blocked,
    sign_no_registration,
    sign_foreign,  // identified without a DNI or NIE
    sign_too_large,
    sign_quota,  // as much is under way as one person may have
    error,
};

struct CodeInfo {
    std::string_view word;  // as in the log: "E-SIG-REF"
    int status;             // HTTP
    PageId page;
    Severity severity;
};

// Never fails; one row per enumerator.
const CodeInfo& info(Code code) noexcept;

// An expected failure. `detail` is for the operator's log: it never contains personal data,
// secrets, or text of an attacker that has not been made printable.
struct Error {
    Code code = Code::internal;
    std::string detail;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Code code, std::string detail = {}) {
    return tl::unexpected<Error>(Error{code, std::move(detail)});
}

}  // namespace clave
