// The back end gets the address that was judged.
//
// nginx looks for the location of an address that it has tidied up (dot segments, doubled slashes,
// fragments), and passes it on as the client spelt it: with "/secret/../public/" a visitor is in
// /public/ to nginx, and in /secret/ to every application that routes by what it is sent. So an
// address that nginx had to tidy up is tidy from here on (checklist H-09), for proxy_pass,
// $request_uri and ourselves. One that is merely percent-encoded stays as it came.
#include "context.h"

using namespace clave::nginx;

namespace {

std::string_view path_as_sent(const ngx_http_request_t* r) {
    const std::string_view target = view(r->unparsed_uri);
    return target.substr(0, target.find('?'));
}

u_char hex_digit(char c) {
    return static_cast<u_char>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

// nginx has refused a '%' without two digits.
bool decodes_to(std::string_view sent, std::string_view path) {
    std::size_t at = 0;
    for (const char c : path) {
        if (at == sent.size()) {
            return false;
        }
        const bool encoded = sent[at] == '%' && sent.size() - at > 2;
        const u_char octet =
            encoded ? static_cast<u_char>(hex_digit(sent[at + 1]) << 4 | hex_digit(sent[at + 2]))
                    : static_cast<u_char>(sent[at]);
        if (octet != static_cast<u_char>(c)) {
            return false;
        }
        at += encoded ? 3 : 1;
    }
    return at == sent.size();
}

ngx_int_t tidy_up(ngx_http_request_t* r) {
    const std::size_t escapes = ngx_escape_uri(nullptr, r->uri.data, r->uri.len, NGX_ESCAPE_URI);
    const std::size_t size = r->uri.len + 2 * escapes + sizeof("?") - 1 + r->args.len;
    auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, size));
    if (text == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_escape_uri(text, r->uri.data, r->uri.len, NGX_ESCAPE_URI);
    u_char* end = text + r->uri.len + 2 * escapes;
    if (r->args.len > 0) {
        *end++ = '?';
        end = ngx_cpymem(end, r->args.data, r->args.len);
    }
    r->unparsed_uri = {static_cast<std::size_t>(end - text), text};
    return NGX_DECLINED;
}

}  // namespace

ngx_int_t ngx_http_clave_pass_on_judged_address(ngx_http_request_t* r) {
    const bool parsed = r->complex_uri || r->quoted_uri;
    if (!parsed || !srv_conf(r)->used || decodes_to(path_as_sent(r), view(r->uri))) {
        return NGX_DECLINED;
    }
    return tidy_up(r);
}
