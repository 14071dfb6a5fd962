// The memory that the workers count in. It survives a reload, so that no count goes backwards; a
// restart begins at zero, which is what a counter's reader expects.
#include "clave/metrics.h"

#include <vector>

#include "conf_text.h"

using namespace clave;
using namespace clave::nginx;

namespace {

// nginx lets a zone be named twice if it is used for the same.
char for_metrics;

ngx_int_t ngx_http_clave_init_metrics(ngx_shm_zone_t* zone, void*) {
    ngx_slab_pool_t* pool = slab_pool(*zone);
    if (pool->data == nullptr) {
        pool->data = take_all_memory(*zone);
        if (pool->data == nullptr || !Metrics::format(zone_memory(*zone))) {
            ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "clave: zone \"%V\" cannot be laid out",
                          &zone->shm.name);
            return NGX_ERROR;
        }
    } else if (!Metrics::is_formatted(zone_memory(*zone))) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0,
                      "clave: zone \"%V\" was laid out by another version of the module; restart "
                      "nginx",
                      &zone->shm.name);
        return NGX_ERROR;
    }
    // Only the process that reads the configuration comes here: nobody else adds names.
    std::vector<std::string_view> names;
    for (const Level& level : *static_cast<const MainConf*>(zone->data)->levels) {
        names.push_back(level.name);
    }
    Metrics::learn_levels(zone_memory(*zone), names);
    return NGX_OK;
}

}  // namespace

ngx_int_t ngx_http_clave_add_metrics_zone(ngx_conf_t* cf, MainConf* mcf) {
    // Another layout is another zone: the workers of before go on with theirs.
    ngx_str_t name = to_ngx(cf->pool, "clave-metrics-" + std::to_string(Metrics::layout()));
    if (name.data == nullptr) {
        return NGX_ERROR;
    }
    const std::size_t size = Metrics::size() + 8 * ngx_pagesize;  // nginx's allocator around it
    mcf->metrics = ngx_shared_memory_add(cf, &name, size, &for_metrics);
    if (mcf->metrics == nullptr) {
        return NGX_ERROR;  // nginx has said why
    }
    mcf->metrics->init = ngx_http_clave_init_metrics;
    mcf->metrics->data = mcf;
    return NGX_OK;
}
