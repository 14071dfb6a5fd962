// Signing what we send: enveloped, rsa-sha512 or ecdsa-sha512, exc-c14n (protocol-clave.md 2.5).
#pragma once

#include <string>
#include <string_view>

#include "clave/pki.h"

namespace clave::saml {

// The ds:Signature that goes into a message, for sign_message() to fill in, except for the
// certificate: the leaf alone, since the gateway reads it from here and compares it with the one
// registered for ProviderName.
std::string signature_template(std::string_view id, const PrivateKey& key, const Certificate& leaf);

// ` name="value"`, escaped.
std::string xml_attribute(std::string_view name, std::string_view value);

// `text`, whose root has the template as a child, with its signature. Code::key, Code::internal.
Result<std::string> sign_message(const std::string& text, const PrivateKey& key);

}  // namespace clave::saml
