// Something that listens where Redis should, and does with each connection what the test says, on a
// thread of its own.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace clave::test {

class HostileServer {
  public:
    // One connection, as the server sees it.
    class Peer {
      public:
        Peer(int fd, int number, const std::atomic<bool>& leaving)
            : fd_(fd), number_(number), leaving_(leaving) {}

        int number() const noexcept { return number_; }  // 0 is the first that came
        // The next command, its words one after the other with spaces; empty when there is no more.
        std::string command() {
            std::string line = this->line();
            if (line.empty() || line.front() != '*') {
                return {};
            }
            std::string words;
            for (int left = std::stoi(line.substr(1)); left > 0; --left) {
                const std::string size = this->line();
                if (size.empty()) {
                    return {};
                }
                const std::string word = take(std::stoul(size.substr(1)) + 2);
                words += (words.empty() ? "" : " ") + word.substr(0, word.size() - 2);
            }
            return words;
        }
        // Plays along until somebody wants something: that is returned.
        std::string greet() {
            for (;;) {
                const std::string next = command();
                if (next.starts_with("CLIENT SETNAME")) {
                    send("+OK\r\n");
                } else if (next == "PING") {
                    send("+PONG\r\n");
                } else if (next == "INFO memory") {
                    send("$0\r\n\r\n");
                } else {
                    return next;
                }
            }
        }
        void send(std::string_view text) const {
            while (!text.empty()) {
                const ssize_t sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
                if (sent <= 0) {
                    return;
                }
                text.remove_prefix(static_cast<std::size_t>(sent));
            }
        }
        void wait(std::chrono::milliseconds time) const {
            const auto end = std::chrono::steady_clock::now() + time;
            while (!leaving_ && std::chrono::steady_clock::now() < end) {
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            }
        }
        void wait_for_the_end() const { wait(std::chrono::hours(1)); }

      private:
        std::string line() {
            for (;;) {
                if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
                    std::string line = buffer_.substr(0, end);
                    buffer_.erase(0, end + 2);
                    return line;
                }
                if (!more()) {
                    return {};
                }
            }
        }
        std::string take(std::size_t size) {
            while (buffer_.size() < size) {
                if (!more()) {
                    return std::string(size, ' ');
                }
            }
            std::string text = buffer_.substr(0, size);
            buffer_.erase(0, size);
            return text;
        }
        bool more() {
            char chunk[4096];
            while (!leaving_) {
                pollfd question{fd_, POLLIN, 0};
                if (::poll(&question, 1, 20) > 0) {
                    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
                    if (got <= 0) {
                        return false;
                    }
                    buffer_.append(chunk, static_cast<std::size_t>(got));
                    return true;
                }
            }
            return false;
        }

        int fd_;
        int number_;
        const std::atomic<bool>& leaving_;
        std::string buffer_;
    };

    explicit HostileServer(std::function<void(Peer&)> act) : act_(std::move(act)) {
        fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the sockets API has it
        static_cast<void>(::bind(fd_, any, size));
        static_cast<void>(::listen(fd_, 64));
        static_cast<void>(::getsockname(fd_, any, &size));
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    HostileServer(const HostileServer&) = delete;
    HostileServer& operator=(const HostileServer&) = delete;
    ~HostileServer() {
        leaving_ = true;
        acceptor_.join();
        for (std::thread& one : peers_) {
            one.join();
        }
        ::close(fd_);
    }

    std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
    int connections() const noexcept { return connections_; }

  private:
    void accept_all() {
        while (!leaving_) {
            pollfd question{fd_, POLLIN, 0};
            if (::poll(&question, 1, 20) <= 0) {
                continue;
            }
            const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
            peers_.emplace_back([this, fd, number = connections_++] {
                Peer peer(fd, number, leaving_);
                act_(peer);
                ::close(fd);
            });
        }
    }

    std::function<void(Peer&)> act_;
    std::atomic<bool> leaving_{false};
    std::atomic<int> connections_{0};
    int fd_ = -1;
    std::uint16_t port_ = 0;
    std::thread acceptor_;
    std::vector<std::thread> peers_;
};

}  // namespace clave::test
