// A file that an administrator says is PEM.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "clave/pki.h"
#include "crypto/openssl.h"

namespace clave {

class PemFile {
  public:
    enum class Kind { certificate, key };

    // Errors: unreadable, not a regular file, over 1 MiB, not PEM (PKCS#12 and DER are recognised
    // by their content, as names lie); for keys also a file open to everyone.
    static ConfigResult<PemFile> read(const std::string& path, Kind kind);

    PemFile(PemFile&&) = default;
    PemFile& operator=(PemFile&&) = default;
    ~PemFile();  // wipes

    BioOwner bio() const;  // reads from this object, which must stay
    std::string_view text() const noexcept;
    bool has(std::string_view what) const noexcept;

  private:
    explicit PemFile(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
    std::vector<std::byte> bytes_;
};

// `certificate "/etc/nginx/clave/sede.pem"`
std::string quoted(PemFile::Kind kind, const std::string& path);

tl::unexpected<ConfigError> config_error(std::string what, std::string remedy);

}  // namespace clave
