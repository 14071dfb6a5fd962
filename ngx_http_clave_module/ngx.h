// nginx's headers, as C. nginx's own warnings are not ours (they are system headers to the
// compiler).
#pragma once

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
}

#include <string>
#include <string_view>

namespace clave::nginx {

inline std::string_view view(const ngx_str_t& text) {
    // u_char and char may alias each other and everything else.
    return {reinterpret_cast<const char*>(text.data), text.len};
}

inline std::string copy(const ngx_str_t& text) {
    return std::string(view(text));
}

// A copy in `pool`; data is nullptr if there is no memory.
inline ngx_str_t to_ngx(ngx_pool_t* pool, std::string_view text) {
    ngx_str_t out{0, static_cast<u_char*>(ngx_pnalloc(pool, text.size() + 1))};
    if (out.data != nullptr) {
        if (!text.empty()) {
            ngx_memcpy(out.data, text.data(), text.size());
        }
        out.data[text.size()] = '\0';
        out.len = text.size();
    }
    return out;
}

}  // namespace clave::nginx
