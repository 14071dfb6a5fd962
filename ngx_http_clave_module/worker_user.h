// Whom the workers run as, for what they open themselves, long after root has read the
// configuration: what he may not reach is found at its first use, by a citizen.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "ngx.h"

namespace clave::nginx {

struct WorkerUser {
    std::string name;
    uid_t user;
    gid_t group;
    std::vector<gid_t> groups;  // all of his
};

// nullopt: workers are who starts nginx, or no "user" line has been read yet.
std::optional<WorkerUser> worker_user(ngx_conf_t* cf);

// Whether what `status` is of lets him: 4 to read, 2 to write, 1 to enter.
bool may(const WorkerUser& who, const struct stat& status, mode_t what);

// The first directory on the way to `path` that he may not enter; empty if he gets there. Where an
// ACL says who may, he is believed to.
std::string closed_to(const WorkerUser& who, const std::string& path);

}  // namespace clave::nginx
