// The first words on a new connection: who we are, which database, and whether the server is of any
// use.
#pragma once

#include <string>

#include "clave/task.h"
#include "redis/connection.h"

namespace clave::redis {

struct Greeting {
    std::string user;           // empty: the default user
    std::string password_file;  // empty: no password
    bool want_primary = false;  // a replica will not do (ROLE)
    unsigned database = 0;
};

// A server by its name; without one it is the unix socket of the settings.
struct Whom {
    StoreHost host;
    std::string shown;  // in the log
    Greeting greeting;

    static Whom server(const RedisSettings& settings, const StoreHost& host);
};

// Resolves, connects, greets. Errors: Code::store. A refusal of who we are is logged here, as
// E-REDIS-AUTH. `whom` outlives the Task. Without memory it fails as any other way.
Task<Result<void>> reach(Wire& wire, Connection& connection, const Whom& whom);

// One command on a connection that is not shared yet.
Task<Result<Value>> ask(Wire& wire, Connection& connection, Command command);

}  // namespace clave::redis
