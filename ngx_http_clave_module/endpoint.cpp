// Our own endpoints below `clave_path`. They work whatever location the URI would match, and
// server-level limit_req, access_log, allow/deny and add_header apply to them: the request skips
// the search for a location and goes on through the phases with the server's own configuration.
//
// And the forms that locations want signed, which go through the same steps instead of on to the
// application.
#include "context.h"
#include "guard.h"
#include "operation.h"
#include "runtime.h"

namespace clave::nginx {
namespace {

// To one of our own endpoints.
struct Endpoint {
    static Task<Reply> serve(const Gate& gate, const Site& site, const LocConf&,
                             const Request& request, const Context&) {
        return gate.serve(site, request);
    }
    static Reply too_large(const Gate& gate, const Site& site, const Request& request) {
        return gate.too_large(site, request);
    }
    static std::size_t body_limit(const Site& site, const Request& request) {
        return Gate::body_limit(site, request);
    }
};

// Of a form that wants a signature: the location is one that signs.
struct Intake {
    static Task<Reply> serve(const Gate& gate, const Site& site, const LocConf& location,
                             const Request& request, const Context& context) {
        return gate.take_to_sign(site, *location.order, request, *context.identified);
    }
    static Reply too_large(const Gate& gate, const Site& site, const Request& request) {
        return gate.too_large_to_sign(site, request);
    }
    static std::size_t body_limit(const Site& site, const Request&) {
        return Gate::most_form(site);
    }
};

template <class Work>
ngx_int_t begin(ngx_http_request_t* r, Context& context) {
    return guard(r->connection->log, [&] {
        auto* operation = make_in_pool<Operation<Work>>(r->pool, r, context);
        return operation ? operation->begin() : NGX_HTTP_INTERNAL_SERVER_ERROR;
    });
}

bool brings_a_form(const ngx_http_request_t* r) {
    return r->method == NGX_HTTP_POST || r->method == NGX_HTTP_PUT || r->method == NGX_HTTP_PATCH;
}

// NGX_DECLINED: it goes on to the application. Nothing that should be signed does, unless it is.
ngx_int_t intercept_form(ngx_http_request_t* r) {
    const LocConf& location = *loc_conf(r);
    if (location.order == nullptr || location.order->source != SignSource::form ||
        !brings_a_form(r)) {
        return NGX_DECLINED;
    }
    Context* context = find_context(r);
    if (context != nullptr && context->handed != nullptr) {
        return NGX_DECLINED;
    }
    // Let in by an address, or a copy (mirror) of what is asked elsewhere: nobody is there to sign.
    if (r != r->main || context == nullptr || exposed_identity(r) == nullptr ||
        !context->identified || context->identified->lookup != Lookup::hit) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "clave: E-AUTH a form that has to be signed, from nobody who could");
        return NGX_HTTP_FORBIDDEN;
    }
    return begin<Intake>(r, *context);
}

}  // namespace
}  // namespace clave::nginx

using namespace clave;
using namespace clave::nginx;

ngx_int_t ngx_http_clave_find_endpoint(ngx_http_request_t* r) {
    const SrvConf* server = srv_conf(r);
    if (!server->used || r != r->main || r->internal || !Gate::owns(*server->site, view(r->uri))) {
        return NGX_DECLINED;
    }
    return guard(r->connection->log, [&] {
        make_context(r)->is_endpoint = true;
        // on with the first phase after the search for a location
        const auto* cmcf = static_cast<ngx_http_core_main_conf_t*>(
            ngx_http_get_module_main_conf(r, ngx_http_core_module));
        ngx_http_update_location_config(r);
        r->phase_handler = static_cast<ngx_int_t>(cmcf->phase_engine.location_rewrite_index) - 1;
        return NGX_DECLINED;
    });
}

ngx_int_t ngx_http_clave_precontent_handler(ngx_http_request_t* r) {
    if (!srv_conf(r)->used) {
        return NGX_DECLINED;
    }
    Context* context = find_context(r);
    if (r == r->main && context != nullptr && at_endpoint(r, *context)) {
        return begin<Endpoint>(r, *context);
    }
    // Another module has let the visitor in: from here on a 401 is the application's own. Not so
    // inside an error_page of ours, where err_status still holds our answer.
    if (r == r->main && context != nullptr && r->err_status == 0) {
        context->mark.reset();
    }
    // An error_page is no application.
    if (r == r->main && context != nullptr && context->handed != nullptr && r->err_status == 0) {
        context->handed_on = r->loc_conf;
    }
    return intercept_form(r);
}
