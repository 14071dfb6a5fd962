// A file that appears under its name only when all of it is on disk.
//
// Written from the loop, into the kernel's memory; what waits for the disk (opening, reserving,
// fsync) runs on the worker pool.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>

#include "clave/fire.h"
#include "crypto/openssl.h"

namespace clave {

class Spool final : public ResponseSink {
  public:
    // Blocks. Code::store: the name is taken or is none, or there is no room.
    static Result<std::shared_ptr<Spool>> open(const SpoolPlace& place);
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;
    // What was not sealed is gone.
    ~Spool();

    [[nodiscard]] bool write(std::span<const std::byte> bytes) noexcept override;
    std::uint64_t size() const noexcept { return size_; }
    // Blocks, once, after the last write. The file then has its name, and both are on disk.
    Result<UnverifiedSignature> seal();

  private:
    Spool(std::string directory, std::string name);
    std::string path() const { return directory_ + "/" + name_; }
    std::string partial_path() const { return directory_ + "/." + name_ + ".partial"; }
    bool reserve(std::uint64_t room) const noexcept;

    std::string directory_;
    std::string name_;
    int file_ = -1;
    std::uint64_t size_ = 0;
    std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> hash_;
};

}  // namespace clave
