// Who may keep a response, decided when all others have written to it: behind the headers filter,
// hence a module of its own (modules.c has the order).
//
// What an identified citizen is shown is his alone: no cache between him and us keeps it, unless
// somebody has said how long (checklist H-21); the application's word and the administrator's
// (`expires`, `add_header Cache-Control`) count. In an answer of our own they do not: an `expires`
// of the server would have the way to the login kept (checklist H-24).
#include "context.h"

using namespace clave::nginx;

extern "C" ngx_module_t ngx_http_clave_cache_control_module;

namespace {

ngx_http_output_header_filter_pt next_header_filter;

ngx_str_t cache_control = ngx_string("Cache-Control");
ngx_str_t expires = ngx_string("Expires");
ngx_str_t for_him_alone = ngx_string("private, no-store");

bool is_named(const ngx_table_elt_t& header, const ngx_str_t& name) {
    return header.hash != 0 && header.key.len == name.len &&
           ngx_strncasecmp(header.key.data, name.data, name.len) == 0;
}

template <class Visit>
void each_header(ngx_http_request_t* r, Visit visit) {
    for (ngx_list_part_t* part = &r->headers_out.headers.part; part; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            visit(headers[i]);
        }
    }
}

struct Said {
    bool by_us = false;
    bool by_anybody = false;
};

Said what_is_said(ngx_http_request_t* r) {
    Said said;
    each_header(r, [&said](const ngx_table_elt_t& header) {
        const bool about_caches = is_named(header, cache_control);
        said.by_anybody = said.by_anybody || about_caches;
        said.by_us = said.by_us || (about_caches && header.hash == kOurWord);
    });
    return said;
}

void silence_others(ngx_http_request_t* r) {
    each_header(r, [](ngx_table_elt_t& header) {
        const bool about_caches = is_named(header, cache_control) || is_named(header, expires);
        if (about_caches && header.hash != kOurWord) {
            header.hash = 0;
        }
    });
}

ngx_int_t ngx_http_clave_cache_control_filter(ngx_http_request_t* r) {
    const Said said = r == r->main ? what_is_said(r) : Said{};
    if (said.by_us) {
        silence_others(r);
    }
    const Context* context = r == r->main && srv_conf(r)->used ? find_context(r) : nullptr;
    if (context == nullptr || !context->was_identified || said.by_anybody) {
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

ngx_int_t ngx_http_clave_add_cache_control_filter(ngx_conf_t*) {
    // also where nobody is identified: a page of the operator's is an answer of ours
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_clave_cache_control_filter;
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
