// Opening an EncryptedAssertion: only after the signature around it has been verified, so that
// nobody but the gateway ever gets an answer from our key (S-40, S-41).
#pragma once

#include <libxml/tree.h>

#include <span>
#include <string>

#include "clave/pki.h"

namespace clave::saml {

// The plain text inside `encrypted_assertion`: AES-GCM, its key wrapped by RSA-OAEP-MGF1P in
// exactly one EncryptedKey inside the KeyInfo (protocol-clave.md 3.2). `keys` are tried in order.
// All failures are one: Code::decryption, with one text; Code::key if none fits and one of them
// could not be asked.
Result<std::string> decrypt(const xmlNode* encrypted_assertion, std::span<const PrivateKey> keys);

}  // namespace clave::saml
