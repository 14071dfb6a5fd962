#include "sign/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/openssl.h"
#include "sign/spool.h"
#include "sign/sync_directory.h"

namespace clave {
namespace {

tl::unexpected<Error> trouble(const std::string& path) {
    return fail(Code::store, path + ": " + std::strerror(errno));
}

// The document, the form that it came in, and twice as much for its signature (recovery.h).
constexpr std::uint64_t kCopies = 4;
// For what is under way already: FIRe hands over a signature once, whether there is room or not.
constexpr std::uint64_t kAir = 16ULL << 20U;

Result<void> make_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0) {
        return trouble(folder);
    }
    return {};
}

// nullopt at an error of read(2).
std::optional<std::vector<std::byte>> read_all(int file, std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::size_t at = 0;
    while (at < size) {
        const ssize_t count = ::read(file, bytes.data() + at, size - at);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return std::nullopt;
        }
        at += static_cast<std::size_t>(count);
    }
    return bytes;
}

// From its beginning, piece by piece; nullopt at an error of pread(2).
std::optional<Digest> hash_file(int file) {
    constexpr std::size_t kPiece = 64 * 1024;
    const std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>> hash(EVP_MD_CTX_new());
    require(hash != nullptr && EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr) == 1);
    std::vector<std::byte> piece(kPiece);
    for (off_t at = 0;;) {
        const ssize_t count = ::pread(file, piece.data(), piece.size(), at);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return std::nullopt;
        }
        if (count == 0) {
            break;
        }
        require(EVP_DigestUpdate(hash.get(), piece.data(), static_cast<std::size_t>(count)) == 1);
        at += count;
    }
    Digest digest{};
    unsigned length = 0;
    require(EVP_DigestFinal_ex(hash.get(), octets(digest.data()), &length) == 1);
    return digest;
}

}  // namespace

OpenFile::~OpenFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

std::string Archive::numbered(std::string_view name, std::size_t index) {
    std::string numbered(name);
    return index == 0 ? numbered : numbered + "." + std::to_string(index + 1);
}

Error Archive::why_unreadable(std::string_view id, Error error) const {
    struct stat status {};
    const bool erased = ::stat(directory_.c_str(), &status) == 0 &&
                        ::stat(folder(id).c_str(), &status) != 0 && errno == ENOENT;
    return erased ? Error{Code::sign_erased, "erased from the archive"} : std::move(error);
}

std::string Archive::path(std::string_view id, std::string_view name) const {
    return folder(id) + "/" + std::string(name);
}

Result<void> Archive::has_room_for(std::uint64_t bytes) const {
    struct statvfs disk {};
    if (::statvfs(directory_.c_str(), &disk) != 0) {
        return trouble(directory_);
    }
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (!guard("archive room", free >= kCopies * bytes + kAir)) {
        return fail(Code::archive,
                    directory_ + " has " + std::to_string(free) + " bytes left, too few");
    }
    return {};
}

Result<void> Archive::create(std::string_view id, std::span<const std::byte> document,
                             std::span<const std::byte> form, std::string_view fields) const {
    auto made = make_folder(folder(id));
    if (made) {
        made = write(id, kDocument, document);
    }
    if (made && !fields.empty()) {
        made = write(id, kFields, as_bytes(fields));
    }
    if (made) {
        made = write(id, kForm, form);
    }
    if (made && !sync_directory(directory_)) {
        made = trouble(directory_);
    }
    return made;
}

Result<std::shared_ptr<Spool>> Archive::begin(std::string_view id, std::uint64_t room) const {
    const auto made = make_folder(folder(id));
    if (!made) {
        return tl::unexpected(made.error());
    }
    return Spool::open({folder(id), std::string(kDocument), room});
}

Result<void> Archive::complete(std::string_view id, std::span<const std::byte> form) const {
    auto made = write(id, kForm, form);
    if (made && !sync_directory(directory_)) {
        made = trouble(directory_);
    }
    return made;
}

Result<void> Archive::repeat(std::string_view id, std::string_view from) const {
    auto made = make_folder(folder(id));
    for (const std::string_view name : {kDocument, kForm, kFields}) {
        if (name == kFields && !has(from, name)) {
            continue;
        }
        // A link: these are never written to.
        if (made && ::link(path(from, name).c_str(), path(id, name).c_str()) != 0) {
            made = trouble(path(from, name));
        }
    }
    if (made && !(sync_directory(folder(id)) && sync_directory(directory_))) {
        made = trouble(folder(id));
    }
    return made;
}

Result<void> Archive::make_room(std::string_view id) const {
    if (::mkdir(folder(id).c_str(), 0700) != 0 && errno != EEXIST) {
        return trouble(folder(id));
    }
    return sync_directory(directory_) ? Result<void>() : trouble(directory_);
}

Result<void> Archive::adopt(std::string_view id, std::string_view from,
                            std::string_view name) const {
    const std::string before = path(id, from);
    const bool there = ::link(before.c_str(), path(id, name).c_str()) == 0 || errno == EEXIST;
    const auto linked = there ? Result<void>() : trouble(path(id, name));
    ::unlink(before.c_str());
    return linked && !sync_directory(folder(id)) ? trouble(folder(id)) : linked;
}

Result<void> Archive::write(std::string_view id, std::string_view name,
                            std::span<const std::byte> bytes) const {
    auto spool = Spool::open({folder(id), std::string(name), bytes.size()});
    if (!spool) {
        return tl::unexpected(std::move(spool.error()));
    }
    if (!(*spool)->write(bytes)) {
        return trouble(path(id, name));
    }
    const auto sealed = (*spool)->seal();
    if (!sealed) {
        return tl::unexpected(sealed.error());
    }
    return {};
}

Result<std::shared_ptr<OpenFile>> Archive::open(std::string_view id, std::string_view name) const {
    const std::string file = path(id, name);
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) {
        return trouble(file);
    }
    return std::make_shared<OpenFile>(descriptor);
}

Result<std::vector<std::byte>> Archive::read(std::string_view id, std::string_view name,
                                             std::uint64_t most) const {
    const auto file = open(id, name);
    if (!file) {
        return tl::unexpected(file.error());
    }
    struct stat status {};
    if (::fstat((*file)->descriptor(), &status) != 0) {
        return trouble(path(id, name));
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (!S_ISREG(status.st_mode) || size > most) {
        return fail(Code::store, path(id, name) + ": not what we have put there");
    }
    auto bytes = read_all((*file)->descriptor(), static_cast<std::size_t>(size));
    if (!bytes) {
        return trouble(path(id, name));
    }
    return std::move(*bytes);
}

Result<Archive::Measured> Archive::measure(std::string_view id, std::string_view name,
                                           bool hashed) const {
    auto file = open(id, name);
    if (!file) {
        return tl::unexpected(std::move(file.error()));
    }
    const int descriptor = (*file)->descriptor();
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) {
        return trouble(path(id, name));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Code::store, path(id, name) + ": not what we have put there");
    }
    Measured measured{std::move(*file), static_cast<std::uint64_t>(status.st_size), {}};
    if (hashed) {
        const auto digest = hash_file(descriptor);
        if (!digest) {
            return trouble(path(id, name));
        }
        measured.sha256 = *digest;
    }
    return measured;
}

bool Archive::has(std::string_view id, std::string_view name) const {
    struct stat status {};
    return ::lstat(path(id, name).c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

Result<bool> Archive::mark(std::string_view id, std::string_view name) const {
    const int file =
        ::open(path(id, name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0) {
        return errno == EEXIST ? Result<bool>(false) : trouble(path(id, name));
    }
    ::close(file);
    return sync_directory(folder(id)) ? Result<bool>(true) : trouble(folder(id));
}

bool Archive::mark_for(std::string_view id, std::string_view name, Time when) const noexcept try {
    const timespec times[2] = {{0, UTIME_OMIT}, {when.time_since_epoch().count(), 0}};
    return mark(id, name).has_value() &&
           ::utimensat(AT_FDCWD, path(id, name).c_str(), times, AT_SYMLINK_NOFOLLOW) == 0;
} catch (const std::bad_alloc&) {
    return false;
}

void Archive::remove(std::string_view id, std::string_view name) const noexcept {
    ::unlink(path(id, name).c_str());
}

Result<std::vector<std::byte>> Archive::keep_order(const std::string& name,
                                                   const std::string& unique,
                                                   std::span<const std::byte> mark) const {
    if (!has(kOrders, name)) {
        auto kept = make_room(kOrders);
        kept = kept ? write(kOrders, unique, mark) : kept;
        kept = kept ? adopt(kOrders, unique, name) : kept;
        if (!kept) {
            return tl::unexpected(kept.error());
        }
    }
    return read(kOrders, name, kMostOrder);
}

Result<void> Archive::rename(std::string_view id, std::string_view from,
                             std::string_view to) const {
    if (::rename(path(id, from).c_str(), path(id, to).c_str()) != 0) {
        return trouble(path(id, from));
    }
    return sync_directory(folder(id)) ? Result<void>() : trouble(folder(id));
}

Result<UnverifiedSignature> Archive::found_signature(std::string_view id,
                                                     std::string_view name) const {
    auto measured = measure(id, name, true);
    if (!measured) {
        return tl::unexpected(std::move(measured.error()));
    }
    return UnverifiedSignature(path(id, name), measured->size, measured->sha256);
}

SpoolPlace Archive::spool(std::string_view id, std::uint64_t room) const {
    return {folder(id), std::string(kUnverified), room};
}

}  // namespace clave
