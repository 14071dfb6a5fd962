// A message of the gateway from a file: as XML, in base64, or as the form that a browser has sent.
#pragma once

#include <string>

#include "clave/pki.h"

namespace clave::tool {

// The XML. Errors: unreadable, or none of the three.
ConfigResult<std::string> read_message(const std::string& file);

}  // namespace clave::tool
