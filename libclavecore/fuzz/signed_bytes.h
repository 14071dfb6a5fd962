// Who signed what, worked out a second time and by other means than the validator's: libxml2's
// canonicalization and OpenSSL, without xmlsec.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/pki.h"

namespace clave::fuzz {

// The octets that the signature in the root of `message` was made over, without that signature.
// nullopt if there is no signature there, if it is over something else, or not by `key`.
std::optional<std::string> signed_bytes(std::string_view message, const Certificate& key);

// The canonical form has lost its signature: one of the right form takes its place, so that the
// validator can be asked what it makes of the octets that were signed, and of nothing else.
std::string with_some_signature(std::string_view canonical);

}  // namespace clave::fuzz
