/*
 * The tables nginx reads after dlopen(); for modules it builds itself, auto/make writes them. The
 * order of the first is that of an HTTP_AUX_FILTER (auto/module): registered just before the copy
 * filter, our header filter runs before the headers filter, so that add_header sees the redirect and
 * not the 401. The second is registered before the headers filter and runs after it, so that it sees
 * what add_header has said.
 */

#include <ngx_config.h>
#include <ngx_core.h>


extern ngx_module_t  ngx_http_clave_module;
extern ngx_module_t  ngx_http_clave_cache_control_module;

ngx_module_t *ngx_modules[] = {
    &ngx_http_clave_module,
    &ngx_http_clave_cache_control_module,
    NULL
};

char *ngx_module_names[] = {
    "ngx_http_clave_module",
    "ngx_http_clave_cache_control_module",
    NULL
};

char *ngx_module_order[] = {
    "ngx_http_clave_cache_control_module",
    "ngx_http_headers_filter_module",
    "ngx_http_clave_module",
    "ngx_http_copy_filter_module",
    NULL
};
