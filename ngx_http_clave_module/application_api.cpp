// `clave_sign_api`: orders of applications.
#include "context.h"
#include "guard.h"
#include "operation.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

// What follows the location's name: "/transactions/…"; empty for what only begins like it.
std::string_view path_below(const ngx_http_request_t* r) {
    const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    const std::string_view rest = view(r->uri).substr(std::min(core->name.len, r->uri.len));
    return rest.starts_with('/') || view(core->name).ends_with('/') ? rest : std::string_view();
}

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

struct ApplicationCall {
    static Task<Reply> serve(const Gate& gate, const Site& site, const LocConf& location,
                             const Request& request, const Context& context) {
        return gate.serve_api(site, *location.sign_api, request, context.api_path);
    }
    static Reply too_large(const Gate& gate, const Site& site, const Request& request) {
        return gate.api_body_too_large(site, request);
    }
    static std::size_t body_limit(const Site& site, const Request& request) {
        return Gate::api_body_limit(site, request);
    }
    static bool body_in_file(const Request& request) { return Gate::is_api_document(request); }
};

ngx_int_t begin(ngx_http_request_t* r) {
    Context& context = *make_context(r);
    if (!loc_conf(r)->api_open && !is_local(r->connection->sockaddr)) {
        drop_rest_of_body(r);
        return ngx_http_clave_send(r, context, main_conf(r)->runtime->gate().api_is_local());
    }
    context.api_path = path_below(r);
    auto* operation = make_in_pool<Operation<ApplicationCall>>(r->pool, r, context);
    if (operation == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    // An operation finalizes the request by itself, and so does nginx with what is returned here.
    ++r->main->count;
    const ngx_int_t rc = operation->begin();
    if (rc != NGX_DONE) {
        --r->main->count;
    }
    return rc;
}

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_sign_api_handler(ngx_http_request_t* r) {
    if (r != r->main) {
        return NGX_HTTP_FORBIDDEN;  // what a page includes is no application
    }
    return guard(r->connection->log, [&] { return begin(r); });
}
