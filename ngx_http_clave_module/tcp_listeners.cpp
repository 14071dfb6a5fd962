#include "tcp_listeners.h"

namespace clave::nginx {
namespace {

bool serves(const ngx_http_conf_addr_t& address, const ngx_http_core_srv_conf_t& server) {
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(address.servers.elts);
    for (ngx_uint_t i = 0; i < address.servers.nelts; ++i) {
        if (servers[i] == &server) {
            return true;
        }
    }
    return false;
}

// Calls use(port in host order, address) for each listener of `server`.
template <class Use>
void for_each_listener(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server, Use use) {
    const auto* cmcf = static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    if (cmcf->ports == nullptr) {
        return;
    }
    const auto* ports = static_cast<ngx_http_conf_port_t*>(cmcf->ports->elts);
    for (ngx_uint_t p = 0; p < cmcf->ports->nelts; ++p) {
        const auto* addresses = static_cast<ngx_http_conf_addr_t*>(ports[p].addrs.elts);
        for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) {
            if (serves(addresses[a], server)) {
                use(ports[p].port, addresses[a]);
            }
        }
    }
}

}  // namespace

bool listens_only_with_tls(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server) {
    bool all = true;
#if (NGX_HTTP_SSL)
    for_each_listener(cf, server, [&](in_port_t, const ngx_http_conf_addr_t& address) {
        bool tls = address.opt.ssl;
#if (NGX_HTTP_V3)
        tls = tls || address.opt.quic;
#endif
        all = all && tls;
    });
#else
    all = false;
#endif
    return all;
}

bool listens_on_port(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server, in_port_t port) {
    bool found = false;
    for_each_listener(cf, server, [&](in_port_t listens, const ngx_http_conf_addr_t&) {
        found = found || listens == port;
    });
    return found;
}

}  // namespace clave::nginx
