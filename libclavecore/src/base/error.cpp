#include "clave/error.h"

#include <array>
#include <cstddef>

namespace clave {
namespace {

struct Row {
    Code code;
    CodeInfo info;
};

// In the order of the enumerators. 400 is for what is malformed, 403 for every proof that failed
// (product.md 8.2). Attacks and faults are errors, what a citizen can cause by himself is
// information (8.3): a log at Debian's default level shows the former only.
constexpr auto kTable = std::to_array<Row>({
    {Code::format, {"E-FMT", 400, PageId::response_invalid, Severity::error}},
    {Code::too_large, {"E-SIZE", 413, PageId::response_invalid, Severity::error}},
    {Code::structure, {"E-STRUCT", 403, PageId::response_invalid, Severity::error}},
    {Code::id_duplicate, {"E-ID-DUP", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_none, {"E-SIG-NONE", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_form, {"E-SIG-FORM", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_ref, {"E-SIG-REF", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_algorithm, {"E-SIG-ALG", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_transform, {"E-SIG-XFORM", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_binding, {"E-SIG-BIND", 403, PageId::response_invalid, Severity::error}},
    {Code::signature_key, {"E-SIG-KEY", 403, PageId::response_invalid, Severity::error}},
    {Code::signature, {"E-SIG", 403, PageId::response_invalid, Severity::error}},
    {Code::decryption, {"E-DEC", 403, PageId::response_invalid, Severity::error}},

    {Code::status, {"E-STATUS", 403, PageId::response_invalid, Severity::error}},
    {Code::cancelled, {"E-CANCEL", 200, PageId::cancelled, Severity::info}},
    {Code::issuer, {"E-ISS", 403, PageId::response_invalid, Severity::error}},
    {Code::destination, {"E-DEST", 403, PageId::response_invalid, Severity::error}},
    // Also somebody who took longer than the request lives, who is helped by this page.
    {Code::in_response_to, {"E-IRT", 403, PageId::login_expired, Severity::error}},
    {Code::relay_state, {"E-RELAY", 403, PageId::response_invalid, Severity::error}},
    {Code::audience, {"E-AUD", 403, PageId::response_invalid, Severity::error}},
    {Code::time, {"E-TIME", 403, PageId::response_invalid, Severity::error}},
    {Code::subject, {"E-SUBJ", 403, PageId::response_invalid, Severity::error}},
    {Code::loa, {"E-LOA", 403, PageId::level_low, Severity::error}},
    {Code::attribute, {"E-ATTR", 403, PageId::response_invalid, Severity::error}},
    {Code::replay, {"E-REPLAY", 403, PageId::response_invalid, Severity::error}},
    {Code::represented, {"E-REPR", 403, PageId::not_allowed, Severity::info}},
    {Code::logout, {"E-SLO", 403, PageId::logout_unconfirmed, Severity::error}},

    {Code::state, {"E-STATE", 403, PageId::login_expired, Severity::info}},
    {Code::subject_change, {"E-SUBJ-CHANGE", 403, PageId::not_allowed, Severity::error}},
    {Code::level, {"E-LEVEL", 403, PageId::level_low, Severity::info}},
    {Code::registration, {"E-REG", 403, PageId::registration_basic, Severity::info}},
    // The state cookie came back and the session cookie does not: more often our fault than his.
    {Code::loop, {"E-LOOP", 403, PageId::cookies_off, Severity::error}},
    {Code::post_lost, {"E-POST-LOST", 409, PageId::post_lost, Severity::info}},
    {Code::post_too_large, {"E-POST-SIZE", 413, PageId::post_lost, Severity::info}},
    {Code::post_no_room, {"E-POST-ROOM", 409, PageId::post_lost, Severity::warn}},
    // Nobody sees it; nginx's own status of requests that were broken off.
    {Code::left, {"E-LEFT", 499, PageId::error, Severity::info}},
    {Code::unauthenticated, {"E-AUTH", 401, PageId::login_expired, Severity::info}},
    // Any site can have its visitors ask, and gets nothing by it.
    {Code::origin, {"E-ORIGIN", 403, PageId::error, Severity::info}},
    {Code::method, {"E-METHOD", 405, PageId::error, Severity::info}},
    {Code::not_found, {"E-NOTFOUND", 404, PageId::not_found, Severity::info}},

    {Code::sign_document, {"E-SIGN-DOC", 400, PageId::sign_failed, Severity::info}},
    {Code::sign_too_large, {"E-SIGN-SIZE", 413, PageId::sign_too_large, Severity::info}},
    {Code::sign_foreign, {"E-SIGN-ID", 403, PageId::sign_foreign, Severity::info}},
    {Code::sign_header, {"E-SIGN-HEADER", 502, PageId::error, Severity::error}},
    {Code::sign_answer, {"E-SIGN-ANSWER", 502, PageId::error, Severity::error}},
    {Code::sign_gateway, {"E-SIGN-FIRE", 502, PageId::sign_failed, Severity::error}},
    {Code::sign_subject, {"E-SIGN-SUBJ", 409, PageId::sign_failed, Severity::error}},
    {Code::sign_digest, {"E-SIGN-DIGEST", 409, PageId::sign_failed, Severity::error}},
    {Code::sign_verify, {"E-SIGN-VERIFY", 502, PageId::sign_failed, Severity::error}},
    {Code::sign_lost, {"E-SIGN-LOST", 502, PageId::sign_lost, Severity::error}},
    {Code::sign_grace, {"E-SIGN-GRACE", 502, PageId::sign_failed, Severity::error}},
    {Code::sign_quota, {"E-SIGN-QUOTA", 429, PageId::sign_quota, Severity::info}},
    {Code::sign_erased, {"E-SIGN-GONE", 410, PageId::sign_failed, Severity::info}},

    // What an application gets wrong it is told, with the reference.
    {Code::api_format, {"E-API-FMT", 400, PageId::error, Severity::warn}},
    {Code::api_field, {"E-API-FIELD", 422, PageId::error, Severity::warn}},
    {Code::api_key, {"E-API-KEY", 422, PageId::error, Severity::warn}},
    {Code::api_digest, {"E-API-DIGEST", 422, PageId::error, Severity::warn}},
    {Code::api_state, {"E-API-STATE", 409, PageId::sign_failed, Severity::warn}},
    {Code::api_address, {"E-API-ADDR", 403, PageId::error, Severity::error}},

    {Code::evidence, {"E-EVIDENCE", 503, PageId::service_down, Severity::error}},
    {Code::archive, {"E-SIGN-ROOM", 503, PageId::service_down, Severity::error}},
    {Code::store, {"E-STORE", 503, PageId::service_down, Severity::error}},
    {Code::key, {"E-KEY", 503, PageId::service_down, Severity::error}},
    {Code::random, {"E-RNG", 503, PageId::service_down, Severity::error}},
    {Code::internal, {"E-INT", 500, PageId::error, Severity::error}},
});

constexpr bool rows_follow_enumerators() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].code) != i) {
            return false;
        }
    }
    return kTable.size() == kCodes;
}
static_assert(rows_follow_enumerators());

}  // namespace

const CodeInfo& info(Code code) noexcept {
    return kTable[static_cast<std::size_t>(code)].info;
}

}  // namespace clave
