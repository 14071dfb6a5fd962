#include "sign/sync_directory.h"

#include <fcntl.h>
#include <unistd.h>

namespace clave {

bool sync_directory(const std::string& directory) noexcept {
    const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const bool synced = ::fsync(file) == 0;
    ::close(file);
    return synced;
}

}  // namespace clave
