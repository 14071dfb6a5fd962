#include "secret_input.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace clave::tool {
namespace {

constexpr std::size_t kMost = 1024UL * 1024;

// While it lives, what is typed is not shown.
class Unseen {
  public:
    explicit Unseen(int terminal) : terminal_(terminal) {
        usable_ = ::tcgetattr(terminal_, &before_) == 0;
        if (usable_) {
            termios silent = before_;
            silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            ::tcsetattr(terminal_, TCSAFLUSH, &silent);
        }
    }
    ~Unseen() {
        if (usable_) {
            ::tcsetattr(terminal_, TCSAFLUSH, &before_);
        }
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

  private:
    int terminal_;
    bool usable_ = false;
    termios before_{};
};

tl::unexpected<ConfigError> unreadable(const std::string& path, int error) {
    return tl::unexpected(ConfigError{
        "cannot read \"" + path + "\" (" + std::generic_category().message(error) + ")", {}});
}

ConfigResult<std::string> read_all(int file, const std::string& path, bool one_line) {
    std::string text;
    char piece[4096];
    for (;;) {
        const ssize_t size = ::read(file, piece, sizeof piece);
        if (size < 0) {
            return unreadable(path, errno);
        }
        text.append(piece, static_cast<std::size_t>(size));
        const std::size_t end = one_line ? text.find('\n') : std::string::npos;
        if (end != std::string::npos) {
            text.erase(end);
            break;
        }
        if (size == 0) {
            break;
        }
        if (text.size() > kMost) {
            return tl::unexpected(ConfigError{"\"" + path + "\" is larger than a megabyte", {}});
        }
    }
    if (one_line && text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

ConfigResult<std::string> read_path(const std::string& path, bool one_line) {
    if (path == "-") {
        return read_all(STDIN_FILENO, "standard input", one_line);
    }
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return unreadable(path, errno);
    }
    auto text = read_all(file, path, one_line);
    ::close(file);
    return text;
}

}  // namespace

ConfigResult<std::string> read_secret(const std::string& path, const char* question) {
    if (!path.empty()) {
        return read_path(path, true);
    }
    const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return tl::unexpected(
            ConfigError{std::string("no terminal to ask for ") + question,
                        "name a file that holds it, or \"-\" for standard input"});
    }
    ConfigResult<std::string> answer;
    {
        const Unseen unseen(terminal);
        ::dprintf(terminal, "%s: ", question);
        answer = read_all(terminal, "/dev/tty", true);
        ::dprintf(terminal, "\n");
    }
    ::close(terminal);
    return answer;
}

ConfigResult<std::string> read_input(const std::string& path) {
    return read_path(path, false);
}

}  // namespace clave::tool
