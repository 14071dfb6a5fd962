// Who may pass. The hot path of every protected location: cookie, digest, one lookup in shared
// memory, level, headers. Where the session is not in this memory, the request waits.
#include "context.h"
#include "guard.h"
#include "runtime.h"

using namespace clave;
using namespace clave::nginx;

namespace {

ngx_int_t let_in(ngx_http_request_t* r, Context& context) {
    expose_identity(r, &context);
    return ngx_http_clave_add_headers(r, context);
}

// A store that cannot answer leaves an optional location without identity, and working: nobody gets
// more than a stranger does, and nobody is sent anywhere.
ngx_int_t identify_if_possible(ngx_http_request_t* r, Context& context) {
    const ngx_int_t rc = ngx_http_clave_identify(r, context);
    if (rc != NGX_OK) {
        return rc;
    }
    const bool known = context.identified->lookup == Lookup::hit;
    return known && let_in(r, context) != NGX_OK ? NGX_ERROR : NGX_DECLINED;
}

bool admitted(ngx_http_request_t* r, const Identified& who, Admission& why) {
    why = who.lookup == Lookup::hit ? admit(*loc_conf(r)->requirement, who.session.credential,
                                            main_conf(r)->runtime->clock().now())
                                    : Admission::level_low;
    return who.lookup == Lookup::hit && why == Admission::granted;
}

// Who hands a signed form over has come with a page load, and what he brings waits in the archive:
// after the login he is led to it again.
Request asked_by(ngx_http_request_t* r, const Context& context) {
    Request request = request_view(r, context);
    if (context.handed != nullptr) {
        request.method = "GET";
        request.raw_target = request.path = context.handed->page;
        request.query = {};
    }
    return request;
}

// NGX_OK rather than NGX_DECLINED: under `satisfy any` an identified citizen is reason enough.
ngx_int_t require(ngx_http_request_t* r, Context& context) {
    const LocConf& location = *loc_conf(r);
    const Gate& gate = main_conf(r)->runtime->gate();
    const Site& site = *srv_conf(r)->site;
    const ngx_int_t rc = ngx_http_clave_identify(r, context);
    if (rc != NGX_OK) {
        return rc;
    }
    const Identified& who = *context.identified;

    if (who.lookup == Lookup::error) {
        return ngx_http_clave_answer_with(r, context, NGX_HTTP_SERVICE_UNAVAILABLE,
                                          gate.store_down(site, request_view(r, context)));
    }
    Admission why;
    if (admitted(r, who, why)) {
        return let_in(r, context);
    }
    const ngx_int_t kept = ngx_http_clave_preserve_form(r, context);
    if (kept != NGX_DECLINED) {
        return kept;
    }
    // 401 is what `satisfy any` and error_page understand; the filter makes it what it has to be
    return ngx_http_clave_answer_with(
        r, context, NGX_HTTP_UNAUTHORIZED,
        gate.turn_away(site, *location.requirement, asked_by(r, context),
                       static_cast<Unauthenticated>(location.unauthenticated), who, why));
}

// RFC 9110 section 11.6.1: a 401 says how to authenticate. auth_request copies this one.
ngx_int_t challenge(ngx_http_request_t* r) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = 1;
    ngx_str_set(&header->key, "WWW-Authenticate");
    ngx_str_set(&header->value, "Clave");
    r->headers_out.www_authenticate = header;
    return NGX_HTTP_UNAUTHORIZED;
}

// nginx skips the access phase for subrequests (SSI, mirror, auth_request): what the session of the
// main request allows in their location passes, everything else is refused (checklist H-05).
ngx_int_t judge_subrequest(ngx_http_request_t* r) {
    const LocConf& location = *loc_conf(r);
    if (r == r->main || location.mode == Mode::off) {
        return NGX_DECLINED;
    }
    Context& context = *make_context(r);
    if (location.mode == Mode::optional) {
        return identify_if_possible(r, context);
    }
    const ngx_int_t rc = ngx_http_clave_identify(r, context);
    if (rc != NGX_OK) {
        return rc;
    }
    Admission why;
    if (!admitted(r, *context.identified, why)) {
        return context.identified->lookup == Lookup::error ? NGX_HTTP_SERVICE_UNAVAILABLE
                                                           : challenge(r);
    }
    return let_in(r, context) == NGX_OK ? NGX_DECLINED : NGX_ERROR;
}

}  // namespace

ngx_int_t ngx_http_clave_preaccess_handler(ngx_http_request_t* r) {
    ngx_int_t rc = ngx_http_clave_strip_headers(r);
    if (rc == NGX_DECLINED) {
        rc = guard(r->connection->log, [&] { return judge_subrequest(r); });
    }
    if (r != r->main && (rc == NGX_ERROR || rc >= NGX_HTTP_SPECIAL_RESPONSE)) {
        // no error_page: to auth_request, "error_page 401 = /login.html" would be a 200 that lets
        // everybody in
        r->error_page = 1;
    }
    return rc;
}

ngx_int_t ngx_http_clave_access_handler(ngx_http_request_t* r) {
    const LocConf* location = loc_conf(r);
    if (location->mode == Mode::off) {
        return NGX_DECLINED;
    }
    return guard(r->connection->log, [&]() -> ngx_int_t {
        Context& context = *make_context(r);
        if (at_endpoint(r, context)) {
            return NGX_DECLINED;
        }
        return location->mode == Mode::optional ? identify_if_possible(r, context)
                                                : require(r, context);
    });
}
