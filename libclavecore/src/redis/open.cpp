#include "redis/open.h"

#include <new>

#include "redis/cluster.h"
#include "redis/sentinels.h"
#include "redis/server.h"

namespace clave::redis {

std::unique_ptr<Commands> open_commands(const RedisSettings& settings, Host host,
                                        Watching watching) try {
    auto wire = std::make_unique<Wire>(settings, host);
    switch (settings.url.kind) {
        case StoreUrl::Kind::sentinel:
            return std::make_unique<Sentinels>(std::move(wire), std::move(watching));
        case StoreUrl::Kind::cluster:
            return std::make_unique<Cluster>(std::move(wire), std::move(watching));
        case StoreUrl::Kind::server:
            break;
    }
    return std::make_unique<Server>(std::move(wire), watching);
} catch (const std::bad_alloc&) {
    return nullptr;
}

}  // namespace clave::redis
