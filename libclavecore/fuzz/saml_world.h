// The one login that every fuzzed answer is about: what we asked, whom we trust, and what is true
// of whatever the validator accepts.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "clave/saml.h"

namespace clave::fuzz {

inline constexpr Time kNow{Seconds{1795348800}};
inline constexpr std::string_view kRequestId = "_0123456789abcdef0123456789abcdef";

// Knows kRequestId, a minute old, and no other.
struct OneRequest final : saml::RequestProof {
    Result<Time> issued_at(std::string_view request_id) const override;
};

// The gateway's key is always the same (make_seeds writes it down, too): the corpus is signed with
// it, and mutated messages are signed again. It is an elliptic one, for speed.
const Certificate& gateway_certificate();
EVP_PKEY* gateway_key();  // borrowed
// Ours is made for the run.
const Certificate& own_certificate();

const saml::Expectations& expectations();
Result<saml::Outcome> validate(std::string_view message);

// While alive, these guards let everything pass (src/base/guard.h).
class GuardsOff {
  public:
    explicit GuardsOff(std::span<const std::string_view> names);
    ~GuardsOff();
    GuardsOff(const GuardsOff&) = delete;
    GuardsOff& operator=(const GuardsOff&) = delete;
};
// Every signature of the right form is good.
inline constexpr std::array<std::string_view, 2> kVerification{"signature.verifies",
                                                               "signature.not-void"};
// And what exclusive canonicalization makes longer than it was is not too long: it writes a
// declaration wherever it is used.
inline constexpr std::array<std::string_view, 5> kVerificationAndCaps{
    "signature.verifies", "signature.not-void", "message.size", "scan.declarations",
    "tree.declarations"};

Result<saml::Outcome> validate_unverified(std::string_view message);

// Nothing that a session, a header or a log could not bear.
void check_outcome(const saml::Outcome& outcome);
bool is_same(const saml::Outcome& a, const saml::Outcome& b);

}  // namespace clave::fuzz
