// `clave_session_store redis…`: what the line says.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "clave/pki.h"
#include "clave/redis_settings.h"
#include "conf.h"

namespace clave::nginx {

struct RedisConf {
    RedisSettings settings;
    std::string prefix = "clave:";
    ngx_shm_zone_t* cache = nullptr;  // nullptr: off
    std::chrono::milliseconds cache_valid{1000};
    ngx_str_t password_file{0, nullptr};
    // Of TLS, for whoever watches their ends.
    std::vector<Certificate> certificate;
    std::vector<Certificate> trusted;
};

}  // namespace clave::nginx
