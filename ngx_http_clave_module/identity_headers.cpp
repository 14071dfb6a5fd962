// The identity as request headers for the back end, and the removal of whatever a client sent that
// could be taken for it: in every location of a server that uses us, by us, not by a list in the
// administrator's configuration (checklist H-01 to H-03).

#include "clave/encoding.h"
#include "context.h"
#include "guard.h"
#include "header_name.h"
#include "identity_field.h"

using namespace clave;
using namespace clave::nginx;

namespace clave::nginx {

const std::string_view kIdentityHeaderNames[kIdentityHeaders] = {
    "Nif",   "Id",  "Name",   "Given-Name", "First-Surname", "Surnames",
    "Level", "Loa", "Method", "Auth-Time",  "Session"};

}  // namespace clave::nginx

namespace {

bool must_go(const ngx_table_elt_t& header, const SrvConf& server) {
    if (header.key.len == 0) {  // a Cookie header that held nothing but ours
        return true;
    }
    // Few do, and this is asked of each header in each phase.
    if (!server.begins_prefix[header.key.data[0]]) {
        return false;
    }
    for (const std::string& prefix : *server.prefixes) {
        if (begins_with_folded(view(header.key), prefix)) {
            return true;
        }
    }
    return false;
}

// By which a client would get an answer in a form that cannot be signed: compressed, or a part of
// it.
bool spoils_documents(const ngx_table_elt_t& header, const LocConf& location) {
    if (location.order == nullptr || location.order->source != SignSource::answer ||
        header.lowcase_key == nullptr) {
        return false;
    }
    const std::string_view name = view({header.key.len, header.lowcase_key});
    return name == "accept-encoding" || name == "range" || name == "if-range";
}

template <class Predicate>
bool any_header(const ngx_list_t& list, Predicate predicate) {
    for (const ngx_list_part_t* part = &list.part; part; part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (predicate(headers[i])) {
                return true;
            }
        }
    }
    return false;
}

// A new list over the elements to keep. No element moves, because headers_in.host and its like
// point at them; no part but the first is empty, because nginx's loops do not look twice; no part
// structure is shared with the list it came from, so a subrequest may add headers of its own. The
// last part counts as full.
template <class Predicate>
ngx_int_t keep_headers(ngx_pool_t* pool, ngx_list_t& list, Predicate keep) {
    ngx_list_part_t first{list.part.elts, 0, nullptr};
    ngx_list_part_t* last = nullptr;

    for (const ngx_list_part_t* part = &list.part; part; part = part->next) {
        auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (!keep(headers[i])) {
                continue;
            }
            auto* end = last ? static_cast<ngx_table_elt_t*>(last->elts) + last->nelts : nullptr;
            if (end == &headers[i]) {
                ++last->nelts;
                continue;
            }
            ngx_list_part_t* next = &first;
            if (last != nullptr) {
                next = static_cast<ngx_list_part_t*>(ngx_palloc(pool, sizeof(ngx_list_part_t)));
                if (next == nullptr) {
                    return NGX_ERROR;
                }
                last->next = next;
            }
            *next = {&headers[i], 1, nullptr};
            last = next;
        }
    }
    if (last == nullptr) {
        return ngx_list_init(&list, pool, kIdentityHeaders, sizeof(ngx_table_elt_t));
    }
    list.part = first;
    list.last = last == &first ? &list.part : last;
    list.nalloc = last->nelts;
    return NGX_OK;
}

ngx_int_t add_header(ngx_http_request_t* r, const HeaderName& name, ngx_str_t value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
    if (header == nullptr) {
        return NGX_ERROR;
    }
    *header = {};
    header->hash = name.hash;
    header->key = name.name;
    header->lowcase_key = name.lowcase.data;
    header->value = value;
    return NGX_OK;
}

ngx_str_t percent_encoded(ngx_pool_t* pool, std::string_view text) {
    const std::size_t size = percent_encoded_size(text);
    if (size == text.size()) {
        return to_ngx(pool, text);
    }
    auto* out = static_cast<char*>(ngx_pnalloc(pool, size + 1));
    if (out == nullptr) {
        return {};
    }
    percent_encode_to(out, text);
    out[size] = '\0';
    return {size, reinterpret_cast<u_char*>(out)};  // bytes under either name
}

// The characters of `text` as the location wants them on the wire. Text of the gateway has no
// control characters (the validator refuses them), so raw UTF-8 cannot end a header either.
ngx_str_t encoded(ngx_pool_t* pool, HeaderEncoding encoding, std::string_view text) {
    switch (encoding) {
        case HeaderEncoding::percent:
            return percent_encoded(pool, text);
        case HeaderEncoding::base64:
            return to_ngx(pool, base64_encode(as_bytes(text)));
        case HeaderEncoding::utf8:
            return to_ngx(pool, text);
    }
    return {};
}

// A form says itself that it is signed, wherever it goes on its way, also where identities are not
// told by headers.
ngx_int_t add_signature(ngx_http_request_t* r, const SignedForm& form) {
    const std::string prefix = copy(loc_conf(r)->prefix) + "Sign-";
    for (const auto& [suffix, text] : form.headers) {
        HeaderName name{};
        name.name = to_ngx(r->pool, prefix + std::string(suffix));
        name.lowcase = to_ngx(r->pool, view(name.name));
        const ngx_str_t value = to_ngx(r->pool, text);
        if (name.name.data == nullptr || name.lowcase.data == nullptr || value.data == nullptr) {
            return NGX_ERROR;
        }
        name.hash = ngx_hash_strlow(name.lowcase.data, name.lowcase.data, name.lowcase.len);
        if (add_header(r, name, value) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}

}  // namespace

ngx_int_t ngx_http_clave_strip_headers(ngx_http_request_t* r) {
    const SrvConf* server = srv_conf(r);
    if (!server->used || r->headers_in.headers.part.elts == nullptr) {
        return NGX_DECLINED;  // a request that died before its headers had none (nginx-otel#22)
    }
    return guard(r->connection->log, [&]() -> ngx_int_t {
        make_context(r);
        const auto forbidden = [&](const ngx_table_elt_t& header) {
            return must_go(header, *server) || spoils_documents(header, *loc_conf(r));
        };
        if (!any_header(r->headers_in.headers, forbidden)) {
            return NGX_DECLINED;
        }
        const auto allowed = [&](const ngx_table_elt_t& header) { return !forbidden(header); };
        return keep_headers(r->pool, r->headers_in.headers, allowed) == NGX_OK
                   ? NGX_DECLINED
                   : NGX_HTTP_INTERNAL_SERVER_ERROR;
    });
}

ngx_int_t ngx_http_clave_add_headers(ngx_http_request_t* r, Context& context) {
    const LocConf* location = loc_conf(r);
    if (context.handed != nullptr && r == r->main && add_signature(r, *context.handed) != NGX_OK) {
        return NGX_ERROR;
    }
    // Where nginx itself answers, with a file, nobody would read them.
    if (!location->headers || r->content_handler == nullptr) {
        return NGX_OK;
    }
    if (r != r->main) {
        const auto all = [](const ngx_table_elt_t&) { return true; };
        if (keep_headers(r->pool, r->headers_in.headers, all) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    for (ngx_uint_t i = 0; i < kIdentityHeaders; ++i) {
        const auto field = static_cast<Field>(i);
        const std::string_view text = identity_field(r, context, field);
        if (text.empty()) {
            continue;
        }
        const ngx_str_t value =
            encoded(r->pool, static_cast<HeaderEncoding>(location->encoding), text);
        if (value.data == nullptr || add_header(r, location->names[i], value) != NGX_OK) {
            return NGX_ERROR;
        }
    }
    return NGX_OK;
}
