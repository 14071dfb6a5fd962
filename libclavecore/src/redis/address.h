// Where a server listens, and how its name is resolved: never on the loop.
#pragma once

#include <sys/socket.h>

#include <string>
#include <vector>

#include "clave/host.h"
#include "clave/redis_settings.h"
#include "clave/task.h"

namespace clave::redis {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;

    int family() const noexcept { return storage.ss_family; }
    const sockaddr* get() const noexcept;

    static Address of_path(std::string_view path) noexcept;  // shorter than sun_path
};

// A literal address at once, a name on the worker pool. Errors: Code::store.
Task<Result<std::vector<Address>>> resolve(WorkerPool& pool, StoreHost host);

bool is_literal(const std::string& name) noexcept;

}  // namespace clave::redis
