// A file that an administrator names, whole.
#pragma once

#include <cstddef>
#include <string>

#include "clave/pki.h"

namespace clave {

// Errors: unreadable, not a regular file, larger than `most` bytes. Only at configuration time.
ConfigResult<std::string> read_small_file(const std::string& path, std::size_t most);

}  // namespace clave
