// Passwords and NIFs: asked for without an echo, or read from a file or standard input, and never
// taken from the command line, which everybody on the machine can read.
#pragma once

#include <string>

#include "clave/pki.h"

namespace clave::tool {

// The first line of the file, of standard input for "-", or of what is typed at the terminal for an
// empty `path`. Errors: unreadable; no terminal to ask at.
ConfigResult<std::string> read_secret(const std::string& path, const char* question);

// The whole of a file, or of standard input for "-", of at most a megabyte.
ConfigResult<std::string> read_input(const std::string& path);

}  // namespace clave::tool
