#include "sign/spool.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sign/sync_directory.h"

namespace clave {
namespace {

tl::unexpected<Error> no_file(const std::string& path) {
    return fail(Code::store, path + ": " + std::strerror(errno));
}

}  // namespace

Spool::Spool(std::string directory, std::string name)
    : directory_(std::move(directory)), name_(std::move(name)), hash_(EVP_MD_CTX_new()) {
    require(hash_ != nullptr && EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) == 1);
}

Spool::~Spool() {
    if (file_ >= 0) {
        ::close(file_);
        ::unlink(partial_path().c_str());
    }
}

Result<std::shared_ptr<Spool>> Spool::open(const SpoolPlace& place) {
    if (place.name.empty() || place.name.front() == '.' ||
        place.name.find('/') != std::string::npos) {
        return fail(Code::store, "no name for a file of the spool");
    }
    std::shared_ptr<Spool> spool(new Spool(place.directory, place.name));
    struct stat there {};
    if (::lstat(spool->path().c_str(), &there) == 0) {
        return fail(Code::store, spool->path() + " exists");
    }
    // One of a process that was killed may be left: its bytes are of no use to anybody.
    spool->file_ = ::open(spool->partial_path().c_str(),
                          O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (spool->file_ < 0 || !spool->reserve(place.room)) {
        return no_file(spool->partial_path());
    }
    return spool;
}

// A file system that cannot reserve finds out later.
bool Spool::reserve(std::uint64_t room) const noexcept {
    return room == 0 || ::fallocate(file_, 0, 0, static_cast<off_t>(room)) == 0 ||
           (errno != ENOSPC && errno != EDQUOT && errno != EFBIG);
}

bool Spool::write(std::span<const std::byte> bytes) noexcept {
    if (EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size()) != 1) {
        return false;
    }
    while (!bytes.empty()) {
        const ssize_t count = ::write(file_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        size_ += static_cast<std::uint64_t>(count);
    }
    return true;
}

Result<UnverifiedSignature> Spool::seal() {
    Digest digest;
    unsigned length = 0;
    require(EVP_DigestFinal_ex(hash_.get(), octets(digest.data()), &length) == 1);
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0 || ::fsync(file_) != 0) {
        return no_file(partial_path());
    }
    // Unlike rename(), link() overwrites nothing.
    if (::link(partial_path().c_str(), path().c_str()) != 0) {
        return no_file(path());
    }
    ::unlink(partial_path().c_str());
    if (!sync_directory(directory_)) {
        return no_file(directory_);
    }
    ::close(std::exchange(file_, -1));
    return UnverifiedSignature(path(), size_, digest);
}

}  // namespace clave
