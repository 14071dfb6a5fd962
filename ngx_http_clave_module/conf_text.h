// Small things that reading a configuration needs everywhere: words, and what is wrong with them.
#pragma once

#include <span>
#include <string>

#include "clave/config_words.h"
#include "clave/pki.h"
#include "conf.h"

namespace clave::nginx {

std::span<const ngx_str_t> arguments(const Given& given);  // without the directive itself

// Logs at the position of `given` and returns NGX_CONF_ERROR.
char* mistake(ngx_conf_t* cf, const ConfPosition& at, const std::string& text);
char* mistake(ngx_conf_t* cf, const ConfPosition& at, const ConfigError& error);
void warning(ngx_conf_t* cf, const ConfPosition& at, const std::string& text);

}  // namespace clave::nginx
