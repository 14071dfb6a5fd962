#include "operator_location.h"

#include <algorithm>

namespace clave::nginx {
namespace {

// 127.0.0.0/8, ::1, and the former written as the latter.
bool is_local(const sockaddr* address) {
    // Each kind of socket address begins with its family (POSIX), which says what it is.
    if (address->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        return (ntohl(v4->sin_addr.s_addr) >> 24U) == 127;
    }
#if (NGX_HAVE_INET6)
    if (address->sa_family == AF_INET6) {
        // as above
        const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
    }
#endif
    return address->sa_family == AF_UNIX;
}

}  // namespace

std::optional<std::string_view> asked_below(const ngx_http_request_t* r) {
    const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    std::string_view rest = view(r->uri);
    rest.remove_prefix(std::min(core->name.len, rest.size()));
    const bool below = rest.starts_with('/') || view(core->name).ends_with('/');
    if (rest.starts_with('/')) {
        rest.remove_prefix(1);
    }
    return below || rest.empty() ? std::optional(rest) : std::nullopt;
}

bool may_operate(const ngx_http_request_t* r) {
    return loc_conf(r)->operator_open || is_local(r->connection->sockaddr);
}

ngx_int_t judge_operator(const ngx_http_request_t* r, const char* what) {
    if (may_operate(r)) {
        return NGX_OK;
    }
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "clave: %s for this machine only; \"allow\" others in its location", what);
    return NGX_HTTP_FORBIDDEN;
}

}  // namespace clave::nginx
