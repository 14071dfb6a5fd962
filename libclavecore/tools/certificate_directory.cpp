#include "certificate_directory.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "base/small_file.h"
#include "clave/iso_time.h"
#include "new_file.h"
#include "own_certificate.h"

namespace clave::tool {
namespace {

tl::unexpected<ConfigError> wrong(std::string what, std::string remedy) {
    return tl::unexpected(ConfigError{std::move(what), std::move(remedy)});
}

tl::unexpected<ConfigError> cannot(const char* do_what, const std::string& path) {
    return wrong(std::string("cannot ") + do_what + " \"" + path + "\" (" +
                     std::generic_category().message(errno) + ")",
                 {});
}

// What nginx would refuse, or Cl@ve: better now than after the change.
ConfigResult<void> check_pair(const std::string& certificate_file, const std::string& key_file) {
    const auto key = PrivateKey::load(key_file);
    if (!key) {
        return tl::unexpected(key.error());
    }
    const auto certificates = Certificate::load(certificate_file);
    if (!certificates) {
        return tl::unexpected(certificates.error());
    }
    const Certificate& certificate = certificates->front();
    if (!certificate.matches(*key)) {
        return wrong("\"" + certificate_file + "\" is not the certificate of \"" + key_file + "\"",
                     "put the one there that was issued for the request beside it");
    }
    const Time now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    if (certificate.not_before() > now || certificate.not_after() <= now) {
        return wrong("\"" + certificate_file + "\" is valid from " +
                         format_utc(certificate.not_before()) + " until " +
                         format_utc(certificate.not_after()),
                     "not now");
    }
    return {};
}

ConfigResult<void> rename(const std::string& from, const std::string& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) {
        return cannot("rename", from);
    }
    return {};
}

}  // namespace

std::string decryption_conf(const std::string& key) {
    return "# Written by \"clavectl keys\": the key of the certificate before this one.\n" +
           (key.empty() ? std::string() : "clave_decryption_key " + key + ";\n");
}

ConfigResult<CertificateDirectory> CertificateDirectory::open(const std::string& directory) {
    char resolved[PATH_MAX];
    if (::realpath(directory.c_str(), resolved) == nullptr) {
        return wrong("there is no directory \"" + directory + "\"", {});
    }
    return CertificateDirectory(resolved);
}

bool CertificateDirectory::has(const char* name) const {
    return ::access(file(name).c_str(), F_OK) == 0;
}

ConfigResult<void> CertificateDirectory::add() const {
    const auto next = make_successor(file("sede.pem"));
    if (!next) {
        return tl::unexpected(next.error());
    }
    if (auto written = write_new(file("sede-next.key"), next->key, kPrivate); !written) {
        return written;
    }
    return write_new(file("sede-next.csr"), next->request, kPublic);
}

// The former pair keeps its names until it has others, too, and the new one is never half there for
// longer than between two renames: an nginx that is reloaded just then goes on with the former.
ConfigResult<void> CertificateDirectory::promote() const {
    if (auto good = check_pair(file("sede-next.pem"), file("sede-next.key")); !good) {
        return good;
    }
    for (const char* end : {".key", ".pem"}) {
        const std::string former = directory_ + "/sede-former" + end;
        if (::link((directory_ + "/sede" + end).c_str(), former.c_str()) != 0) {
            return cannot("keep the former", former);
        }
    }
    if (auto written = write_over(conf(), decryption_conf(file("sede-former.key")), kPublic);
        !written) {
        return written;
    }
    if (auto done = rename(file("sede-next.key"), file("sede.key")); !done) {
        return done;
    }
    if (auto done = rename(file("sede-next.pem"), file("sede.pem")); !done) {
        return done;
    }
    ::unlink(file("sede-next.csr").c_str());  // it has served
    return {};
}

ConfigResult<void> CertificateDirectory::retire() const {
    if (auto written = write_over(conf(), decryption_conf({}), kPublic); !written) {
        return written;
    }
    for (const char* name : {"sede-former.key", "sede-former.pem"}) {
        if (::unlink(file(name).c_str()) != 0 && errno != ENOENT) {
            return cannot("remove", file(name));
        }
    }
    return {};
}

bool CertificateDirectory::is_left_out() const {
    const auto text = read_small_file(file("clave.conf"), 65536);
    return text && text->find("decryption-keys.conf") == std::string::npos;
}

}  // namespace clave::tool
