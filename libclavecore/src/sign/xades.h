// XAdES: a ds:Signature over the document and over the properties that name its certificate.
#pragma once

#include <string_view>

#include "sign/evidence.h"

namespace clave {

Judged<Evidence> verify_xades(std::string_view signature, std::string_view document);

}  // namespace clave
