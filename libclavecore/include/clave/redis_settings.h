// Where Redis is and how to speak to it, as the administrator says.
//
//   redis://[USER@]HOST[:PORT][/DATABASE]          one server; rediss:// over TLS
//   unix:PATH                                      the same through a socket
//   redis+sentinel://HOST[:PORT],…/NAME[/DATABASE] the primary that the sentinels call NAME
//   redis+cluster://HOST[:PORT],…                  a cluster; these are the nodes to ask first
//
// rediss+sentinel:// and rediss+cluster:// speak TLS with everyone. An IPv6 address stands in
// brackets. A password is never part of a URL: URLs end up in logs, and in ps.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clave/pki.h"

using SSL_CTX = struct ssl_ctx_st;

namespace clave {

struct StoreHost {
    std::string name;  // a host name or a literal address, without brackets
    std::uint16_t port = 0;

    bool operator==(const StoreHost&) const = default;
    std::string shown() const;  // "redis.example:6379", "[::1]:6379"
};

struct StoreUrl {
    enum class Kind : std::uint8_t { server, sentinel, cluster };

    Kind kind = Kind::server;
    bool tls = false;
    std::string path;              // of a unix socket; else empty
    std::vector<StoreHost> hosts;  // one or more, unless there is a path
    std::string primary;           // what the sentinels call it
    std::string user;              // empty: the default user
    unsigned database = 0;

    static ConfigResult<StoreUrl> parse(std::string_view text);
    std::string shown() const;  // as parse() takes it, for logs
};

// What a TLS connection is checked against, read once, at configuration time, as root. TLS 1.2 or
// newer; there is no way to switch the verification off.
class StoreTls {
  public:
    // Empty paths: the system's authorities; no certificate of our own. Errors as those of pki.h.
    static ConfigResult<StoreTls> load(const std::string& trusted_certificate,
                                       const std::string& certificate,
                                       const std::string& certificate_key);

    SSL_CTX* context() const noexcept { return context_.get(); }

  private:
    explicit StoreTls(std::shared_ptr<SSL_CTX> context) noexcept : context_(std::move(context)) {}
    std::shared_ptr<SSL_CTX> context_;
};

struct RedisSettings {
    StoreUrl url;
    std::string password_file;           // empty: none. Read again at each connect
    std::string sentinel_password_file;  // that of the sentinels, if they have one
    std::shared_ptr<StoreTls> tls;       // if url.tls
    std::string tls_name;                // empty: the host's own name is the one in its certificate
    std::chrono::milliseconds connect_timeout{250};  // TCP and TLS together
    std::chrono::milliseconds timeout{500};  // of one command, its wait for its turn included
    std::size_t connections = 2;             // per process and server
    std::size_t queue = 1024;                // commands under way, per process and server
    std::size_t most_reply = 1024 * 1024;    // bytes
    // How long the channel of changes may miss something before that is known.
    std::chrono::milliseconds silence{1000};
};

}  // namespace clave
