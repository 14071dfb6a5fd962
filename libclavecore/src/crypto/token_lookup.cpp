#include "crypto/token_lookup.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <span>

#include "clave/encoding.h"
#include "crypto/pem_file.h"
#include "crypto/token.h"

namespace clave {
namespace {

constexpr std::chrono::seconds kPatience{15};

// The child says one of these, and then the public key in DER or what is wrong.
constexpr char kFound = 'K';
constexpr char kFailed = 'E';

// ---- the child

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written <= 0 && errno != EINTR) {
            return;
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

std::string answer_of_child(const TokenUri& uri, const Pin& pin) {
    const OpenedKey opened = open_token(uri, pin);
    unsigned char* der = nullptr;
    const int length = opened ? i2d_PUBKEY(opened.key.get(), &der) : 0;
    if (length <= 0) {
        return kFailed + token_failure();
    }
    const auto bytes = std::as_bytes(std::span(der, static_cast<std::size_t>(length)));
    std::string answer = kFound + std::string(as_text(bytes));
    OPENSSL_free(der);
    return answer;
}

// ---- its parent

// The host's own handler would take our child for one of its own.
class WithoutChildSignal {
  public:
    WithoutChildSignal() noexcept {
        sigset_t child;
        sigemptyset(&child);
        sigaddset(&child, SIGCHLD);
        ::pthread_sigmask(SIG_BLOCK, &child, &before_);
    }
    ~WithoutChildSignal() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    WithoutChildSignal(const WithoutChildSignal&) = delete;
    WithoutChildSignal& operator=(const WithoutChildSignal&) = delete;

  private:
    sigset_t before_{};
};

// All there is until the other end is closed; nullopt if that takes longer than `time`.
std::optional<std::string> read_all(int fd, std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    std::string text;
    std::array<char, 4096> buffer;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        pollfd wait{fd, POLLIN, 0};
        const int ready = left.count() > 0 ? ::poll(&wait, 1, static_cast<int>(left.count())) : 0;
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0) {
            return std::nullopt;
        }
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got <= 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

std::string ask_child(const TokenUri& uri, const Pin& pin) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return kFailed + std::string(std::strerror(errno));
    }
    const WithoutChildSignal quiet;
    const pid_t child = ::fork();
    if (child == 0) {
        write_all(ends[1], answer_of_child(uri, pin));
        // The cleanup that exit() does is its parent's to do.
        ::_exit(0);
    }
    ::close(ends[1]);
    std::optional<std::string> answer;
    if (child > 0) {
        answer = read_all(ends[0], kPatience);
        if (!answer) {
            ::kill(child, SIGKILL);
        }
        ::waitpid(child, nullptr, 0);
    }
    ::close(ends[0]);
    return answer ? *std::move(answer) : kFailed + std::string("the token does not answer");
}

}  // namespace

ConfigResult<std::shared_ptr<EVP_PKEY>> look_up(const TokenUri& uri, const Pin& pin) {
    const ErrorMark mark;
    const std::string answer = ask_child(uri, pin);
    const auto der = as_bytes(answer).subspan(answer.empty() ? 0 : 1);
    const unsigned char* at = octets(der.data());
    KeyOwner key(answer.starts_with(kFound)
                     ? d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()))
                     : nullptr);
    if (!key) {
        const std::string why =
            answer.starts_with(kFailed) ? answer.substr(1) : "the PKCS#11 module has crashed";
        return config_error("cannot find the key \"" + uri.text + "\": " + why,
                            "check token, object and PIN: pkcs11-tool --login --list-objects; the "
                            "package is libengine-pkcs11-openssl");
    }
    return std::shared_ptr<EVP_PKEY>(std::move(key));
}

}  // namespace clave
