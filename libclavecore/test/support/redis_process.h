// A real redis-server, or sentinel, on a free port of this machine, in a directory of its own; both
// go with the object.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace clave::test {

// A directory that goes with the object.
class Scratch {
  public:
    Scratch() {
        std::string pattern = std::filesystem::temp_directory_path() / "clave-redis-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ + "/" + name) << text;
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

// Free when it was looked for; a cluster's bus needs the one 10000 above, too.
inline std::uint16_t free_port() {
    for (;;) {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the sockets API has it
        static_cast<void>(::bind(fd, any, size));
        static_cast<void>(::getsockname(fd, any, &size));
        ::close(fd);
        const std::uint16_t port = ntohs(address.sin_port);
        if (port != 0 && port < 55000) {
            return port;
        }
    }
}

class Process {
  public:
    explicit Process(const std::vector<std::string>& words, const std::string& output) {
        std::vector<char*> arguments;
        for (const std::string& word : words) {
            arguments.push_back(const_cast<char*>(word.c_str()));
        }
        arguments.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing outlives the test, however it ends
            if (std::freopen(output.c_str(), "a", stdout) != nullptr) {
                ::dup2(STDOUT_FILENO, STDERR_FILENO);
            }
            ::execvp(arguments.front(), arguments.data());
            ::_exit(127);
        }
    }
    Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() { kill(); }

    void signal(int number) const {
        if (pid_ > 0) {
            ::kill(pid_, number);
        }
    }
    void kill() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(std::exchange(pid_, -1), nullptr, 0);
        }
    }
    // Its exit status; -1 if a signal ended it.
    int wait() {
        int status = -1;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_ = -1;
};

inline int run(const std::vector<std::string>& words) {
    return Process(words, "/dev/null").wait();
}

class RedisProcess {
  public:
    // `more` is configuration, a word after the other: {"--requirepass", "x"}.
    explicit RedisProcess(std::vector<std::string> more = {}, std::uint16_t port = free_port())
        : port_(port), more_(std::move(more)) {
        start();
    }

    void start() {
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       std::to_string(port_),
                                       "--bind",
                                       "127.0.0.1",
                                       "--save",
                                       "",
                                       "--dir",
                                       directory_ / "",
                                       "--loglevel",
                                       "warning"};
        words.insert(words.end(), more_.begin(), more_.end());
        process_ = std::make_unique<Process>(words, directory_ / "log");
    }
    void kill() { process_.reset(); }
    void stop() const { process_->signal(SIGSTOP); }
    void go_on() const { process_->signal(SIGCONT); }

    std::uint16_t port() const noexcept { return port_; }
    const Scratch& directory() const noexcept { return directory_; }
    std::string log() const {
        std::ifstream file(directory_ / "log");
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

  private:
    std::uint16_t port_;
    std::vector<std::string> more_;
    Scratch directory_;
    std::unique_ptr<Process> process_;
};

}  // namespace clave::test
