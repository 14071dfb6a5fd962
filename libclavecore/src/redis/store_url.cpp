#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/guard.h"
#include "clave/config_words.h"
#include "clave/redis_settings.h"
#include "crypto/pem_file.h"

namespace clave {
namespace {

struct Scheme {
    std::string_view word;
    StoreUrl::Kind kind;
    bool tls;
    std::uint16_t port;
};

constexpr std::array<Scheme, 6> kSchemes{{
    {"redis", StoreUrl::Kind::server, false, 6379},
    {"rediss", StoreUrl::Kind::server, true, 6379},
    {"redis+sentinel", StoreUrl::Kind::sentinel, false, 26379},
    {"rediss+sentinel", StoreUrl::Kind::sentinel, true, 26379},
    {"redis+cluster", StoreUrl::Kind::cluster, false, 6379},
    {"rediss+cluster", StoreUrl::Kind::cluster, true, 6379},
}};

constexpr std::string_view kForms =
    "give redis://HOST:PORT, unix:PATH, redis+sentinel://HOST:PORT,HOST:PORT/NAME or "
    "redis+cluster://HOST:PORT,HOST:PORT (rediss…:// for TLS)";

const Scheme& scheme_of(const StoreUrl& url) noexcept {
    return *std::ranges::find_if(kSchemes, [&url](const Scheme& scheme) {
        return scheme.kind == url.kind && scheme.tls == url.tls;
    });
}

tl::unexpected<ConfigError> wrong(const std::string& what, std::string_view remedy) {
    return config_error("store URL: " + what, std::string(remedy));
}

template <class Number>
std::optional<Number> read_number(std::string_view text) noexcept {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// What may be said again of something that is no URL of ours: further on there may be a password.
std::string beginning(std::string_view text) {
    const auto* const end = std::ranges::find_if(text, [](char c) { return c == ':' || c == '@'; });
    return {text.begin(), std::min(end, text.begin() + std::min<std::size_t>(text.size(), 64))};
}

bool is_word(std::string_view text, std::string_view also) noexcept {
    return !text.empty() && std::ranges::all_of(text, [also](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               also.find(c) != std::string_view::npos;
    });
}

ConfigResult<StoreHost> read_host(std::string_view text, std::uint16_t port) {
    StoreHost host;
    host.port = port;
    std::string_view after;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || !is_word(text.substr(1, end - 1), ":.%")) {
            return wrong("\"" + std::string(text) + "\" is no IPv6 address in brackets",
                         "write [2001:db8::1]:6379");
        }
        host.name = text.substr(1, end - 1);
        after = text.substr(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        host.name = text.substr(0, end);
        after = text.substr(end);
        if (after.find(':', 1) != std::string_view::npos) {
            return wrong("\"" + std::string(text) + "\" has more than one colon",
                         "an IPv6 address stands in brackets: [2001:db8::1]:6379");
        }
        if (!is_word(host.name, ".-_")) {
            return wrong("\"" + std::string(text) + "\" is no host name", kForms);
        }
    }
    if (after.empty()) {
        return host;
    }
    const auto number = read_number<std::uint16_t>(after.substr(1));
    if (after.front() != ':' || !number || *number == 0) {
        return wrong("\"" + std::string(text) + "\" has no valid port", "a port is 1 to 65535");
    }
    host.port = *number;
    return host;
}

ConfigResult<unsigned> read_database(std::string_view text) {
    const auto number = read_number<unsigned>(text);
    if (!number || *number > 1'000'000) {
        return wrong("\"" + std::string(text) + "\" is no database",
                     "a database is a number, as in "
                     "redis://HOST/3");
    }
    return *number;
}

ConfigResult<StoreUrl> read_path(std::string_view path) {
    StoreUrl url;
    url.path = path;
    if (!path.starts_with('/')) {
        return wrong("the path of a socket begins with a slash",
                     "write unix:/run/redis/redis.sock");
    }
    if (path.size() >= sizeof(sockaddr_un::sun_path) || path.find('\0') != std::string_view::npos) {
        return wrong("the path of a socket has at most " +
                         std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " characters",
                     "use a shorter one");
    }
    return url;
}

// What follows the hosts: a name for sentinels, a number for a server, both if need be.
ConfigResult<StoreUrl> read_tail(StoreUrl url, std::string_view tail) {
    if (url.kind == StoreUrl::Kind::cluster && !tail.empty()) {
        return wrong("a cluster has one database only", "leave out \"/" + std::string(tail) + "\"");
    }
    if (url.kind == StoreUrl::Kind::sentinel) {
        const std::size_t end = std::min(tail.find('/'), tail.size());
        url.primary = tail.substr(0, end);
        tail.remove_prefix(std::min(end + 1, tail.size()));
        if (!guard("store url primary", is_word(url.primary, ".-_"))) {
            return wrong("what do the sentinels call the primary?",
                         "write redis+sentinel://HOST:PORT,HOST:PORT/NAME; NAME is that of "
                         "\"sentinel monitor\"");
        }
    }
    if (!tail.empty()) {
        const auto database = read_database(tail);
        if (!database) {
            return tl::unexpected(database.error());
        }
        url.database = *database;
    }
    return url;
}

}  // namespace

std::string StoreHost::shown() const {
    const bool bare = name.find(':') != std::string::npos;
    return (bare ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

ConfigResult<StoreUrl> StoreUrl::parse(std::string_view text) {
    if (text.starts_with("unix:")) {
        return read_path(text.substr(5));
    }
    const std::size_t colon = text.find("://");
    const std::string_view word = text.substr(0, std::min(colon, text.size()));
    const auto* const scheme = std::ranges::find(kSchemes, word, &Scheme::word);
    if (colon == std::string_view::npos || scheme == kSchemes.end()) {
        std::vector<std::string_view> words(kSchemes.size());
        std::ranges::transform(kSchemes, words.begin(), &Scheme::word);
        return wrong("\"" + beginning(word) + "\" is no known scheme" +
                         (colon == std::string_view::npos ? "" : did_you_mean(word, words)),
                     kForms);
    }
    StoreUrl url;
    url.kind = scheme->kind;
    url.tls = scheme->tls;
    std::string_view rest = text.substr(colon + 3);
    if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
        // Nothing of what stands before it is repeated: it may be a password.
        if (!guard("store url password", rest.substr(0, at).find(':') == std::string_view::npos)) {
            return wrong(
                "a password does not belong here",
                "put it into a file of its own, mode 0640, and name that as password_file");
        }
        url.user = rest.substr(0, at);
        rest.remove_prefix(at + 1);
        if (!is_word(url.user, ".-_")) {
            return wrong("the user has letters, digits, dots, dashes and underscores only", kForms);
        }
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    for (const std::string_view one : split(rest.substr(0, slash), ',')) {
        auto host = read_host(one, scheme->port);
        if (!host) {
            return tl::unexpected(host.error());
        }
        url.hosts.push_back(std::move(*host));
    }
    if (url.kind == Kind::server && url.hosts.size() > 1) {
        return wrong("redis:// names one server",
                     "write redis+sentinel:// or redis+cluster:// if these belong together");
    }
    return read_tail(std::move(url), rest.substr(std::min(slash + 1, rest.size())));
}

std::string StoreUrl::shown() const {
    if (!path.empty()) {
        return "unix:" + path;
    }
    const Scheme& scheme = scheme_of(*this);
    std::string text = std::string(scheme.word) + "://" + (user.empty() ? "" : user + "@");
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        text += (i == 0 ? "" : ",") + hosts[i].shown();
    }
    text += primary.empty() ? "" : "/" + primary;
    return text + (database == 0 ? "" : "/" + std::to_string(database));
}

}  // namespace clave
