// Sessions in Redis, for sites of several machines: one server, sentinels or a cluster.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "clave/key_ring.h"
#include "clave/loop.h"
#include "clave/redis_settings.h"
#include "clave/session_cache.h"
#include "clave/session_end.h"
#include "clave/store.h"

namespace clave {

// What a Redis store needs of its host; all of it outlives the store.
struct RedisStoreHost {
    Loop& loop;
    WorkerPool& pool;
    Random& random;
    Logger& logger;
    // Of sessions that were over by Redis' own clock when somebody asked for them, or over the
    // limit of their person; what Redis ends without anybody asking again, nobody hears of.
    SessionWitness* witness = nullptr;
};

// One per process, and only in one that runs its loop. Connects by itself, now and whenever it has
// to; until then, and whenever Redis does not answer, everything is an error. `prefix` begins the
// name of every key. `cache` is a worker's own view of what the machine has read; nullptr: every
// request asks Redis. nullptr if the loop has nothing left to give.
std::unique_ptr<Store> open_redis_store(const RedisSettings& settings, std::string prefix,
                                        const KeyRing& master, SessionCache* cache,
                                        const RedisStoreHost& host);

}  // namespace clave
