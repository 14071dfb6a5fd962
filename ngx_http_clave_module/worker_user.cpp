#include "worker_user.h"

#include <grp.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>

namespace clave::nginx {
namespace {

constexpr int kMostGroups = 1024;

bool has_acl(const std::string& path) {
    return ::getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

}  // namespace

std::optional<WorkerUser> worker_user(ngx_conf_t* cf) {
    const auto* core = reinterpret_cast<const ngx_core_conf_t*>(  // as nginx's own macro does
        ngx_get_conf(cf->cycle->conf_ctx, ngx_core_module));
    const bool told = core->user != static_cast<ngx_uid_t>(NGX_CONF_UNSET_UINT);
    if (!told || geteuid() != 0 || core->user == 0) {
        return std::nullopt;
    }
    WorkerUser who{core->username, static_cast<uid_t>(core->user), static_cast<gid_t>(core->group),
                   std::vector<gid_t>(kMostGroups)};
    int count = kMostGroups;
    const int found = ::getgrouplist(core->username, who.group, who.groups.data(), &count);
    who.groups.resize(found < 0 ? 0 : static_cast<std::size_t>(count));
    return who;
}

bool may(const WorkerUser& who, const struct stat& status, mode_t what) {
    if (status.st_uid == who.user) {
        return (status.st_mode >> 6U & what) == what;
    }
    const bool in_group =
        status.st_gid == who.group ||
        std::find(who.groups.begin(), who.groups.end(), status.st_gid) != who.groups.end();
    return (status.st_mode >> (in_group ? 3U : 0U) & what) == what;
}

std::string closed_to(const WorkerUser& who, const std::string& path) {
    for (auto at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
        std::string directory = at == 0 ? "/" : path.substr(0, at);
        struct stat status {};
        if (::stat(directory.c_str(), &status) == 0 && !may(who, status, 1) &&
            !has_acl(directory)) {
            return directory;
        }
    }
    return {};
}

}  // namespace clave::nginx
