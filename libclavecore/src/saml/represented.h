// Does the person act for somebody else? Two marks exist on the wire (protocol-clave.md 3.3):
// attributes of a legal person, and the certificate's data from @firma in PartialAfirma.
#pragma once

#include <optional>
#include <string>

#include "clave/level.h"
#include "saml/attributes.h"

namespace clave::saml {

struct Represented {
    std::string nif;
    std::string name;
};

// nullopt: for himself. Code::attribute where the message leaves open who acts: attributes of a
// `representative` beside those of the person, a legal person without identifier, or a
// PartialAfirma that cannot be read.
Result<std::optional<Represented>> read_represented(const Attributes& attributes, Method method);

}  // namespace clave::saml
