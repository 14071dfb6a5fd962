// What FIRe can have added to a signature once it is made: timestamps, and what a later check needs
// (protocol-fire section 4). It may take until later, when certificates cannot be revoked for the
// time before any more: a grace period.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "clave/sign_words.h"

namespace clave {

// As FIRe spells them: "verify", "ES-T", "LTA-LEVEL".
std::span<const std::string_view> upgrade_words() noexcept;
bool is_upgrade(std::string_view word) noexcept;

// Why this cannot be asked for, in words that follow "… is"; empty if it can. `word` is one of
// them.
std::string_view objection_to_upgrade(SignFormat format, std::string_view word) noexcept;

}  // namespace clave
