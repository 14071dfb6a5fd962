// Who signed it: one of the pinned keys, over the element that is used, or nobody.
#pragma once

#include <span>

#include "clave/pki.h"
#include "saml/xml_document.h"

namespace clave::saml {

// `element` carries an enveloped signature as its own child, made by the key of one of `pinned`,
// over exactly that element. KeyInfo decides nothing; it only tells Code::signature_key (names
// another key) from Code::signature where verification fails. Code::signature_none if there is
// none; the other codes of check_signature_profile; Code::signature_binding if the ID leads to
// another node.
Result<void> verify_signature(const Document& document, xmlNode* element,
                              std::span<const Certificate> pinned);

}  // namespace clave::saml
