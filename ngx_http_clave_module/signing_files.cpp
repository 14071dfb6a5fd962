#include "signing_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "worker_user.h"

namespace clave::nginx {
namespace {

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string reason(int error) {
    return "(" + std::to_string(error) + ": " + std::strerror(error) + ")";
}

// As who starts nginx, be he root or not.
bool is_writable(const std::string& directory) {
    return ::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::string quoted(const std::string& path) {
    return "\"" + path + "\"";
}

}  // namespace

std::string fault_of_archive(const std::string& path) {
    const std::string cannot =
        "cannot make the directory " + quoted(path) + " of \"clave_sign_archive\" ";
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        if (!S_ISDIR(status.st_mode)) {
            return quoted(path) + " of \"clave_sign_archive\" is not a directory; give it one";
        }
        return is_writable(path) ? std::string()
                                 : "cannot write to the directory " + quoted(path) +
                                       " of \"clave_sign_archive\" " + reason(errno) +
                                       "; it has to belong to the user that nginx runs as";
    }
    if (errno != ENOENT) {
        return cannot + reason(errno) + "; give it another place";
    }
    const std::string parent = parent_of(path);
    if (::stat(parent.c_str(), &status) != 0) {
        return cannot + reason(errno) +
               "; nginx makes the last part only, for the user of its workers: the one around it "
               "has to be there, as after: install -d -m 0755 " +
               parent;
    }
    return is_writable(parent)
               ? std::string()
               : cannot + reason(errno) +
                     "; run nginx as root, or make it for the user that nginx runs as: install -d "
                     "-o USER -m 0700 " +
                     path;
}

std::string fault_of_evidence(const std::string& path) {
    const std::string cannot =
        "cannot write the file " + quoted(path) + " of \"clave_sign_evidence\" ";
    // O_NONBLOCK: a pipe that nobody reads is a mistake, and none to wait for
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0) {
        struct stat status {};
        const bool fit =
            ::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || S_ISCHR(status.st_mode));
        ::close(fd);
        return fit ? std::string()
                   : quoted(path) +
                         " of \"clave_sign_evidence\" is not a file; give it a file's name";
    }
    const int error = errno;
    const std::string parent = parent_of(path);
    if (error == EISDIR) {
        return quoted(path) + " of \"clave_sign_evidence\" is a directory; give it a file's name";
    }
    if (error != ENOENT) {
        return cannot + reason(error) + "; who starts nginx has to be able to write it";
    }
    if (::access(parent.c_str(), F_OK) != 0) {
        return cannot + reason(error) +
               "; its directory has to be there, as after: install -d -m 0755 " + parent;
    }
    return is_writable(parent)
               ? std::string()
               : cannot + reason(errno) + "; who starts nginx has to be able to write to " +
                     quoted(parent);
}

void warn_about_reach(ngx_conf_t* cf, const Given& given, const std::string& path) {
    const auto who = worker_user(cf);
    const std::string closed = who ? closed_to(*who, path) : std::string();
    if (!closed.empty()) {
        warning(cf, given.at,
                quoted(path) + " of \"" + copy(*static_cast<ngx_str_t*>(given.args->elts)) +
                    "\" is out of reach of the workers: their user \"" + who->name +
                    "\" may not enter \"" + closed +
                    "\"; choose another place, as in "
                    "\"/var/lib/nginx/clave\" or \"/var/log/nginx\"");
    }
}

}  // namespace clave::nginx
