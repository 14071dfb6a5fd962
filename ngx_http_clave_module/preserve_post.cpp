// The form that met a login (product.md 8.12): read into memory, put aside by the core, and, when
// its sender comes back to where it was sent, put in the place of the page load that he comes with.
// A form that was signed meanwhile (signed_form.cpp) goes on the same way.
#include <algorithm>

#include "body_reader.h"
#include "context.h"
#include "guard.h"
#include "runtime.h"

using namespace clave;
using namespace clave::nginx;

namespace {

const Gate& gate_of(const ngx_http_request_t* r) {
    return main_conf(r)->runtime->gate();
}

// Those of one household or office share a quota, whatever their routers do: a /64 is one of them.
std::string_view address_of(const ngx_http_request_t* r) {
    const sockaddr* address = r->connection->sockaddr;
    switch (address->sa_family) {
        case AF_INET: {
            // what nginx has accepted is of the type that its family says
            const auto* in = reinterpret_cast<const sockaddr_in*>(address);
            return {reinterpret_cast<const char*>(&in->sin_addr), sizeof(in->sin_addr)};
        }
#if (NGX_HAVE_INET6)
        case AF_INET6: {
            // as above
            const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
            return {reinterpret_cast<const char*>(&in->sin6_addr), 8};
        }
#endif
        default:
            return {};
    }
}

void go_on_with_body(ngx_http_request_t* r, ngx_int_t rc) {
    Context* context = find_context(r);
    if (context == nullptr || rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        ngx_http_finalize_request(r, rc);
        return;
    }
    context->form_read = rc;
    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);  // asks the access handler again
}

// As BodyReader::read(); the answer of a reader that has been here already stands.
ngx_int_t read_form(ngx_http_request_t* r, Context& context) {
    if (!context.form_read) {
        auto* reader = make_in_pool<BodyReader>(
            r->pool, r, static_cast<std::size_t>(loc_conf(r)->form_limit), go_on_with_body);
        if (reader == nullptr) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
        context.form_read = reader->read();
    }
    return *context.form_read;
}

// ---- the way back

struct NamedMethod {
    ngx_str_t name;
    ngx_uint_t method;
};
const NamedMethod kMethods[] = {{ngx_string("POST"), NGX_HTTP_POST},
                                {ngx_string("PUT"), NGX_HTTP_PUT},
                                {ngx_string("PATCH"), NGX_HTTP_PATCH}};

bool has_body(const ngx_http_request_t* r) {
    return r->headers_in.content_length != nullptr || r->headers_in.content_length_n > 0 ||
           r->headers_in.chunked || r->request_body != nullptr;
}

// nginx's shortcut to a header that it has parsed.
void point_at(ngx_http_request_t* r, std::string_view name, ngx_table_elt_t* header) {
    if (name == "Content-Type") {
        r->headers_in.content_type = header;
    } else if (name == "Content-Length") {
        r->headers_in.content_length = header;
    } else if (name == "Referer") {
        r->headers_in.referer = header;
    }
}

// Takes out all of that name: emptied ones go with the forbidden headers, in the next phase.
void remove_header(ngx_http_request_t* r, std::string_view lowcase) {
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (headers[i].lowcase_key != nullptr &&
                view({headers[i].key.len, headers[i].lowcase_key}) == lowcase) {
                headers[i].key.len = 0;
            }
        }
    }
}

ngx_int_t replace_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    ngx_str_t key = to_ngx(r->pool, name);
    ngx_str_t lowcase = to_ngx(r->pool, name);
    ngx_str_t text = to_ngx(r->pool, value);
    if (key.data == nullptr || lowcase.data == nullptr || text.data == nullptr) {
        return NGX_ERROR;
    }
    const ngx_uint_t hash = ngx_hash_strlow(lowcase.data, lowcase.data, lowcase.len);
    remove_header(r, view(lowcase));
    point_at(r, name, nullptr);
    if (value.empty()) {
        return NGX_OK;
    }
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = hash;
    header->key = key;
    header->lowcase_key = lowcase.data;
    header->value = text;
    point_at(r, name, header);
    return NGX_OK;
}

// The browser may have a copy of a page at this address, and ask whether it is still good, or for
// the rest of it: nothing that the sender of a form has asked.
void drop_conditions(ngx_http_request_t* r) {
    for (const std::string_view lowcase : {"if-modified-since", "if-unmodified-since", "if-match",
                                           "if-none-match", "if-range", "range"}) {
        remove_header(r, lowcase);
    }
    r->headers_in.if_modified_since = nullptr;
    r->headers_in.if_unmodified_since = nullptr;
    r->headers_in.if_match = nullptr;
    r->headers_in.if_none_match = nullptr;
    r->headers_in.if_range = nullptr;
    r->headers_in.range = nullptr;
}

// From here on this is the request that was put aside. No phase has looked at it yet but the first,
// so locations, limits and access are those of the form, not those of the page load.
ngx_int_t become(ngx_http_request_t* r, const PreservedForm& form) {
    const auto* method =
        std::find_if(std::begin(kMethods), std::end(kMethods),
                     [&](const NamedMethod& one) { return view(one.name) == form.method; });
    if (method == std::end(kMethods)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    drop_conditions(r);
    r->method = method->method;
    r->method_name = method->name;
    for (const auto& [name, value] : form.headers) {
        if (replace_header(r, name, value) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    const std::string length = std::to_string(form.body_size);
    r->headers_in.content_length_n = static_cast<off_t>(form.body_size);
    const auto octets = form.body();
    // char may alias anything
    const std::string_view text(reinterpret_cast<const char*>(octets.data()), octets.size());
    if (replace_header(r, "Content-Length", length) != NGX_OK || give_body(r, text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return NGX_DECLINED;
}

// The form that waits for this page load, signed or not, as context.fetched. As
// ngx_http_clave_fetch_signed().
ngx_int_t find_form(ngx_http_request_t* r, Context& context) {
    const ngx_int_t rc = ngx_http_clave_fetch_signed(r, context);
    if (rc != NGX_DECLINED) {
        context.fetched = rc == NGX_OK ? &context.handed->form : nullptr;
        return rc;
    }
    const Site& site = *srv_conf(r)->site;
    if (!site.preserve_post || !context.may_fetch_form) {
        return NGX_DECLINED;
    }
    const Request request = request_view(r, context);
    auto form = gate_of(r).fetch_form(site, request, *context.identified);
    if (!form && form.error() == NoForm::lost) {
        return ngx_http_clave_answer_with(r, context, NGX_HTTP_CONFLICT,
                                          gate_of(r).form_is_lost(site, request));
    }
    if (!form) {
        return NGX_DECLINED;
    }
    context.fetched = make_in_pool<PreservedForm>(r->pool, std::move(*form));
    return context.fetched ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

}  // namespace

ngx_int_t ngx_http_clave_preserve_form(ngx_http_request_t* r, Context& context) {
    const LocConf& location = *loc_conf(r);
    // one that is signed waits in the archive
    if (location.form_limit == 0 || r != r->main || context.handed != nullptr) {
        return NGX_DECLINED;
    }
    const Gate& gate = gate_of(r);
    const Site& site = *srv_conf(r)->site;
    const Identified& who = *context.identified;
    Request request = request_view(r, context);
    request.address = address_of(r);
    if (!gate.may_keep_form(site, request, static_cast<Unauthenticated>(location.unauthenticated),
                            who)) {
        return NGX_DECLINED;
    }
    const ngx_int_t rc = read_form(r, context);
    if (rc == NGX_DECLINED) {
        drop_rest_of_body(r);
        return ngx_http_clave_answer_with(
            r, context, NGX_HTTP_UNAUTHORIZED,
            gate.form_too_large(site, *location.requirement, request, who));
    }
    if (rc != NGX_OK) {
        return rc;
    }
    request.body = find_in_pool<BodyReader>(r->pool)->body();
    // an error_page of the administrator may still want it
    if (give_body(r, request.body) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    return ngx_http_clave_answer_with(r, context, NGX_HTTP_UNAUTHORIZED,
                                      gate.keep_form(site, *location.requirement, request, who));
}

ngx_int_t ngx_http_clave_fetch_form(ngx_http_request_t* r) {
    const SrvConf* server = srv_conf(r);
    if (!server->used || r != r->main || r->internal || r->method != NGX_HTTP_GET || has_body(r)) {
        return NGX_DECLINED;
    }
    return guard(r->connection->log, [&]() -> ngx_int_t {
        Context& context = *make_context(r);
        if (context.fetched != nullptr || (!context.may_fetch_form && !context.may_fetch_signed)) {
            return NGX_DECLINED;
        }
        ngx_int_t rc = ngx_http_clave_identify(r, context);
        if (rc == NGX_OK) {
            rc = find_form(r, context);
        }
        if (rc != NGX_OK) {
            return rc == NGX_AGAIN ? NGX_DONE : rc;  // this phase waits by another name
        }
        return become(r, *context.fetched);
    });
}
