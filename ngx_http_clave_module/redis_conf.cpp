// `clave_session_store` with a Redis: understood at configuration time, as far as can be without
// asking anybody. No connection is made by the master.
#include "redis_conf.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "clave/crypto.h"
#include "clave/session_cache.h"
#include "conf_text.h"
#include "guard.h"
#include "in_pool.h"
#include "worker_user.h"

using namespace clave;
using namespace clave::nginx;

namespace {

constexpr std::string_view kDefaultCache = "clave-cache:8m";
constexpr std::size_t kMinimumCache = 1024 * 1024;
constexpr ngx_int_t kMostWait = 60'000;
constexpr std::chrono::milliseconds kShortestValidity{100};
constexpr std::array<std::string_view, 12> kParameters = {"prefix",
                                                          "user",
                                                          "password_file",
                                                          "sentinel_password_file",
                                                          "trusted_certificate",
                                                          "certificate",
                                                          "certificate_key",
                                                          "tls_name",
                                                          "connect_timeout",
                                                          "timeout",
                                                          "cache",
                                                          "cache_valid"};

// nginx lets a zone be named twice if it is used for the same; this is not where sessions live.
char for_cache;

ngx_int_t ngx_http_clave_init_cache(ngx_shm_zone_t* zone, void*) {
    ngx_slab_pool_t* pool = slab_pool(*zone);
    if (pool->data != nullptr) {  // a reload
        if (SessionCache::is_formatted(zone_memory(*zone))) {
            return NGX_OK;
        }
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                      "clave: zone \"%V\" was laid out by another version of the module; give it a "
                      "new name, or restart nginx",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    SystemRandom random;
    pool->data = take_all_memory(*zone);
    if (pool->data == nullptr || !SessionCache::format(zone_memory(*zone), random)) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "clave: zone \"%V\" cannot be laid out",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    return NGX_OK;
}

// One `clave_session_store` line, word by word.
class Line {
  public:
    Line(ngx_conf_t* cf, MainConf& main, RedisConf& conf) : cf_(cf), main_(main), conf_(conf) {}

    char* read() {
        const auto* words = static_cast<const ngx_str_t*>(cf_->args->elts);
        auto url = StoreUrl::parse(view(words[1]));
        if (!url) {
            return mistake(cf_, main_.store_at, url.error());
        }
        conf_.settings.url = std::move(*url);
        for (ngx_uint_t i = 2; i < cf_->args->nelts; ++i) {
            if (char* wrong = parameter(view(words[i])); wrong != NGX_CONF_OK) {
                return wrong;
            }
        }
        if (!cache_given_) {
            return add_cache(kDefaultCache);
        }
        return NGX_CONF_OK;
    }

    // When nginx knows who the workers are.
    char* finish() {
        RedisSettings& settings = conf_.settings;
        if (sentinel_password_file_.data != nullptr &&
            settings.url.kind != StoreUrl::Kind::sentinel) {
            return wrong(
                "\"sentinel_password_file=\" is for sentinels; use \"redis+sentinel://…\"");
        }
        char* rc =
            check_password_file("password_file", conf_.password_file, settings.password_file);
        if (rc == NGX_CONF_OK) {
            rc = check_password_file("sentinel_password_file", sentinel_password_file_,
                                     settings.sentinel_password_file);
        }
        return rc == NGX_CONF_OK ? load_tls() : rc;
    }

  private:
    char* wrong(const std::string& text) { return mistake(cf_, main_.store_at, text); }

    char* parameter(std::string_view word) {
        const std::string_view name = word.substr(0, word.find('='));
        const auto value = value_of(word, name);
        if (!value ||
            std::find(kParameters.begin(), kParameters.end(), name) == kParameters.end()) {
            return wrong("invalid parameter \"" + std::string(name) +
                         "\" of \"clave_session_store\"" +
                         did_you_mean(name, {kParameters.begin(), kParameters.end()}));
        }
        if (value->empty()) {
            return wrong("\"" + std::string(name) + "=\" has no value");
        }
        if (name == "cache") {
            cache_given_ = true;
            return *value == "off" ? static_cast<char*>(NGX_CONF_OK) : add_cache(*value);
        }
        if (name == "connect_timeout") {
            return wait(name, *value, conf_.settings.connect_timeout);
        }
        if (name == "timeout") {
            return wait(name, *value, conf_.settings.timeout);
        }
        if (name == "cache_valid") {
            return validity(*value);
        }
        if (name == "prefix") {
            return prefix(*value);
        }
        if (name == "user") {
            return user(*value);
        }
        if (name == "tls_name") {
            conf_.settings.tls_name = *value;
            return NGX_CONF_OK;
        }
        ngx_str_t path = to_ngx(cf_->pool, *value);
        if (path.data == nullptr || ngx_conf_full_name(cf_->cycle, &path, 1) != NGX_OK) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        path_of(name) = path;
        return NGX_CONF_OK;
    }

    ngx_str_t& path_of(std::string_view name) noexcept {
        return name == "password_file"            ? conf_.password_file
               : name == "sentinel_password_file" ? sentinel_password_file_
               : name == "trusted_certificate"    ? trusted_
               : name == "certificate"            ? certificate_
                                                  : certificate_key_;
    }

    char* wait(std::string_view name, std::string_view value, std::chrono::milliseconds& out) {
        ngx_str_t text = to_ngx(cf_->pool, value);
        const ngx_int_t time = text.data ? ngx_parse_time(&text, 0) : NGX_ERROR;
        if (time < 1 || time > kMostWait) {
            return wrong("\"" + std::string(name) + "=" + std::string(value) +
                         "\" should be a time of at most 60s, as in \"" + std::string(name) +
                         "=500ms\"");
        }
        out = std::chrono::milliseconds(time);
        return NGX_CONF_OK;
    }

    // The channel of changes is asked for signs of life so often that its loss is noticed in time.
    char* validity(std::string_view value) {
        char* const read = wait("cache_valid", value, conf_.cache_valid);
        if (read == NGX_CONF_OK && conf_.cache_valid < kShortestValidity) {
            return wrong("\"cache_valid=" + std::string(value) +
                         "\" should be 100ms or longer, or use \"cache=off\"");
        }
        conf_.settings.silence = std::min(conf_.settings.silence, conf_.cache_valid);
        return read;
    }

    // Braces would choose the node of a cluster for all keys at once.
    char* prefix(std::string_view value) {
        const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '-' || c == '_' || c == '.' || c == ':' || c == '/';
        });
        if (!plain || value.size() > 64) {
            return wrong("\"prefix=" + std::string(value.substr(0, 64)) +
                         "\" should be at most 64 letters, digits and \"-_.:/\", as in "
                         "\"prefix=clave:\"");
        }
        conf_.prefix = value;
        return NGX_CONF_OK;
    }

    char* user(std::string_view value) {
        std::string& known = conf_.settings.url.user;
        if (!known.empty() && known != value) {
            return wrong("the URL and \"user=\" name different users; remove one");
        }
        known = value;
        return NGX_CONF_OK;
    }

    char* add_cache(std::string_view spec) {
        const auto parts = split(spec, ':');
        ngx_str_t name = to_ngx(cf_->pool, parts.front());
        ngx_str_t size_text = to_ngx(cf_->pool, parts.back());
        if (name.data == nullptr || size_text.data == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);
        }
        const ssize_t size = ngx_parse_size(&size_text);
        if (parts.size() != 2 || name.len == 0 || size == NGX_ERROR) {
            return wrong("\"cache=" + std::string(spec) +
                         "\" should be \"cache=NAME:SIZE\", as in \"cache=" +
                         std::string(kDefaultCache) + "\", or \"cache=off\"");
        }
        if (static_cast<std::size_t>(size) < kMinimumCache) {
            return wrong("zone \"" + copy(name) + "\" of " + copy(size_text) +
                         " is too small; the minimum is 1m");
        }
        conf_.cache = ngx_shared_memory_add(cf_, &name, static_cast<std::size_t>(size), &for_cache);
        if (conf_.cache == nullptr) {
            return static_cast<char*>(NGX_CONF_ERROR);  // nginx has said why
        }
        conf_.cache->init = ngx_http_clave_init_cache;
        return NGX_CONF_OK;
    }

    // The workers read it, each time that they connect: a new password needs no reload.
    char* check_password_file(const char* name, const ngx_str_t& given, std::string& known) {
        if (given.data == nullptr) {
            return NGX_CONF_OK;
        }
        const std::string path = copy(given);
        struct stat status {};
        std::ifstream file(path);
        if (!file || stat(path.c_str(), &status) != 0) {
            const int why = errno;
            return wrong("cannot read \"" + std::string(name) + "=" + path + "\" (" +
                         std::to_string(why) + ": " + std::strerror(why) + ")");
        }
        if ((status.st_mode & S_IRWXO) != 0) {
            return wrong("password file \"" + path +
                         "\" is readable by everybody; run: chmod 640 " + path);
        }
        std::string password;
        std::getline(file, password);
        const bool empty = password.empty();
        wipe(std::as_writable_bytes(std::span(password)));
        if (empty) {
            return wrong("password file \"" + path + "\" is empty; its first line is the password");
        }
        if (const auto workers = worker_user(cf_)) {
            const std::string group = std::to_string(workers->group);
            if (!may(*workers, status, 4)) {
                return wrong("password file \"" + path +
                             "\" cannot be read by the workers; run: chgrp " + group + " " + path +
                             "; chmod 640 " + path);
            }
            if (const std::string closed = closed_to(*workers, path); !closed.empty()) {
                return wrong("password file \"" + path +
                             "\" is out of reach of the workers: their user \"" + workers->name +
                             "\" may not enter \"" + closed + "\"; run: chgrp " + group + " " +
                             closed + "; chmod 710 " + closed);
            }
        }
        known = path;
        return NGX_CONF_OK;
    }

    char* load_tls() {
        if (!conf_.settings.url.tls) {
            for (const std::string_view name :
                 {"trusted_certificate", "certificate", "certificate_key"}) {
                if (path_of(name).data != nullptr) {
                    return is_for_tls(name);
                }
            }
            return conf_.settings.tls_name.empty() ? static_cast<char*>(NGX_CONF_OK)
                                                   : is_for_tls("tls_name");
        }
        auto tls = StoreTls::load(copy(trusted_), copy(certificate_), copy(certificate_key_));
        if (!tls) {
            return mistake(cf_, main_.store_at, tls.error());
        }
        conf_.settings.tls = std::make_shared<StoreTls>(std::move(*tls));
        watch("certificate", conf_.certificate);
        watch("trusted_certificate", conf_.trusted);
        return NGX_CONF_OK;
    }

    // TLS takes authorities, such as those signed with SHA-1, that nothing else here does.
    void watch(std::string_view name, std::vector<Certificate>& watched) {
        if (path_of(name).data == nullptr) {
            return;
        }
        auto certificates = Certificate::load(copy(path_of(name)));
        if (certificates) {
            watched = std::move(*certificates);
        } else {
            warning(cf_, main_.store_at,
                    "nobody watches for the end of \"" + std::string(name) + "=" +
                        copy(path_of(name)) + "\": " + certificates.error().what);
        }
    }

    char* is_for_tls(std::string_view name) {
        return wrong("\"" + std::string(name) +
                     "=\" is for connections with TLS; use \"rediss://…\"");
    }

    ngx_conf_t* cf_;
    MainConf& main_;
    RedisConf& conf_;
    bool cache_given_ = false;
    ngx_str_t sentinel_password_file_{0, nullptr};
    ngx_str_t trusted_{0, nullptr};
    ngx_str_t certificate_{0, nullptr};
    ngx_str_t certificate_key_{0, nullptr};
};

}  // namespace

bool ngx_http_clave_is_redis(std::string_view spec) {
    const std::string_view scheme = spec.substr(0, spec.find(':'));
    return scheme == "unix" || scheme.starts_with("redis") || scheme.starts_with("valkey");
}

char* ngx_http_clave_set_redis(ngx_conf_t* cf, MainConf& mcf) {
    mcf.redis = make_in_pool<RedisConf>(cf->pool);
    if (mcf.redis == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    Line line(cf, mcf, *mcf.redis);
    char* rc = line.read();
    return rc == NGX_CONF_OK ? line.finish() : rc;
}

ngx_int_t ngx_http_clave_review_redis(ngx_conf_t* cf, const MainConf& mcf) {
    if (mcf.redis != nullptr && mcf.keys->empty()) {
        mistake(cf, mcf.store_at,
                "sessions in Redis need a \"clave_session_key FILE\", the same on all machines; "
                "make one with: openssl rand -out session.key 80; chmod 600 session.key");
        return NGX_ERROR;
    }
    return NGX_OK;
}
