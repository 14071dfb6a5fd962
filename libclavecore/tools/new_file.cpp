#include "new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace clave::tool {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

tl::unexpected<ConfigError> cannot_write(const std::string& path, int error) {
    return tl::unexpected(ConfigError{
        "cannot write \"" + path + "\" (" + reason(error) + ")",
        error == EEXIST ? "nothing is ever overwritten; move it away first" : std::string()});
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written <= 0) {
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

ConfigResult<void> write_new(const std::string& path, std::string_view content, unsigned mode) {
    const int file =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kPrivate);
    if (file < 0) {
        return cannot_write(path, errno);
    }
    const bool done = write_all(file, content) && ::fchmod(file, mode) == 0;
    const int error = errno;
    ::close(file);
    if (!done) {
        ::unlink(path.c_str());
        return cannot_write(path, error);
    }
    return {};
}

ConfigResult<void> write_over(const std::string& path, std::string_view content, unsigned mode) {
    const std::string beside = path + ".new";
    ::unlink(beside.c_str());  // of an attempt that was cut short
    if (auto written = write_new(beside, content, mode); !written) {
        return written;
    }
    if (std::rename(beside.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(beside.c_str());
        return cannot_write(path, error);
    }
    return {};
}

std::string first_existing(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        struct stat status {};
        if (::lstat(path.c_str(), &status) == 0) {
            return path;
        }
    }
    return {};
}

}  // namespace clave::tool
