#include "crypto/pem_file.h"

#include <fcntl.h>
#include <openssl/pkcs12.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <span>
#include <system_error>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/secret.h"

namespace clave {
namespace {

constexpr off_t kMostBytes = 1024 * 1024;

class FileDescriptor {
  public:
    explicit FileDescriptor(int fd) noexcept : fd_(fd) {}
    ~FileDescriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const noexcept { return fd_; }

  private:
    int fd_;
};

// As nginx writes it: (13: Permission denied)
std::string system_error_text(int error) {
    return "(" + std::to_string(error) + ": " + std::generic_category().message(error) + ")";
}

std::string octal(mode_t mode) {
    char text[16];
    static_cast<void>(
        std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777U)));
    return text;
}

std::string cannot_load(PemFile::Kind kind, const std::string& path, const std::string& why) {
    return "cannot load " + quoted(kind, path) + ": " + why;
}

template <auto Parse, auto Free>
bool parses_as(std::span<const std::byte> bytes) {
    const unsigned char* at = octets(bytes.data());
    auto* const object = Parse(nullptr, &at, static_cast<long>(bytes.size()));
    if (object == nullptr) {
        return false;
    }
    Free(object);
    return true;
}

tl::unexpected<ConfigError> not_pem(PemFile::Kind kind, const std::string& path,
                                    std::span<const std::byte> bytes) {
    const bool is_key = kind == PemFile::Kind::key;
    const ErrorMark mark;
    if (parses_as<d2i_PKCS12, PKCS12_free>(bytes)) {
        return config_error("\"" + path + "\" is a PKCS#12 file, not PEM",
                            "convert it: clavectl import-p12 " + path +
                                " --certificate FILE.pem --key FILE.key (or: openssl pkcs12 -in " +
                                path + (is_key ? " -nocerts -noenc" : " -nokeys") +
                                " -out FILE.pem)");
    }
    if (parses_as<d2i_X509, X509_free>(bytes)) {
        return config_error(
            "\"" + path + "\" is a certificate in DER, not PEM",
            is_key ? "give the private key's file here"
                   : "convert it: openssl x509 -inform DER -in " + path + " -out FILE.pem");
    }
    if (parses_as<d2i_AutoPrivateKey, EVP_PKEY_free>(bytes)) {
        return config_error("\"" + path + "\" is a private key in DER, not PEM",
                            is_key ? "convert it: openssl pkey -inform DER -in " + path +
                                         " -out FILE.pem, mode 0600"
                                   : "give the certificate's file here");
    }
    return config_error("\"" + path + "\" is not a PEM file",
                        is_key ? "it must hold \"-----BEGIN PRIVATE KEY-----\""
                               : "it must hold \"-----BEGIN CERTIFICATE-----\"");
}

// Empty optional on a read error, with errno set.
std::optional<std::vector<std::byte>> read_all(int fd, std::size_t size) {
    std::vector<std::byte> bytes(size);
    std::size_t length = 0;
    while (length < size) {
        const ssize_t got = ::read(fd, bytes.data() + length, size - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            wipe(bytes);
            return std::nullopt;
        }
        if (got == 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    bytes.resize(length);
    return bytes;
}

}  // namespace

std::string quoted(PemFile::Kind kind, const std::string& path) {
    return (kind == PemFile::Kind::key ? "certificate key \"" : "certificate \"") + path + "\"";
}

tl::unexpected<ConfigError> config_error(std::string what, std::string remedy) {
    return tl::unexpected<ConfigError>(ConfigError{std::move(what), std::move(remedy)});
}

PemFile::~PemFile() {
    wipe(bytes_);
}

BioOwner PemFile::bio() const {
    return BioOwner(BIO_new_mem_buf(bytes_.data(), static_cast<int>(bytes_.size())));
}

bool PemFile::has(std::string_view what) const noexcept {
    return text().find(what) != std::string_view::npos;
}

std::string_view PemFile::text() const noexcept {
    return as_text(bytes_);
}

ConfigResult<PemFile> PemFile::read(const std::string& path, Kind kind) {
    const bool is_key = kind == Kind::key;
    // A FIFO must not hold up the start.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
        const int error = errno;
        return config_error(cannot_load(kind, path, system_error_text(error)),
                            error == ENOENT ? std::string(kCheckPath)
                            : is_key        ? "it must be readable by root at start, mode 0600"
                                            : "it must be readable by root at start");
    }
    if (!S_ISREG(status.st_mode)) {
        return config_error(cannot_load(kind, path, "not a regular file"), "give a PEM file");
    }
    if (status.st_size > kMostBytes) {
        return config_error(cannot_load(kind, path, "larger than 1 MiB"), "give a PEM file");
    }
    auto bytes = read_all(file.get(), static_cast<std::size_t>(status.st_size));
    if (!bytes) {
        return config_error(cannot_load(kind, path, system_error_text(errno)),
                            "check the disk and the file");
    }
    PemFile pem(std::move(*bytes));
    // Whoever gives the certificate's file for the key's is not to be told to hide it.
    const bool no_key = pem.has("-----BEGIN CERTIFICATE-----") && !pem.has("PRIVATE KEY-----");
    if (!guard("key file mode", !is_key || no_key || (status.st_mode & S_IRWXO) == 0)) {
        return config_error(
            quoted(kind, path) + " is open to everyone (mode " + octal(status.st_mode) + ")",
            "chmod 0600 " + path + ", and replace the key if others could read it");
    }
    if (!pem.has("-----BEGIN ")) {
        return not_pem(kind, path, pem.bytes_);
    }
    return pem;
}

}  // namespace clave
