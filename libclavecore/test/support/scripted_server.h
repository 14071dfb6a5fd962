// An HTTPS server that does what a test tells it, the wrong thing above all. Each connection has a
// thread of its own, in which the script runs.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/test_keys.h"

namespace clave::test {

struct ReceivedRequest {
    std::string head;  // without the empty line
    std::string body;
};

class Connection {
  public:
    Connection(int socket, SSL* tls) : socket_(socket), tls_(tls) {}

    // One request with Content-Length; nullopt when the client has gone.
    std::optional<ReceivedRequest> receive() {
        ReceivedRequest request;
        std::string all;
        std::size_t end = std::string::npos;
        while ((end = all.find("\r\n\r\n")) == std::string::npos) {
            if (!read_some(all)) {
                return std::nullopt;
            }
        }
        request.head = all.substr(0, end);
        request.body = all.substr(end + 4);
        const std::size_t length = content_length(request.head);
        while (request.body.size() < length) {
            if (!read_some(request.body)) {
                return std::nullopt;
            }
        }
        return request;
    }
    bool read_some(std::string& to) {
        std::string block(16384, '\0');
        const int got = SSL_read(tls_, block.data(), static_cast<int>(block.size()));
        to.append(block, 0, got > 0 ? static_cast<std::size_t>(got) : 0);
        return got > 0;
    }
    // As read_some, for what nobody looks at: nothing is allocated.
    std::size_t discard_some() {
        std::array<char, 16384> block;
        const int got = SSL_read(tls_, block.data(), static_cast<int>(block.size()));
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    bool send(std::string_view text) {
        return SSL_write(tls_, text.data(), static_cast<int>(text.size())) > 0;
    }
    bool answer(int status, std::string_view body, std::string_view headers = {}) {
        std::string reply = "HTTP/1.1 " + std::to_string(status) + " \r\n" + std::string(headers) +
                            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        return send(reply.append(body));
    }
    // Until the client goes or the server ends.
    void fall_silent() {
        std::string ignored;
        while (read_some(ignored)) {
            ignored.clear();
        }
    }
    // With a reset, so that nothing of what was sent is certain to be read.
    void reset() {
        const linger at_once{1, 0};
        setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    std::string client_name() const {
        const std::unique_ptr<X509, decltype(&X509_free)> shown(SSL_get1_peer_certificate(tls_),
                                                                X509_free);
        char name[128] = "";
        if (shown != nullptr) {
            X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, name,
                                      sizeof name);
        }
        return name;
    }

  private:
    static std::size_t content_length(const std::string& head) {
        const std::size_t at = head.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + 16, nullptr, 10);
    }

    int socket_;
    SSL* tls_;
};

class ScriptedServer {
  public:
    using Script = std::function<void(Connection&)>;

    ScriptedServer(const TestKey& identity, Script script)
        : script_(std::move(script)), context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_use_certificate(context_, identity.certificate.get());
        SSL_CTX_use_PrivateKey(context_, identity.key.in_memory());
        // Asks for a certificate and takes any: what it is, the script may look at.
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        // The sockets' own way of passing any kind of address.
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, any, &size) != 0) {
            std::abort();
        }
        port_ = ntohs(address.sin_port);
        accepting_ = std::thread([this] { accept_all(); });
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer() {
        leaving_ = true;
        ::shutdown(listener_, SHUT_RDWR);
        accepting_.join();
        ::close(listener_);
        {
            const std::lock_guard lock(mutex_);
            for (const int socket : open_) {
                ::shutdown(socket, SHUT_RDWR);
            }
        }
        for (std::thread& thread : threads_) {
            thread.join();
        }
        SSL_CTX_free(context_);
    }

    std::string url(std::string_view path = "/fire", std::string_view host = "localhost") const {
        return "https://" + std::string(host) + ":" + std::to_string(port_) + std::string(path);
    }
    int port() const { return port_; }
    int connections() const { return connections_; }

    // Accepts at the level of TCP and then says nothing, not even TLS.
    std::atomic<bool> mute{false};

  private:
    void accept_all() {
        for (;;) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (socket < 0 || leaving_) {
                if (socket >= 0) {
                    ::close(socket);
                }
                return;
            }
            ++connections_;
            const std::lock_guard lock(mutex_);
            open_.push_back(socket);
            threads_.emplace_back([this, socket] { serve(socket); });
        }
    }
    void serve(int socket) {
        SSL* const tls = SSL_new(context_);
        SSL_set_fd(tls, socket);
        if (mute) {
            char ignored[64];
            while (::recv(socket, ignored, sizeof ignored, 0) > 0) {
            }
        } else if (SSL_accept(tls) == 1) {
            Connection connection(socket, tls);
            script_(connection);
            SSL_shutdown(tls);
        }
        SSL_free(tls);
        const std::lock_guard lock(mutex_);
        open_.remove(socket);
        ::close(socket);
    }

    Script script_;
    SSL_CTX* context_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> connections_{0};
    std::atomic<bool> leaving_{false};
    std::mutex mutex_;
    std::list<int> open_;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

}  // namespace clave::test
