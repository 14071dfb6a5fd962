#include "conf_text.h"

namespace clave::nginx {

namespace {

void report(ngx_uint_t level, ngx_conf_t* cf, const ConfPosition& at, const std::string& text) {
    const ReportAt here(cf, at);
    ngx_conf_log_error(level, cf, 0, "clave: %*s", text.size(), text.data());
}

}  // namespace

std::span<const ngx_str_t> arguments(const Given& given) {
    if (given.args == nullptr) {
        return {};
    }
    const auto* words = static_cast<const ngx_str_t*>(given.args->elts);
    return {words + 1, given.args->nelts - 1};
}

char* mistake(ngx_conf_t* cf, const ConfPosition& at, const std::string& text) {
    report(NGX_LOG_EMERG, cf, at, text);
    return static_cast<char*>(NGX_CONF_ERROR);
}

char* mistake(ngx_conf_t* cf, const ConfPosition& at, const ConfigError& error) {
    return mistake(cf, at, error.what + (error.remedy.empty() ? "" : "; ") + error.remedy);
}

void warning(ngx_conf_t* cf, const ConfPosition& at, const std::string& text) {
    report(NGX_LOG_WARN, cf, at, text);
}

}  // namespace clave::nginx
