#include "context.h"

#include "clave/cookie.h"

namespace clave::nginx {
namespace {

#if (nginx_version >= 1023000)

std::pmr::vector<ngx_table_elt_t*> cookie_headers(ngx_http_request_t* r, PoolResource& memory) {
    std::pmr::vector<ngx_table_elt_t*> out(&memory);
    for (ngx_table_elt_t* header = r->headers_in.cookie; header; header = header->next) {
        out.push_back(header);
    }
    return out;
}

void forget_cookie(ngx_http_request_t* r, const ngx_table_elt_t* gone) {
    for (ngx_table_elt_t** link = &r->headers_in.cookie; *link; link = &(*link)->next) {
        if (*link == gone) {
            *link = gone->next;
            return;
        }
    }
}

#else

std::pmr::vector<ngx_table_elt_t*> cookie_headers(ngx_http_request_t* r, PoolResource& memory) {
    auto** headers = static_cast<ngx_table_elt_t**>(r->headers_in.cookies.elts);
    return {headers, headers + r->headers_in.cookies.nelts, &memory};
}

void forget_cookie(ngx_http_request_t* r, const ngx_table_elt_t* gone) {
    auto** headers = static_cast<ngx_table_elt_t**>(r->headers_in.cookies.elts);
    ngx_uint_t kept = 0;
    for (ngx_uint_t i = 0; i < r->headers_in.cookies.nelts; ++i) {
        if (headers[i] != gone) {
            headers[kept++] = headers[i];
        }
    }
    r->headers_in.cookies.nelts = kept;
}

#endif

// Reads our cookies and takes them out of what goes to the back end: a token that an application
// logs would be a session in that log (checklist H-17). An emptied header stays in the list with an
// empty name until strip_headers removes it with the forbidden ones.
void take_cookies(ngx_http_request_t* r, Context& context) {
    const std::string_view name = srv_conf(r)->site->cookie;
    const auto headers = cookie_headers(r, context.memory);
    for (const ngx_table_elt_t* header : headers) {
        context.cookie_headers.push_back(view(header->value));
    }
    const OwnCookies own = own_cookies(context.cookie_headers, name, &context.memory);
    context.session_cookie = own.session;
    context.may_fetch_form = !own.form.empty();
    context.may_fetch_signed = !own.signature.empty();

    for (ngx_table_elt_t* header : headers) {
        std::pmr::string rest(&context.memory);
        if (!strip_own_cookies(view(header->value), name, rest)) {
            continue;
        }
        header->value = to_ngx(r->pool, rest);
        if (header->value.data == nullptr) {
            throw std::bad_alloc();
        }
        if (rest.empty()) {
            forget_cookie(r, header);
            header->key.len = 0;
        }
    }
}

}  // namespace

Context* find_context(ngx_http_request_t* r) noexcept {
    return find_in_pool<Context>(r->main->pool);
}

Context* make_context(ngx_http_request_t* r) {
    if (Context* context = find_context(r)) {
        // there was no memory to take our cookies away: no error_page gets them either
        return context->complete ? context : throw std::bad_alloc();
    }
    auto* context = make_in_pool<Context>(r->main->pool, r->main);
    if (context == nullptr) {
        throw std::bad_alloc();
    }
    take_cookies(r->main, *context);
    context->complete = true;
    return context;
}

Request request_view(ngx_http_request_t* r, const Context& context) {
    Request request = request_view(r);
    request.cookies.assign(context.cookie_headers.begin(), context.cookie_headers.end());
    return request;
}

Request request_view(const ngx_http_request_t* r) {
    Request request;
    request.method = view(r->method_name);
    request.path = view(r->uri);
    request.raw_target = view(r->main->unparsed_uri);
    request.query = view(r->args);

    struct Wanted {
        std::string_view lowcase;
        std::string_view& value;
    } const wanted[] = {{"content-type", request.content_type},
                        {"accept", request.accept},
                        {"accept-language", request.accept_language},
                        {"x-requested-with", request.requested_with},
                        {"upgrade", request.upgrade},
                        {"sec-fetch-site", request.fetch_site},
                        {"sec-fetch-mode", request.fetch_mode},
                        {"sec-fetch-dest", request.fetch_dest},
                        {"origin", request.origin},
                        {"referer", request.referer}};
    for (const ngx_list_part_t* part = &r->headers_in.headers.part; part; part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (headers[i].lowcase_key == nullptr) {
                continue;
            }
            const std::string_view name = view({headers[i].key.len, headers[i].lowcase_key});
            for (const Wanted& field : wanted) {
                if (field.lowcase == name) {
                    field.value = view(headers[i].value);
                }
            }
        }
    }
    return request;
}

}  // namespace clave::nginx
