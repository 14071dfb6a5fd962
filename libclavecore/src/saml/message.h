// A message of the gateway as bytes becomes one as a tree, or is refused for its form.
#pragma once

#include <string_view>

#include "saml/names.h"
#include "saml/xml_document.h"

namespace clave::saml {

// Size, XML, structure: everything that can be said before the signature is looked at. `root` is
// the element that the message has to be. Code::too_large, format, structure, id_duplicate,
// signature_binding.
Result<Document> read_message(std::string_view message, const Name& root);

}  // namespace clave::saml
