// Files that a command makes: never over one that is there, and never readable by others while they
// are being written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/pki.h"

namespace clave::tool {

inline constexpr unsigned kPrivate = 0600;
inline constexpr unsigned kPublic = 0644;

// Errors: it is there already, or cannot be written; nothing is left of it then.
ConfigResult<void> write_new(const std::string& path, std::string_view content, unsigned mode);

// Takes the place of the file that is there, at once and whole.
ConfigResult<void> write_over(const std::string& path, std::string_view content, unsigned mode);

// The first of them that is there; empty if none is.
std::string first_existing(const std::vector<std::string>& paths);

}  // namespace clave::tool
