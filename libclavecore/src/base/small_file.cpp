#include "base/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace clave {
namespace {

tl::unexpected<ConfigError> cannot_read(const std::string& path, const std::string& why,
                                        const std::string& remedy) {
    return tl::unexpected<ConfigError>(ConfigError{"cannot read \"" + path + "\": " + why, remedy});
}

// As nginx writes it: (13: Permission denied)
std::string last_error() {
    const int error = errno;
    return "(" + std::to_string(error) + ": " + std::generic_category().message(error) + ")";
}

}  // namespace

ConfigResult<std::string> read_small_file(const std::string& path, std::size_t most) {
    // A FIFO must not hold up the start.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return cannot_read(path, last_error(), "it must be readable at start");
    }
    struct stat status {};
    const bool regular = ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    std::string text(regular ? std::min(static_cast<std::size_t>(status.st_size), most + 1) : 0,
                     '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t got = ::read(fd, text.data() + length, text.size() - length);
        if (got <= 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    ::close(fd);
    if (!regular || length != text.size()) {
        return cannot_read(path, "not a regular file", "give a file");
    }
    if (text.size() > most) {
        return cannot_read(path, "larger than " + std::to_string(most / 1024) + " KiB",
                           "give a smaller one");
    }
    return text;
}

}  // namespace clave
