// The form of ds:Signature: exact children, one reference, algorithms on a list. Everything that
// xmlsec would let pass (checklist 1.1) is refused here, before any cryptography.
#pragma once

#include <libxml/tree.h>

#include <string_view>
#include <vector>

#include "clave/error.h"

namespace clave::saml {

// `signature` has the one form we take, and its reference is '#' + `id`.
// Code::signature_form, signature_algorithm, signature_transform, signature_ref, signature.
Result<void> check_signature_profile(const xmlNode* signature, std::string_view id);

}  // namespace clave::saml
