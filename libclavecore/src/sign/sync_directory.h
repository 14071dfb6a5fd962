// After a name in a directory has come, gone or changed: only then is it on disk (fsync(2)).
#pragma once

#include <string>

namespace clave {

// Blocks. False, with errno: nobody can tell.
bool sync_directory(const std::string& directory) noexcept;

}  // namespace clave
