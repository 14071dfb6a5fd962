#include "redis/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/secret.h"

namespace clave::redis {
namespace {

std::string because(const char* what, int error) {
    return std::string(what) + ": " + std::generic_category().message(error);
}

// What was sent may have been a password.
void wipe_text(std::string& text) noexcept {
    wipe(std::as_writable_bytes(std::span(text)));
    text.clear();
}

}  // namespace

Stream::Stream(Loop& loop, Handler& handler)
    : loop_(loop), handler_(handler), timer_(loop.timer(*this)), departure_(loop.poster(*this)) {
    if (!timer_ || !departure_) {
        throw std::bad_alloc();
    }
}

void Stream::open(const Address& address, const StoreTls* tls, const std::string& name,
                  std::chrono::milliseconds time) noexcept try {
    close();
    stage_ = Stage::connecting;
    if (tls != nullptr) {
        tls_ = std::make_unique<TlsSession>(*tls, name);
    }
    timer_->arm(time);
    connect(address);
} catch (const std::bad_alloc&) {
    lost("out of memory");
}

void Stream::connect(const Address& address) {
    fd_ = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        return lost(because("no socket", errno));
    }
    if (address.family() != AF_UNIX) {
        const int on = 1;
        static_cast<void>(::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
        static_cast<void>(::setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on));
    }
    watch_ = loop_.watch(fd_, *this);
    if (!watch_) {
        return lost("no memory or descriptor left");
    }
    if (::connect(fd_, address.get(), address.size) == 0) {
        return connected();
    }
    if (errno != EINPROGRESS) {
        return lost(because("cannot connect", errno));
    }
    watch_->want(Loop::out);
}

void Stream::connected() {
    if (tls_) {
        stage_ = Stage::shaking_hands;
        return shake_hands({});
    }
    opened();
}

void Stream::shake_hands(std::string_view bytes) {
    const auto done = tls_->shake_hands(bytes, out_);
    flush();
    if (stage_ != Stage::shaking_hands) {
        return;
    }
    if (!done) {
        return lost(done.error().detail);
    }
    if (!*done) {
        return listen();
    }
    opened();
    if (stage_ == Stage::open) {
        take({});  // what came in the same breath as the end of the handshake
    }
}

void Stream::opened() noexcept {
    timer_->cancel();
    stage_ = Stage::open;
    listen();
    handler_.on_open();
}

void Stream::listen() noexcept {
    watch_->want(out_.empty() ? Loop::in : Loop::both);
}

void Stream::on_ready(Loop::Interest ready) noexcept try {
    if (stage_ == Stage::connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        static_cast<void>(::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size));
        return error == 0 ? connected() : lost(because("cannot connect", error));
    }
    if ((ready & Loop::out) != 0 && !out_.empty()) {
        flush_and_tell();
    }
    if ((ready & Loop::in) != 0 && stage_ != Stage::closed) {
        receive();
    }
} catch (const std::bad_alloc&) {
    lost("out of memory");
}

void Stream::receive() {
    std::array<char, 16384> buffer;
    const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
        return take({buffer.data(), static_cast<std::size_t>(got)});
    }
    if (got == 0) {
        return lost("closed by the server");
    }
    if (errno != EAGAIN && errno != EINTR) {
        lost(because("connection lost", errno));
    }
}

void Stream::take(std::string_view bytes) {
    if (stage_ == Stage::shaking_hands) {
        return shake_hands(bytes);
    }
    if (!tls_) {
        return handler_.on_bytes(bytes);
    }
    std::string plain;
    const auto decrypted = tls_->decrypt(bytes, plain, out_);
    flush();
    if (stage_ == Stage::open && !plain.empty()) {
        handler_.on_bytes(plain);
    }
    if (stage_ == Stage::open && !decrypted) {
        lost(decrypted.error().detail);
    }
}

void Stream::send(std::string_view bytes) noexcept try {
    if (stage_ != Stage::open) {
        return;
    }
    if (!tls_) {
        out_.append(bytes);
    } else if (const auto encrypted = tls_->encrypt(bytes, out_); !encrypted) {
        return lost(encrypted.error().detail);
    }
    departure_->post();
} catch (const std::bad_alloc&) {
    lost("out of memory");
}

void Stream::on_posted() noexcept try {
    if (stage_ == Stage::open && !out_.empty()) {
        flush_and_tell();
    }
} catch (const std::bad_alloc&) {
    lost("out of memory");
}

void Stream::flush_and_tell() {
    flush();
    if (stage_ == Stage::open && out_.empty()) {
        handler_.on_drained();
    }
}

void Stream::flush() {
    std::size_t sent = 0;
    while (sent < out_.size()) {
        const ssize_t done = ::send(fd_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
        if (done < 0 && errno != EAGAIN && errno != EINTR) {
            return lost(because("connection lost", errno));
        }
        if (done < 0 && errno == EAGAIN) {
            break;
        }
        sent += done > 0 ? static_cast<std::size_t>(done) : 0;
    }
    if (sent == out_.size()) {
        wipe_text(out_);
    } else {
        out_.erase(0, sent);
    }
    listen();
}

void Stream::close() noexcept {
    stage_ = Stage::closed;
    timer_->cancel();
    watch_.reset();
    tls_.reset();
    wipe_text(out_);
    if (fd_ >= 0) {
        ::close(std::exchange(fd_, -1));
    }
}

// A copy of the reason: it may be that of a part that close() ends.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void Stream::lost(std::string why) noexcept {
    if (stage_ != Stage::closed) {
        close();
        handler_.on_closed(why);
    }
}

}  // namespace clave::redis
