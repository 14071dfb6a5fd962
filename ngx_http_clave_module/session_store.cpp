// `clave_session_store` and `clave_session_key`: where sessions live, and what seals the cookies of
// logins under way.
//
// The zone's memory is one single block taken from nginx's slab allocator at start; what is inside
// is the core's business (clave/zone.h). The allocator's mutex is the only one that nginx releases
// when a worker is killed while it holds it, hence the one we use.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "clave/crypto.h"
#include "clave/zone.h"
#include "conf_text.h"
#include "guard.h"

using namespace clave;
using namespace clave::nginx;

namespace {

constexpr std::size_t kMinimumZone = 1024 * 1024;

// All pages of the slab allocator; the same after a reload.
std::size_t block_size(const ngx_slab_pool_t* pool) {
    return static_cast<std::size_t>(pool->last - pool->pages) * ngx_pagesize;
}

void announce(const ngx_shm_zone_t& zone) {
    const std::size_t sessions = Zone::capacity(zone_memory(zone).size()).sessions;
    const std::size_t per_megabyte = sessions * 1024 * 1024 / zone.shm.size;
    if (ngx_test_config && !ngx_quiet_mode) {  // nginx -t: nobody reads the log then
        ngx_log_stderr(0, "[notice] clave: zone \"%V\" holds %uz sessions (%uz per megabyte)",
                       &zone.shm.name, sessions, per_megabyte);
        return;
    }
    ngx_log_error(NGX_LOG_NOTICE, zone.shm.log, 0,
                  "clave: zone \"%V\" holds %uz sessions (%uz per megabyte)", &zone.shm.name,
                  sessions, per_megabyte);
}

ngx_int_t ngx_http_clave_init_zone(ngx_shm_zone_t* zone, void*) {
    ngx_slab_pool_t* pool = slab_pool(*zone);

    if (pool->data != nullptr) {  // a reload: the memory is as the old workers left it
        if (Zone::is_formatted(zone_memory(*zone))) {
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
    if (pool->data == nullptr || !Zone::format(zone_memory(*zone), random)) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "clave: zone \"%V\" cannot be laid out",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    announce(*zone);
    return NGX_OK;
}

char* add_zone(ngx_conf_t* cf, MainConf& mcf, std::string_view spec) {
    const auto parts = split(spec, ':');
    if (parts.size() != 3 || parts[1].empty()) {
        return mistake(cf, mcf.store_at,
                       "\"clave_session_store " + std::string(spec) +
                           "\" should be \"shared:NAME:SIZE\", as in \"shared:clave:16m\"");
    }
    ngx_str_t size_text = to_ngx(cf->pool, parts[2]);
    ngx_str_t name = to_ngx(cf->pool, parts[1]);
    if (size_text.data == nullptr || name.data == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    const ssize_t size = ngx_parse_size(&size_text);
    if (size == NGX_ERROR) {
        return mistake(cf, mcf.store_at,
                       "invalid zone size \"" + std::string(parts[2]) +
                           "\"; write it as nginx does, as in \"16m\"");
    }
    if (static_cast<std::size_t>(size) < kMinimumZone) {
        return mistake(cf, mcf.store_at,
                       "zone \"" + std::string(parts[1]) + "\" of " + std::string(parts[2]) +
                           " holds about " +
                           std::to_string(Zone::capacity(static_cast<std::size_t>(size)).sessions) +
                           " sessions; the minimum is 1m");
    }
    mcf.zone =
        ngx_shared_memory_add(cf, &name, static_cast<std::size_t>(size), &ngx_http_clave_module);
    if (mcf.zone == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);  // nginx has said why
    }
    mcf.zone->init = ngx_http_clave_init_zone;
    mcf.zone->data = &mcf;
    return NGX_CONF_OK;
}

// At least 32 bytes of randomness, readable by nobody else; the key is the file's digest, so that
// any longer file will do (as with ssl_session_ticket_key, which wants 48 or 80).
std::string read_key_file(const std::string& path, std::vector<MasterKey>& keys) {
    struct stat status {};
    std::ifstream file(path, std::ios::binary);
    const bool found = stat(path.c_str(), &status) == 0;
    if (found && S_ISDIR(status.st_mode)) {
        return "session key \"" + path +
               "\" is a directory; make a file in it with: openssl rand -out " + path +
               "/session.key 80; chmod 600 " + path + "/session.key";
    }
    if (!file || !found) {
        const int why = errno;
        if (why != ENOENT) {  // one that is there may be that of other machines
            return "cannot read session key \"" + path + "\" (" + std::to_string(why) + ": " +
                   std::strerror(why) + ")";
        }
        return "cannot read session key \"" + path + "\"; make one with: openssl rand -out " +
               path + " 80; chmod 600 " + path;
    }
    if ((status.st_mode & S_IRWXO) != 0) {
        return "session key \"" + path + "\" is readable by everybody; run: chmod 600 " + path;
    }
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const bool long_enough = content.size() >= 32;
    if (long_enough) {
        Digest digest = sha256(content);
        keys.emplace_back(std::span<const std::byte, 32>(digest));
        wipe(digest);
    }
    wipe(std::as_writable_bytes(std::span(content)));
    return long_enough ? std::string()
                       : "session key \"" + path +
                             "\" has less than 32 bytes; make one with: "
                             "openssl rand -out " +
                             path + " 80";
}

}  // namespace

namespace clave::nginx {

ngx_slab_pool_t* slab_pool(const ngx_shm_zone_t& zone) {
    return static_cast<ngx_slab_pool_t*>(static_cast<void*>(zone.shm.addr));
}

void* take_all_memory(const ngx_shm_zone_t& zone) {
    ngx_slab_pool_t* pool = slab_pool(zone);
    return ngx_slab_alloc(pool, block_size(pool));
}

std::span<std::byte> zone_memory(const ngx_shm_zone_t& zone) {
    ngx_slab_pool_t* pool = slab_pool(zone);
    return {static_cast<std::byte*>(pool->data), block_size(pool)};
}

}  // namespace clave::nginx

char* ngx_http_clave_set_store(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& mcf = *static_cast<MainConf*>(conf);
    const auto* words = static_cast<const ngx_str_t*>(cf->args->elts);
    const std::string_view spec = view(words[1]);

    if (mcf.zone != nullptr || mcf.redis != nullptr) {
        return const_cast<char*>("is duplicate");
    }
    mcf.store_at = position_of(cf);
    if (!spec.starts_with("shared:")) {
        return ngx_http_clave_is_redis(spec)
                   ? guard_conf(cf, [&] { return ngx_http_clave_set_redis(cf, mcf); })
                   : mistake(cf, mcf.store_at,
                             "unknown session store \"" +
                                 // further on there may be a password
                                 std::string(spec.substr(0, spec.find(':'))) +
                                 "\"; use \"shared:NAME:SIZE\", as in \"shared:clave:16m\", or "
                                 "\"redis://HOST\"");
    }
    if (cf->args->nelts > 2) {
        return mistake(cf, mcf.store_at,
                       "\"clave_session_store shared:…\" takes no parameters; leave \"" +
                           copy(words[2]) + "\" out");
    }
    return guard_conf(cf, [&] { return add_zone(cf, mcf, spec); });
}

ngx_int_t ngx_http_clave_read_session_keys(ngx_conf_t* cf, MainConf* mcf) {
    for (const ngx_str_t& file : arguments(mcf->session_keys)) {
        ngx_str_t path = file;
        if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
            return NGX_ERROR;
        }
        if (const std::string wrong = read_key_file(copy(path), *mcf->keys); !wrong.empty()) {
            mistake(cf, mcf->session_keys.at, wrong);
            return NGX_ERROR;
        }
    }
    return ngx_http_clave_review_redis(cf, *mcf);
}
