// `clave_preserve_post`: how large a form may be that waits for a login, and the zone where all of
// them wait.
#include "clave/parcels.h"
#include "conf_text.h"
#include "guard.h"

using namespace clave;
using namespace clave::nginx;

namespace {

// A form is sealed in one piece on the event loop: 8 MiB take it a few milliseconds, as long as the
// signature of a login.
constexpr std::size_t kMostForm = 8 * 1024 * 1024;
constexpr std::size_t kMinimumZone = 128 * 1024;
// Of nginx's allocator around our block, of a form's head and its seal. Generous.
constexpr std::size_t kAllocator = 16 * 1024;
constexpr std::size_t kHead = 16 * 1024;
constexpr std::string_view kDefaultZone = "clave-post:8m";

// nginx lets a zone be named twice if it is used for the same; this is not what sessions are.
char for_forms;

ngx_int_t ngx_http_clave_init_parcels(ngx_shm_zone_t* zone, void*) {
    ngx_slab_pool_t* pool = slab_pool(*zone);
    if (pool->data != nullptr) {  // a reload
        if (Parcels::is_formatted(zone_memory(*zone))) {
            return NGX_OK;
        }
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                      "clave: zone \"%V\" was laid out by another version of the module; give it a "
                      "new name, or restart nginx",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    pool->data = take_all_memory(*zone);
    if (pool->data == nullptr || !Parcels::format(zone_memory(*zone))) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "clave: zone \"%V\" cannot be laid out",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    return NGX_OK;
}

char* add_zone(ngx_conf_t* cf, MainConf& mcf, const ConfPosition& at, std::string_view spec) {
    const auto parts = split(spec, ':');
    ngx_str_t size_text = to_ngx(cf->pool, parts.back());
    ngx_str_t name = to_ngx(cf->pool, parts.front());
    if (size_text.data == nullptr || name.data == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    const ssize_t size = ngx_parse_size(&size_text);
    if (parts.size() != 2 || name.len == 0 || size == NGX_ERROR) {
        return mistake(cf, at,
                       "\"zone=" + std::string(spec) +
                           "\" should be \"zone=NAME:SIZE\", as in \"zone=" +
                           std::string(kDefaultZone) + "\"");
    }
    if (static_cast<std::size_t>(size) < kMinimumZone) {
        return mistake(cf, at,
                       "zone \"" + copy(name) + "\" of " + copy(size_text) +
                           " is too small for forms; the minimum is 128k");
    }
    if (mcf.parcels != nullptr && view(mcf.parcels->shm.name) != view(name)) {
        return mistake(cf, at,
                       "all forms wait in one zone, and that is \"" + copy(mcf.parcels->shm.name) +
                           "\"; remove \"zone=" + std::string(spec) + "\"");
    }
    mcf.parcels = ngx_shared_memory_add(cf, &name, static_cast<std::size_t>(size), &for_forms);
    if (mcf.parcels == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);  // nginx has said why
    }
    mcf.parcels->init = ngx_http_clave_init_parcels;
    return NGX_CONF_OK;
}

char* read_form_limit(ngx_conf_t* cf, LocConf& lcf) {
    auto* words = static_cast<ngx_str_t*>(cf->args->elts);
    MainConf& mcf = *main_conf(cf);
    const ConfPosition at = position_of(cf);
    const std::string word = copy(words[1]);

    if (word == "off") {
        lcf.form_limit = 0;
        return cf->args->nelts == 2
                   ? NGX_CONF_OK
                   : mistake(cf, at, "\"clave_preserve_post off\" takes no parameters");
    }
    lcf.form_limit = ngx_parse_size(&words[1]);
    if (lcf.form_limit <= 0) {
        return mistake(cf, at,
                       "\"clave_preserve_post " + word +
                           "\" should be \"off\" or a size, as in \"clave_preserve_post 1m\"");
    }
    const auto limit = static_cast<std::size_t>(lcf.form_limit);
    if (limit > kMostForm) {
        return mistake(cf, at, "\"clave_preserve_post " + word + "\" is too much; the most is 8m");
    }
    if (limit > mcf.largest_form) {
        mcf.largest_form = limit;
        mcf.largest_form_at = at;
    }
    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }
    const auto zone = value_of(view(words[2]), "zone");
    return zone
               ? add_zone(cf, mcf, at, *zone)
               : mistake(cf, at,
                         "invalid parameter \"" + copy(words[2]) + "\" of \"clave_preserve_post\"" +
                             did_you_mean(split(view(words[2]), '=').front(), {"zone"}));
}

}  // namespace

char* ngx_http_clave_set_preserve_post(ngx_conf_t* cf, ngx_command_t*, void* conf) {
    auto& lcf = *static_cast<LocConf*>(conf);
    if (lcf.form_limit != NGX_CONF_UNSET) {
        return const_cast<char*>("is duplicate");
    }
    return guard_conf(cf, [&] { return read_form_limit(cf, lcf); });
}

ngx_int_t ngx_http_clave_review_parcels(ngx_conf_t* cf, MainConf* mcf) {
    if (mcf->largest_form == 0) {
        return NGX_OK;
    }
    const ConfPosition& at = mcf->largest_form_at;
    if (mcf->parcels == nullptr && add_zone(cf, *mcf, at, kDefaultZone) != NGX_CONF_OK) {
        return NGX_ERROR;
    }
    const std::size_t size = mcf->parcels->shm.size;
    if (Parcels::capacity(size - size / 64 - kAllocator) < mcf->largest_form + kHead) {
        mistake(cf, at,
                "a form of this size does not fit into zone \"" + copy(mcf->parcels->shm.name) +
                    "\" of " + std::to_string(size / 1024) +
                    "k; make the zone larger, as in \"zone=" + copy(mcf->parcels->shm.name) + ":" +
                    std::to_string((mcf->largest_form + kHead) * 8 / 1024 / 1024 + 1) + "m\"");
        return NGX_ERROR;
    }
    return NGX_OK;
}
