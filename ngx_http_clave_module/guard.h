// The edge between C and C++: every function that nginx calls and that runs core code goes through
// guard(), which fails closed. An exception here means a bug or no memory, never a refusal.
#pragma once

#include <exception>

#include "ngx.h"

void ngx_http_clave_count_internal_error() noexcept;  // runtime.cpp

namespace clave::nginx {

template <class Function>
ngx_int_t guard(ngx_log_t* log, Function&& function) noexcept {
    try {
        return function();
    } catch (const std::exception& error) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "clave: E-INT %s", error.what());
    } catch (...) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "clave: E-INT unknown exception");
    }
    ngx_http_clave_count_internal_error();
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

// The same for configuration: an exception is a failed configuration.
template <class Function>
char* guard_conf(ngx_conf_t* cf, Function&& function) noexcept {
    try {
        return function();
    } catch (const std::exception& error) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "clave: %s", error.what());
    }
    // NGX_CONF_ERROR is (void *) -1 to C
    return static_cast<char*>(NGX_CONF_ERROR);
}

}  // namespace clave::nginx
