// Commands for whatever the settings name: one server, the primary of sentinels, a cluster.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "clave/host.h"
#include "clave/loop.h"
#include "clave/redis_settings.h"
#include "redis/commands.h"

namespace clave::redis {

// All outlive what is opened.
struct Host {
    Loop& loop;
    WorkerPool& pool;  // resolves names, reads the password
    Random& random;
    Logger& logger;
};

// Whose keys are watched; no prefix begins with another one.
struct Watching {
    ChangeListener* listener = nullptr;  // null: nothing is watched
    std::vector<std::string> prefixes;
};

// Never waits: the first commands do, while the connections are made. nullptr when the loop has no
// memory or descriptors left. The listener is deaf until it is told that it hears.
std::unique_ptr<Commands> open_commands(const RedisSettings& settings, Host host,
                                        Watching watching);

}  // namespace clave::redis
