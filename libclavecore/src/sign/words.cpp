#include "clave/sign_words.h"

#include <array>

namespace clave {
namespace {

constexpr std::array<std::string_view, kSignFormats> kFormats = {"cades", "xades", "pades", "none"};
constexpr std::array<std::string_view, kSignFormats> kMediaTypes = {
    "application/pkcs7-signature", "application/xml", "application/pdf",
    "application/octet-stream"};
constexpr std::array<std::string_view, kSignStates> kStates = {
    "created",   "shown",     "confirmed", "at_gateway", "recovering", "signed",
    "delivered", "cancelled", "failed",    "expired",    "lost"};
constexpr std::array<std::string_view, kSignReasons> kReasons = {
    "cancelled",      "no_registration", "weak_registration", "old_registration", "blocked",
    "no_certificate", "gateway",         "unavailable",       "expired",          "wrong_signer",
    "wrong_document", "configuration",   "forgotten"};

}  // namespace

std::string_view word(SignFormat format) noexcept {
    return kFormats[static_cast<std::size_t>(format)];
}

// RFC 8551: a CAdES signature without what it signs.
std::string_view media_type(SignFormat format) noexcept {
    return kMediaTypes[static_cast<std::size_t>(format)];
}

std::string_view word(SignState state) noexcept {
    return kStates[static_cast<std::size_t>(state)];
}

std::string_view word(SignReason reason) noexcept {
    return kReasons[static_cast<std::size_t>(reason)];
}

bool is_of_person(SignReason reason) noexcept {
    switch (reason) {
        case SignReason::cancelled:
        case SignReason::no_registration:
        case SignReason::weak_registration:
        case SignReason::old_registration:
        case SignReason::blocked:
        case SignReason::no_certificate:
        case SignReason::expired:
            return true;
        default:
            return false;
    }
}

}  // namespace clave
