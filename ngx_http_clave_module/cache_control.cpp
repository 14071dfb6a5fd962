// What an identified citizen is shown is his alone: no cache between him and us keeps it, unless
// somebody has said how long (checklist H-21). The application's word and the administrator's
// (`expires`, `add_header Cache-Control`) count, so this looks at a response when all others have
// written to it: behind the headers filter, hence a module of its own (modules.c has the order).
#include "context.h"

using namespace clave::nginx;

extern "C" ngx_module_t ngx_http_clave_cache_control_module;

namespace {

ngx_http_output_header_filter_pt next_header_filter;

ngx_str_t cache_control = ngx_string("Cache-Control");
ngx_str_t for_him_alone = ngx_string("private, no-store");

bool is_said(const ngx_http_request_t* r) {
    for (const ngx_list_part_t* part = &r->headers_out.headers.part; part; part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (headers[i].hash != 0 && headers[i].key.len == cache_control.len &&
                ngx_strncasecmp(headers[i].key.data, cache_control.data, cache_control.len) == 0) {
                return true;
            }
        }
    }
    return false;
}

ngx_int_t ngx_http_clave_cache_control_filter(ngx_http_request_t* r) {
    const Context* context = r == r->main && srv_conf(r)->used ? find_context(r) : nullptr;
    if (context == nullptr || !context->was_identified || is_said(r)) {
        return next_header_filter(r);
    }
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = 1;
    header->key = cache_control;
    header->value = for_him_alone;
    return next_header_filter(r);
}

ngx_int_t ngx_http_clave_add_cache_control_filter(ngx_conf_t* cf) {
    if (main_conf(cf)->used) {
        next_header_filter = ngx_http_top_header_filter;
        ngx_http_top_header_filter = ngx_http_clave_cache_control_filter;
    }
    return NGX_OK;
}

ngx_http_module_t module_ctx = {
    nullptr, ngx_http_clave_add_cache_control_filter, nullptr, nullptr, nullptr, nullptr, nullptr,
    nullptr};

}  // namespace

ngx_module_t ngx_http_clave_cache_control_module = {
    NGX_MODULE_V1,   &module_ctx,
    nullptr,  // commands
    NGX_HTTP_MODULE, nullptr,     nullptr,
    nullptr,         nullptr,     nullptr,
    nullptr,         nullptr,     NGX_MODULE_V1_PADDING};
