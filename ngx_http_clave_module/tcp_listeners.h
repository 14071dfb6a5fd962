// What a server listens on, as far as the public origin depends on it.
#pragma once

#include "ngx.h"

namespace clave::nginx {

// True if no listener of `server` lacks `ssl` (a server without `listen` has a plain one on port
// 80).
bool listens_only_with_tls(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server);
bool listens_on_port(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server, in_port_t port);

}  // namespace clave::nginx
