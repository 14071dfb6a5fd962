#include <optional>
#include <utility>

#include "clave/redis_store.h"
#include "redis/open.h"
#include "store/cache_watch.h"
#include "store/redis_store.h"

namespace clave {
namespace {

// What the store borrows; the connections go first.
struct Parts {
    std::unique_ptr<CacheWatch> watch;
    std::unique_ptr<redis::Commands> commands;
};

class OpenedRedisStore final : private Parts, public RedisStore {
  public:
    OpenedRedisStore(Parts parts, RecordNames names, const KeyRing& master, SessionCache* cache,
                     const RedisStoreHost& host)
        : Parts(std::move(parts)),
          RedisStore(host.loop, *commands, std::move(names), master, cache, host.random,
                     host.logger, host.witness) {}
};

}  // namespace

std::unique_ptr<Store> open_redis_store(const RedisSettings& settings, std::string prefix,
                                        const KeyRing& master, SessionCache* cache,
                                        const RedisStoreHost& host) {
    RecordNames names(std::move(prefix));
    Parts parts;
    redis::Watching watching;
    if (cache != nullptr) {
        parts.watch = std::make_unique<CacheWatch>(*cache, names);
        watching = {parts.watch.get(), {names.sessions()}};
    }
    parts.commands = redis::open_commands(
        settings, {host.loop, host.pool, host.random, host.logger}, std::move(watching));
    if (parts.commands == nullptr) {
        return nullptr;
    }
    return std::make_unique<OpenedRedisStore>(std::move(parts), std::move(names), master, cache,
                                              host);
}

}  // namespace clave
