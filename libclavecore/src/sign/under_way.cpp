#include "sign/under_way.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "sign/transaction.h"

namespace clave {

Result<void> UnderWay::add(std::string_view id) const {
    const std::string path = directory_ + "/" + std::string(id);
    constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
    int file = ::open(path.c_str(), kFlags, 0600);
    if (file < 0 && errno == ENOENT) {  // the first of this archive
        ::mkdir(directory_.c_str(), 0700);
        file = ::open(path.c_str(), kFlags, 0600);
    }
    if (file < 0) {
        return fail(Code::store, path + ": " + std::strerror(errno));
    }
    ::close(file);
    return {};
}

void UnderWay::remove(std::string_view id) const noexcept {
    ::unlink((directory_ + "/" + std::string(id)).c_str());
}

std::vector<UnderWay::One> UnderWay::all() const {
    std::vector<One> found;
    DIR* const open = ::opendir(directory_.c_str());
    if (open == nullptr) {
        return found;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own
    while (const dirent* entry = ::readdir(open)) {
        struct stat status {};
        if (is_sign_id(entry->d_name) &&
            ::fstatat(::dirfd(open), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            found.push_back({entry->d_name, Time(Seconds(status.st_mtime))});
        }
    }
    ::closedir(open);
    return found;
}

}  // namespace clave
