// Where a site is to be found, as browsers write it, and its own places there.

#include <algorithm>
#include <charconv>

#include "clave/gate.h"
#include "site_reading.h"
#include "tcp_listeners.h"

namespace clave::nginx {
namespace {

// Empty, or ":" and 1 to 65535.
bool is_port(std::string_view text) {
    if (text.empty()) {
        return true;
    }
    int port = 0;
    const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), port);
    return text.front() == ':' && error == std::errc() && end == text.data() + text.size() &&
           port >= 1 && port <= 65535;
}

// "https://sede.example.gob.es" or "https://sede.example.gob.es:8443": no path, no user, no query.
// As browsers write it in Origin (RFC 6454, section 6.2), which is what it is compared with.
std::string check_origin(const Given& given) {
    std::string url = value(given);
    if (url.ends_with('/')) {
        url.pop_back();
    }
    std::transform(url.begin(), url.end(), url.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const std::size_t host = std::min(url.size(), std::string_view("https://").size());
    const std::size_t colon = url.find(':', std::max(host, url.find(']') + 1));
    const std::string_view port = std::string_view(url).substr(std::min(colon, url.size()));
    if (!has_https_host(url) || url.find_first_of("/?#@\\ $\"<>", host) != std::string::npos ||
        !is_port(port)) {
        throw Mistake(given.at, "\"clave_base_url " + value(given) +
                                    "\" should be an https origin without a path, as in "
                                    "\"https://sede.example.gob.es\"");
    }
    if (port == ":443") {
        url.resize(colon);
    }
    return url;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "_" && name.find_first_of("*~$^ ") == std::string_view::npos &&
           name.front() != '.' && name != "localhost.";
}

ngx_str_t host_of(ngx_conf_t* cf, std::string_view origin) {
    origin.remove_prefix(std::string_view("https://").size());
    return to_ngx(cf->pool, origin.starts_with('[') ? origin.substr(0, origin.find(']') + 1)
                                                    : origin.substr(0, origin.find(':')));
}

// As nginx chooses a server by its names; one without a name, or with "_", is there for all.
bool is_name_of(const ngx_http_server_name_t& name, ngx_str_t given) {
    const std::string_view text = view(name.name);
    const std::string_view host = view(given);
#if (NGX_PCRE)
    if (name.regex != nullptr) {
        return ngx_regex_exec(name.regex->regex, &given, nullptr, 0) >= 0;
    }
#endif
    if (text.starts_with("*.")) {
        return host.ends_with(text.substr(1));
    }
    if (text.ends_with(".*")) {
        return host.starts_with(text.substr(0, text.size() - 1));
    }
    return text.empty() || text == "_" || text == host ||
           (text.starts_with('.') && (host.ends_with(text) || host == text.substr(1)));
}

void warn_about_foreign_origin(const Server& server, const std::string& origin) {
    const std::span<const ngx_http_server_name_t> names(
        static_cast<ngx_http_server_name_t*>(server.core.server_names.elts),
        server.core.server_names.nelts);
    const ngx_str_t host = host_of(server.cf, origin);
    const bool known = std::any_of(names.begin(), names.end(),
                                   [&](const auto& name) { return is_name_of(name, host); });
    if (!known && !names.empty()) {
        warning(server.cf, server.conf.base_url.at,
                "\"clave_base_url " + origin +
                    "\" is no name of this server; correct it, or add \"" + copy(host) +
                    "\" to \"server_name\"");
    }
}

bool is_uri_text(std::string_view uri) {
    return std::all_of(uri.begin(), uri.end(), [](char c) {
        return c > ' ' && c < 0x7F &&
               std::string_view("\"<>\\^`{|}$#").find(c) == std::string_view::npos;
    });
}

}  // namespace

// The public origin comes from the configuration only, never from Host (checklist H-12).
std::string read_origin(const Server& server) {
    const bool tls_here = listens_only_with_tls(server.cf, server.core);
    if (server.conf.base_url.args != nullptr) {
        std::string origin = check_origin(server.conf.base_url);
        warn_about_foreign_origin(server, origin);
        return origin;
    }
    if (!tls_here) {
        throw Mistake(server.conf.first_use,
                      "this server has a listener without TLS; if TLS ends in front of nginx, say "
                      "so with \"clave_base_url https://…;\", else use \"listen … ssl\"");
    }
    const auto* names = static_cast<ngx_http_server_name_t*>(server.core.server_names.elts);
    const std::string_view first =
        server.core.server_names.nelts > 0 ? view(names[0].name) : std::string_view();
    if (!is_plain_name(first)) {
        throw Mistake(server.conf.first_use,
                      "the public origin cannot be told from \"server_name" +
                          (first.empty() ? std::string() : " " + std::string(first)) +
                          "\"; add \"clave_base_url https://…;\" to the server");
    }
    if (!listens_on_port(server.cf, server.core, 443)) {
        throw Mistake(server.conf.first_use,
                      "this server does not listen on port 443; add \"clave_base_url https://" +
                          std::string(first) + ":PORT;\" with the port that browsers use");
    }
    return "https://" + std::string(first);
}

std::string read_path(const SrvConf& conf) {
    if (conf.path.args == nullptr) {
        return "/.clave/";
    }
    std::string path = value(conf.path);
    const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '/' || c == '.' || c == '-' || c == '_';
    });
    if (!plain || path.size() < 3 || path.front() != '/' || path.back() != '/' ||
        path.find("//") != std::string::npos || path.find("/../") != std::string::npos ||
        path.find("/./") != std::string::npos) {
        throw Mistake(conf.path.at, "\"clave_path " + path +
                                        "\" should begin and end with \"/\" and name a directory "
                                        "in between (letters, digits, \".-_\"), as in "
                                        "\"/.clave/\"");
    }
    return path;
}

// Where a logout leads, as a path. A foreign one would make an open redirect of us, and one of our
// endpoints a loop.
std::string read_logout_target(const SrvConf& conf, const Site& site) {
    if (conf.logout.args == nullptr) {
        return "/";
    }
    const std::string given = value(conf.logout);
    std::string uri = given;
    if (uri.starts_with(site.origin) && uri.substr(site.origin.size()).find('/') == 0) {
        uri.erase(0, site.origin.size());
    }
    if (!uri.starts_with('/') || uri.starts_with("//")) {
        throw Mistake(conf.logout.at, "\"clave_logout " + given + "\" does not lead to \"" +
                                          site.origin + "\"; give a path, as in \"/\"");
    }
    if (!is_uri_text(uri)) {
        throw Mistake(conf.logout.at,
                      "\"clave_logout " + given +
                          "\" has characters that a URI must not have; it takes no variables, and "
                          "spaces or accents should be percent-encoded");
    }
    if (Gate::owns(site, uri)) {
        throw Mistake(conf.logout.at, "\"clave_logout " + given +
                                          "\" leads to an endpoint of ours; give a page of the "
                                          "site, as in \"/\"");
    }
    return uri;
}

}  // namespace clave::nginx
