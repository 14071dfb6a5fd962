// The office's certificate and key in a directory as init makes it, and those that follow and
// precede them:
//
//     sede.key, sede.pem                        in use
//     sede-next.key, sede-next.csr              to come, with sede-next.pem when it has been issued
//     sede-former.key, sede-former.pem          answers under way may be encrypted to it
//     decryption-keys.conf                      "clave_decryption_key …/sede-former.key;", or
//                                               nothing; to be included
//
// The names in use stay, so that nothing that names them has to change.
#pragma once

#include <optional>
#include <string>

#include "clave/pki.h"

namespace clave::tool {

class CertificateDirectory {
  public:
    // Errors: there is no such directory.
    static ConfigResult<CertificateDirectory> open(const std::string& directory);

    std::string file(const char* name) const { return directory_ + "/" + name; }
    std::string conf() const { return file("decryption-keys.conf"); }
    bool has(const char* name) const;

    // A key and the request for its certificate, with the names of the one in use.
    ConfigResult<void> add() const;
    // The next pair takes the place of the one in use. Errors: it is no pair, or not valid now.
    ConfigResult<void> promote() const;
    ConfigResult<void> retire() const;
    // conf() is there, but clave.conf does not include it.
    bool is_left_out() const;

  private:
    explicit CertificateDirectory(std::string directory) : directory_(std::move(directory)) {}
    std::string directory_;
};

// What decryption-keys.conf says; `key` empty: nothing.
std::string decryption_conf(const std::string& key);

}  // namespace clave::tool
