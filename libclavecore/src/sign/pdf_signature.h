// PAdES: a signature in a PDF, over the whole file but for itself.
#pragma once

#include <string_view>

#include "sign/evidence.h"

namespace clave {

// `file` is `document` and an incremental update with one signature over both.
Judged<Evidence> verify_pades(std::string_view file, std::string_view document);

}  // namespace clave
