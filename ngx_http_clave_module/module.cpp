// The module as nginx sees it. The order of handlers is half of its security; see each remark.
#include "audit_log.h"
#include "conf.h"
#include "context.h"
#include "expiry_watch.h"
#include "runtime.h"

using namespace clave::nginx;

namespace {

ngx_int_t ngx_http_clave_post_read_handler(ngx_http_request_t* r) {
    const ngx_int_t rc = ngx_http_clave_strip_headers(r);
    return rc == NGX_DECLINED ? ngx_http_clave_pass_on_judged_address(r) : rc;
}

ngx_int_t ngx_http_clave_server_rewrite_handler(ngx_http_request_t* r) {
    const ngx_int_t rc = ngx_http_clave_strip_headers(r);
    if (rc != NGX_DECLINED) {
        return rc;
    }
    const ngx_int_t fetched = ngx_http_clave_fetch_form(r);
    return fetched == NGX_DECLINED ? ngx_http_clave_find_endpoint(r) : fetched;
}

// The handler of the rewrite module, which our own has taken the place of.
ngx_http_handler_pt rewrite_of_nginx;

// A request that died early (a Host of "a/b") and has a page in a named location begins here: no
// handler of ours has seen it before `set` and `if` of that location look at its headers.
ngx_int_t ngx_http_clave_rewrite_handler(ngx_http_request_t* r) {
    const ngx_int_t rc = ngx_http_clave_strip_headers(r);
    return rc == NGX_DECLINED ? rewrite_of_nginx(r) : rc;
}

// Not by a handler of its own in front: the rewrite module knows by its own place, the first, that
// a request has no location. It is the first one added, other modules follow it.
ngx_int_t run_with_rewrite(ngx_http_core_main_conf_t* cmcf) {
    ngx_array_t& handlers = cmcf->phases[NGX_HTTP_REWRITE_PHASE].handlers;
    if (handlers.nelts == 0) {  // an nginx without it
        auto* place = static_cast<ngx_http_handler_pt*>(ngx_array_push(&handlers));
        if (place == nullptr) {
            return NGX_ERROR;
        }
        *place = ngx_http_clave_strip_headers;
        return NGX_OK;
    }
    auto& handler = *static_cast<ngx_http_handler_pt*>(handlers.elts);
    rewrite_of_nginx = handler;
    handler = ngx_http_clave_rewrite_handler;
    return NGX_OK;
}

// nginx runs the handlers of a phase from the last one added to the first one.
ngx_int_t run_first(ngx_http_core_main_conf_t* cmcf, ngx_http_phases phase,
                    ngx_http_handler_pt handler) {
    auto* place = static_cast<ngx_http_handler_pt*>(ngx_array_push(&cmcf->phases[phase].handlers));
    if (place == nullptr) {
        return NGX_ERROR;
    }
    *place = handler;
    return NGX_OK;
}

ngx_int_t run_last(ngx_http_core_main_conf_t* cmcf, ngx_http_phases phase,
                   ngx_http_handler_pt handler) {
    ngx_array_t& handlers = cmcf->phases[phase].handlers;
    if (run_first(cmcf, phase, handler) != NGX_OK) {
        return NGX_ERROR;
    }
    auto* first = static_cast<ngx_http_handler_pt*>(handlers.elts);
    ngx_memmove(first + 1, first, (handlers.nelts - 1) * sizeof(ngx_http_handler_pt));
    *first = handler;
    return NGX_OK;
}

ngx_int_t add_handlers(ngx_conf_t* cf) {
    auto* cmcf = static_cast<ngx_http_core_main_conf_t*>(
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ngx_int_t added[] = {
        // Client-sent identity goes before anything can look at it; requests that enter the phases
        // late (an error_page of a 400) pass the later ones.
        run_first(cmcf, NGX_HTTP_POST_READ_PHASE, ngx_http_clave_post_read_handler),
        run_first(cmcf, NGX_HTTP_SERVER_REWRITE_PHASE, ngx_http_clave_server_rewrite_handler),
        run_with_rewrite(cmcf),
        run_first(cmcf, NGX_HTTP_PREACCESS_PHASE, ngx_http_clave_preaccess_handler),
        // last: an address that is denied stays denied, and nobody is looked up whom `allow` lets
        // in
        run_last(cmcf, NGX_HTTP_ACCESS_PHASE, ngx_http_clave_access_handler),
        // first: no try_files and no mirror of the server touches a message of the gateway
        run_first(cmcf, NGX_HTTP_PRECONTENT_PHASE, ngx_http_clave_precontent_handler)};
    for (const ngx_int_t rc : added) {
        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

ngx_int_t ngx_http_clave_postconfiguration(ngx_conf_t* cf) {
    MainConf* mcf = main_conf(cf);
    if (ngx_http_clave_review_operator(cf, mcf) != NGX_OK) {
        return NGX_ERROR;
    }
    if (!mcf->used) {
        return NGX_OK;
    }
    if (ngx_http_clave_read_session_keys(cf, mcf) != NGX_OK ||
        ngx_http_clave_review_parcels(cf, mcf) != NGX_OK ||
        ngx_http_clave_build_sites(cf) != NGX_OK ||
        ngx_http_clave_review_audit_logs(cf, *mcf) != NGX_OK ||
        ngx_http_clave_add_metrics_zone(cf, mcf) != NGX_OK) {
        return NGX_ERROR;
    }
    ngx_http_clave_review_neighbours(cf);
#if (NGX_THREADS)
    mcf->threads = ngx_thread_pool_add(cf, nullptr);
    if (mcf->threads == nullptr) {
        return NGX_ERROR;
    }
#endif
    ngx_http_clave_init_filters();
    return add_handlers(cf);
}

ngx_int_t ngx_http_clave_init_process(ngx_cycle_t* cycle) {
    const ngx_int_t rc = ngx_http_clave_start_runtime(cycle);
    // of all that is not NGX_OK, nginx stops a process for this one only
    return rc == NGX_OK && ngx_http_clave_watch_archives(cycle) == NGX_OK
               ? ngx_http_clave_watch_expiry(cycle)
               : NGX_ERROR;
}

ngx_http_module_t ngx_http_clave_module_ctx = {
    ngx_http_clave_add_variables,      // preconfiguration
    ngx_http_clave_postconfiguration,  // postconfiguration

    ngx_http_clave_create_main_conf,  ngx_http_clave_init_main_conf,

    ngx_http_clave_create_srv_conf,   ngx_http_clave_merge_srv_conf,

    ngx_http_clave_create_loc_conf,   ngx_http_clave_merge_loc_conf,
};

}  // namespace

ngx_module_t ngx_http_clave_module = {NGX_MODULE_V1,
                                      &ngx_http_clave_module_ctx,
                                      ngx_http_clave_commands,
                                      NGX_HTTP_MODULE,
                                      nullptr,                      // init master
                                      nullptr,                      // init module
                                      ngx_http_clave_init_process,  // init process
                                      nullptr,                      // init thread
                                      nullptr,                      // exit thread
                                      ngx_http_clave_end_runtime,   // exit process
                                      nullptr,                      // exit master
                                      NGX_MODULE_V1_PADDING};
