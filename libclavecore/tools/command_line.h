// What can be written after "clavectl", and what of it calls which command.
#pragma once

namespace clave::tool {

// The exit code.
int run(int argc, const char* const* argv);

}  // namespace clave::tool
