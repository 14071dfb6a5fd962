// The session keys of a directory, and the file that names them to nginx:
//
//     session-1.key, session-2.key, …    random bytes, mode 0600
//     session-keys.conf                  "clave_session_key FIRST OTHERS…;", to be included
//
// The first seals what is new, all of them open what is there. So a key comes in second, takes the
// first place when every worker and machine knows it, and the former one goes when nothing that it
// has sealed is around any more.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "clave/pki.h"

namespace clave::tool {

class KeyDirectory {
  public:
    // Errors: no session-keys.conf there, or not one of ours.
    static ConfigResult<KeyDirectory> open(const std::string& directory);
    // A first key in a directory that has none.
    static ConfigResult<KeyDirectory> begin(const std::string& directory);

    const std::vector<std::string>& files() const noexcept { return files_; }  // absolute
    std::size_t number_of(std::size_t index) const;
    std::string conf() const { return directory_ + "/session-keys.conf"; }

    // The newest key is not in use yet; it is, and the former ones are still read.
    bool has_next() const { return files_.size() > 1 && number_of(1) > number_of(0); }
    bool has_former() const { return files_.size() > 1 && number_of(1) < number_of(0); }

    ConfigResult<void> add();
    ConfigResult<void> promote();
    // The former keys, and their files.
    ConfigResult<void> retire();

  private:
    explicit KeyDirectory(std::string directory) : directory_(std::move(directory)) {}
    std::string key_file(std::size_t number) const;
    ConfigResult<void> make(std::size_t number);
    ConfigResult<void> write() const;

    std::string directory_;
    std::vector<std::string> files_;
};

// What is wrong with a file as a clave_session_key; empty if nothing is.
std::string fault_of_session_key(const std::string& path);

}  // namespace clave::tool
