#include "private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace clave::nginx {
namespace {

// What nginx calls just before it reopens a file, of its master first.
void make_again(ngx_open_file_t* file, ngx_log_t*) {
    make_private(file->name);
}

}  // namespace

void make_private(const ngx_str_t& path) noexcept {
    // nginx ends its names with a zero; u_char and char may alias each other
    const auto* name = reinterpret_cast<const char*>(path.data);
    const int fd = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY,
                          S_IRUSR | S_IWUSR | S_IRGRP);
    if (fd >= 0) {
        ::close(fd);
    }
}

void keep_private(ngx_open_file_t& file) noexcept {
    file.flush = make_again;
}

}  // namespace clave::nginx
