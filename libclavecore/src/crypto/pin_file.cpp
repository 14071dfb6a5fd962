#include "crypto/pin_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "base/guard.h"
#include "clave/secret.h"
#include "crypto/pem_file.h"

namespace clave {
namespace {

constexpr std::size_t kMostBytes = 255;

tl::unexpected<ConfigError> unreadable(const std::string& path, const char* why) {
    return config_error("cannot read the PIN file \"" + path + "\": " + why,
                        "it must be a file that root can read at start, mode 0600");
}

ConfigResult<Pin> read_open_file(const std::string& path, int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return unreadable(path, "not a regular file");
    }
    // A PIN is short and guards more than one key, so unlike a key it is not even for a group.
    if (!guard("PIN file mode", (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)) {
        return config_error("the PIN file \"" + path + "\" is open to others than its owner",
                            "chmod 0600 " + path + ", and change the PIN if others could read it");
    }
    std::array<char, kMostBytes + 2> buffer{};  // with the end of the line, and one too many
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    std::string_view text(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    const bool good = !text.empty() && text.size() <= kMostBytes &&
                      text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
    Pin pin(good ? text : std::string_view());
    wipe(std::as_writable_bytes(std::span(buffer)));
    if (!good) {
        return config_error("the PIN file \"" + path + "\" does not hold a PIN",
                            "write the PIN to it, in one line, and nothing else");
    }
    return pin;
}

}  // namespace

Pin::Pin(std::string_view text) {
    if (!text.empty()) {
        bytes_.reserve(text.size() + 1);
        bytes_.assign(text.begin(), text.end());
        bytes_.push_back('\0');
    }
}

Pin::~Pin() {
    wipe(std::as_writable_bytes(std::span(bytes_)));
}

ConfigResult<Pin> read_pin(const std::string& path) {
    if (path.empty()) {
        return Pin();
    }
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return unreadable(path, std::strerror(errno));
    }
    auto pin = read_open_file(path, fd);
    ::close(fd);
    return pin;
}

}  // namespace clave
