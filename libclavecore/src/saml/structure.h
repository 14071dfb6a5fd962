// Is this tree the shape of a gateway's answer? Own walker: no schema engine and no XPath ever sees
// an attacker's text (checklist 1.1).
#pragma once

#include <libxml/tree.h>

#include "clave/error.h"

namespace clave::saml {

// Caps, node kinds, namespaces and IDs of the whole document. Run again after decryption, so that
// IDs are unique over both (S-43). Code::structure, Code::id_duplicate.
Result<void> check_tree(xmlDoc* doc);

// `element` (Response, LogoutResponse or Assertion) and all below it hold only what the gateway
// writes there (protocol-clave.md 3.1, 4), everything in its place. How many there must be of each
// is decided by whoever reads them. What is inside ds:Signature and xenc:EncryptedData is judged by
// signature.h and decrypt.h; here they may hold nothing of SAML. Code::structure;
// Code::signature_binding where an answer or Signature was moved.
Result<void> check_shape(xmlNode* element);

// XML's NCName, as far as identifiers use it: ASCII, at most 256 bytes.
bool is_identifier(std::string_view text) noexcept;

}  // namespace clave::saml
