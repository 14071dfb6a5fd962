// From the core's Reply to nginx's response: directly for our own endpoints, and in place of a
// plain 401 or 503 for visitors who were turned away.
//
// The access phase cannot answer with a redirect itself: under `satisfy any` any status but 401 and
// 403 would end the request before the other modules were asked. So it answers with a *marked* 401,
// and these filters make of it what the mark says, unless the administrator's own error_page has
// changed the status on the way (nginx-facts (a) to (c)).
#include "audit_log.h"
#include "context.h"
#include "guard.h"
#include "runtime.h"

using namespace clave;
using namespace clave::nginx;

namespace {

ngx_http_output_header_filter_pt next_header_filter;
ngx_http_output_body_filter_pt next_body_filter;

// Machines whose keys differ refuse everybody's logins, and anybody can make one look like that: a
// warning, one a minute.
ngx_uint_t level_of(const Refusal& refusal) {
    constexpr time_t kBetweenWarnings = 60;
    static time_t warned;  // of this worker, which has one thread for requests
    if (!refusal.sealed_elsewhere || (warned != 0 && ngx_time() - warned < kBetweenWarnings)) {
        return log_level(info(refusal.error.code).severity);
    }
    warned = ngx_time();
    return NGX_LOG_WARN;
}

void log_reply(ngx_http_request_t* r, Context& context, const Reply& reply) {
    main_conf(r)->runtime->metrics().count(reply);
    const std::string_view provider = srv_conf(r)->site->provider_name;
    for (const Refusal& refusal : reply.refusals) {
        const CodeInfo& what = info(refusal.error.code);
        const ngx_uint_t level = level_of(refusal);  // the macro asks for it twice
        ngx_log_error(level, r->connection->log, 0, "clave: %*s ref=%*s addr=%V sp=\"%*s\" %*s",
                      what.word.size(), what.word.data(), refusal.ref.size(), refusal.ref.data(),
                      &r->connection->addr_text, provider.size(), provider.data(),
                      refusal.error.detail.size(), refusal.error.detail.data());
        context.ref = refusal.ref;
    }
    if (reply.shown) {
        const ShownPage& page = *reply.shown;
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "clave: shown page=%*s ref=%*s addr=%V sp=\"%*s\"", page.word.size(),
                      page.word.data(), page.ref.size(), page.ref.data(), &r->connection->addr_text,
                      provider.size(), provider.data());
    }
    for (const Event& event : reply.events) {
        const std::string line = event_line(event);
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "clave: %*s addr=%V sp=\"%*s\"",
                      line.size(), line.data(), &r->connection->addr_text, provider.size(),
                      provider.data());
    }
    ngx_http_clave_audit(r, reply);
}

ngx_int_t push_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = kOurWord;
    header->key = to_ngx(r->pool, name);
    header->value = to_ngx(r->pool, value);
    return header->key.data && header->value.data ? NGX_OK : NGX_ERROR;
}

void forget_challenges(ngx_http_request_t* r) {
#if (nginx_version >= 1023000)
    for (ngx_table_elt_t* h = r->headers_out.www_authenticate; h; h = h->next) {
        h->hash = 0;
    }
#else
    if (r->headers_out.www_authenticate != nullptr) {
        r->headers_out.www_authenticate->hash = 0;
    }
#endif
    r->headers_out.www_authenticate = nullptr;
}

bool is_named(const ngx_table_elt_t& header, ngx_str_t name) {
    return header.key.len == name.len && ngx_strncasecmp(header.key.data, name.data, name.len) == 0;
}

bool is_challenge(const ngx_table_elt_t& header) {
    return is_named(header, ngx_string("WWW-Authenticate"));
}

bool is_challenge_or_cookie(const ngx_table_elt_t& header) {
    return is_challenge(header) || is_named(header, ngx_string("Set-Cookie"));
}

// What the response said that ours replaces: an error_page may have come from a back end, with its
// own Location, cookies and Content-Encoding. Challenges are set_head's.
void forget_answer(ngx_http_request_t* r,
                   bool (*stays)(const ngx_table_elt_t& header) = is_challenge) {
    for (ngx_list_part_t* part = &r->headers_out.headers.part; part; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (!stays(headers[i])) {
                headers[i].hash = 0;
            }
        }
    }
    r->headers_out.server = nullptr;  // nginx sets its own then
    r->headers_out.date = nullptr;
    r->headers_out.location = nullptr;
    r->headers_out.content_encoding = nullptr;
}

// The headers of the response; the body is the caller's.
ngx_int_t set_head(ngx_http_request_t* r, const Reply& reply) {
    if (reply.status != NGX_HTTP_UNAUTHORIZED) {
        forget_challenges(r);
    }
    r->headers_out.status = static_cast<ngx_uint_t>(reply.status);
    r->err_status = r->headers_out.status;  // $status and the access log look here first
    r->headers_out.status_line.len = 0;

    r->disable_not_modified = 1;  // what has no validator has no conditions (RFC 9110 section 13)
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    r->headers_out.content_length_n =
        static_cast<off_t>(reply.file ? reply.file_size : reply.body.size());
    r->headers_out.content_type = to_ngx(r->pool, reply.content_type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = nullptr;
    r->headers_out.charset.len = 0;
    if (r->headers_out.content_type.data == nullptr) {
        return NGX_ERROR;
    }
#if (NGX_HTTP_GZIP)
    r->gzip_tested = 1;  // pages carry tokens: never compressed (BREACH, checklist H-23)
    r->gzip_ok = 0;
#endif
    for (const auto& [name, value] : reply.headers) {
        if (push_header(r, name, value) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    if (reply.body.empty() && !reply.file) {
        r->header_only = 1;
    }
    return NGX_OK;
}

// The file stays open as long as the request.
ngx_buf_t* file_buf(ngx_http_request_t* r, const Reply& reply) {
    auto* buf = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    auto* file = static_cast<ngx_file_t*>(ngx_pcalloc(r->pool, sizeof(ngx_file_t)));
    if (buf == nullptr || file == nullptr ||
        make_in_pool<std::shared_ptr<const OpenFile>>(r->pool, reply.file) == nullptr) {
        return nullptr;
    }
    file->fd = reply.file->descriptor();
    file->log = r->connection->log;
    file->name = ngx_string("(archive)");
    buf->file = file;
    buf->file_last = static_cast<off_t>(reply.file_size);
    buf->in_file = reply.file_size > 0 ? 1 : 0;
    return buf;
}

ngx_buf_t* memory_buf(ngx_http_request_t* r, const Reply& reply) {
    ngx_buf_t* buf = ngx_create_temp_buf(r->pool, reply.body.size());
    if (buf != nullptr) {
        buf->last = ngx_cpymem(buf->last, reply.body.data(), reply.body.size());
    }
    return buf;
}

ngx_chain_t* body_chain(ngx_http_request_t* r, const Reply& reply) {
    auto* chain = ngx_alloc_chain_link(r->pool);
    ngx_buf_t* buf = chain == nullptr ? nullptr
                     : reply.file     ? file_buf(r, reply)
                                      : memory_buf(r, reply);
    if (buf == nullptr) {
        return nullptr;
    }
    buf->last_buf = 1;
    buf->last_in_chain = 1;
    chain->buf = buf;
    chain->next = nullptr;
    return chain;
}

// nullptr unless this response is one that our handler marked and nobody has overruled: err_status
// is our answer until an error_page with "=" takes it away, whatever that page answers, a 401 of
// its own included.
Context* marked(ngx_http_request_t* r) {
    if (r != r->main) {
        return nullptr;
    }
    Context* context = find_context(r);
    return context && context->mark && r->err_status == context->mark->trigger ? context : nullptr;
}

// The response to a form that was fetched is none to a page load of that address: no cache may take
// it for one, and nothing is left to fetch.
ngx_int_t forget_form(ngx_http_request_t* r) {
    Context* context = r == r->main ? find_context(r) : nullptr;
    if (context == nullptr || context->fetched == nullptr || context->form_forgotten) {
        return NGX_OK;
    }
    context->form_forgotten = true;
    ngx_http_clave_note_hand_over(r, *context);
    return guard(r->connection->log, [&] {
        const ngx_int_t rc = push_header(r, "Set-Cookie", context->fetched->forget_cookie);
        return rc == NGX_OK && !context->replaced ? push_header(r, "Cache-Control", "no-store")
                                                  : rc;  // all answers of ours say it
    });
}

// Nginx's own page for an application that was not reached would say nothing of what somebody has
// just signed; that of the signature says that it is kept, and hands it over again. Where an
// error_page leads elsewhere, the administrator has decided.
ngx_int_t note_unreached(ngx_http_request_t* r) {
    Context* context = r == r->main ? find_context(r) : nullptr;
    const bool unreached = r->err_status == NGX_HTTP_BAD_GATEWAY ||
                           r->err_status == NGX_HTTP_SERVICE_UNAVAILABLE ||
                           r->err_status == NGX_HTTP_GATEWAY_TIME_OUT;
    if (context == nullptr || context->handed == nullptr || !unreached ||
        context->handed_on != r->loc_conf || context->hand_over_noted) {
        return NGX_OK;
    }
    ngx_http_clave_note_hand_over(r, *context);
    return guard(r->connection->log, [&] {
        context->mark = Mark{r->err_status, context->handed->unreached};
        return NGX_OK;
    });
}

ngx_int_t ngx_http_clave_header_filter(ngx_http_request_t* r) {
    if (note_unreached(r) != NGX_OK) {
        return NGX_ERROR;
    }
    Context* context = marked(r);
    if (context != nullptr && !context->replaced) {
        context->replaced = true;
        forget_answer(r);
        const ngx_int_t rc =
            guard(r->connection->log, [&] { return set_head(r, context->mark->reply); });
        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return forget_form(r) == NGX_OK ? next_header_filter(r) : NGX_ERROR;
}

void consume(ngx_chain_t* in) {
    for (; in; in = in->next) {
        in->buf->pos = in->buf->last;
        in->buf->file_pos = in->buf->file_last;
    }
}

// The plain page of the 401 is swallowed; ours goes out once.
ngx_int_t ngx_http_clave_body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
    Context* context = r == r->main ? find_context(r) : nullptr;
    if (context == nullptr || !context->replaced) {
        return next_body_filter(r, in);
    }
    consume(in);
    if (context->mark->body_sent) {
        return next_body_filter(r, nullptr);
    }
    context->mark->body_sent = true;
    ngx_chain_t* out = body_chain(r, context->mark->reply);
    return out ? next_body_filter(r, out) : NGX_ERROR;
}

}  // namespace

void ngx_http_clave_log(ngx_http_request_t* r, Context& context, const Reply& reply) {
    log_reply(r, context, reply);
}

ngx_int_t ngx_http_clave_replace_head(ngx_http_request_t* r, const Reply& reply) {
    r->expect_trailers = 0;
    ngx_list_part_t& trailers = r->headers_out.trailers.part;
    trailers.nelts = 0;
    trailers.next = nullptr;
    r->headers_out.trailers.last = &trailers;
    forget_answer(r, is_challenge_or_cookie);
    return set_head(r, reply);
}

ngx_chain_t* ngx_http_clave_reply_body(ngx_http_request_t* r, const Reply& reply) {
    return body_chain(r, reply);
}

void ngx_http_clave_init_filters() {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_clave_header_filter;
    next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_clave_body_filter;
    ngx_http_clave_init_answer_filters();
}

ngx_int_t ngx_http_clave_answer_with(ngx_http_request_t* r, Context& context, ngx_uint_t status,
                                     Reply&& reply) {
    log_reply(r, context, reply);
    context.mark = Mark{status, std::move(reply)};
    return static_cast<ngx_int_t>(status);
}

ngx_int_t ngx_http_clave_send(ngx_http_request_t* r, Context& context, const Reply& reply) {
    log_reply(r, context, reply);
    return ngx_http_clave_send_as_is(r, reply);
}

ngx_int_t ngx_http_clave_send_as_is(ngx_http_request_t* r, const Reply& reply) {
    if (set_head(r, reply) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t rc = ngx_http_send_header(r);
    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }
    ngx_chain_t* out = body_chain(r, reply);
    return out ? ngx_http_output_filter(r, out) : NGX_ERROR;
}
