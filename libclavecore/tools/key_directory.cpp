#include "key_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <cstdlib>

#include "base/small_file.h"
#include "clave/config_words.h"
#include "clave/crypto.h"
#include "new_file.h"

namespace clave::tool {
namespace {

constexpr std::size_t kKeySize = 80;  // as of nginx's own ticket keys
constexpr std::size_t kLeast = 32;
constexpr std::string_view kDirective = "clave_session_key ";
constexpr std::string_view kHead = "session-";
constexpr std::string_view kTail = ".key";

// 0: no name that we give.
std::size_t number_in(std::string_view path) {
    path.remove_prefix(path.rfind('/') + 1);
    if (!path.starts_with(kHead) || !path.ends_with(kTail)) {
        return 0;
    }
    path.remove_prefix(kHead.size());
    path.remove_suffix(kTail.size());
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
    return error == std::errc() && end == path.data() + path.size() ? number : 0;
}

ConfigResult<std::string> absolute(const std::string& directory) {
    char resolved[PATH_MAX];
    if (::realpath(directory.c_str(), resolved) == nullptr) {
        return tl::unexpected(ConfigError{"there is no directory \"" + directory + "\"", {}});
    }
    return std::string(resolved);
}

// The words between the directive and the semicolon.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (const std::string_view line : split(text, '\n')) {
        if (!line.starts_with(kDirective) || !line.ends_with(';')) {
            continue;
        }
        const std::string_view names =
            line.substr(kDirective.size(), line.size() - kDirective.size() - 1);
        for (const std::string_view word : split(names, ' ')) {
            if (!word.empty()) {
                words.emplace_back(word);
            }
        }
    }
    return words;
}

}  // namespace

std::string fault_of_session_key(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return "cannot be read";
    }
    if ((status.st_mode & static_cast<mode_t>(S_IRWXO)) != 0) {
        return "is open to everybody";
    }
    return status.st_size < static_cast<off_t>(kLeast) ? "has less than 32 bytes" : "";
}

ConfigResult<KeyDirectory> KeyDirectory::open(const std::string& directory) {
    const auto path = absolute(directory);
    if (!path) {
        return tl::unexpected(path.error());
    }
    KeyDirectory keys(*path);
    const auto text = read_small_file(keys.conf(), 65536);
    if (!text) {
        return tl::unexpected(
            ConfigError{text.error().what, "\"clavectl init\" makes the first key"});
    }
    keys.files_ = words_of(*text);
    const bool ours = !keys.files_.empty() &&
                      std::all_of(keys.files_.begin(), keys.files_.end(),
                                  [](const std::string& file) { return number_in(file) != 0; });
    if (!ours) {
        return tl::unexpected(ConfigError{"\"" + keys.conf() + "\" was not written by clavectl",
                                          "it has one line: clave_session_key …/session-1.key;"});
    }
    return keys;
}

ConfigResult<KeyDirectory> KeyDirectory::begin(const std::string& directory) {
    const auto path = absolute(directory);
    if (!path) {
        return tl::unexpected(path.error());
    }
    KeyDirectory keys(*path);
    if (auto made = keys.make(1); !made) {
        return tl::unexpected(made.error());
    }
    keys.files_.push_back(keys.key_file(1));
    if (auto written = keys.write(); !written) {
        return tl::unexpected(written.error());
    }
    return keys;
}

std::size_t KeyDirectory::number_of(std::size_t index) const {
    return number_in(files_[index]);
}

std::string KeyDirectory::key_file(std::size_t number) const {
    return directory_ + "/" + std::string(kHead) + std::to_string(number) + std::string(kTail);
}

ConfigResult<void> KeyDirectory::make(std::size_t number) {
    std::string bytes(kKeySize, '\0');
    SystemRandom random;
    if (!random.fill(std::as_writable_bytes(std::span(bytes)))) {
        return tl::unexpected(ConfigError{"there is no randomness", {}});
    }
    auto written = write_new(key_file(number), bytes, kPrivate);
    wipe(std::as_writable_bytes(std::span(bytes)));
    return written;
}

ConfigResult<void> KeyDirectory::write() const {
    std::string line(kDirective);
    for (const std::string& file : files_) {
        line += file + (&file == &files_.back() ? ";\n" : " ");
    }
    return write_over(conf(),
                      "# Written by \"clavectl keys\": the first seals, all of them open.\n" + line,
                      kPublic);
}

ConfigResult<void> KeyDirectory::add() {
    std::size_t newest = 0;
    for (std::size_t i = 0; i < files_.size(); ++i) {
        newest = std::max(newest, number_of(i));
    }
    if (auto made = make(newest + 1); !made) {
        return made;
    }
    files_.insert(files_.begin() + 1, key_file(newest + 1));
    return write();
}

ConfigResult<void> KeyDirectory::promote() {
    std::swap(files_[0], files_[1]);
    return write();
}

ConfigResult<void> KeyDirectory::retire() {
    const std::vector<std::string> former(files_.begin() + 1, files_.end());
    files_.resize(1);
    if (auto written = write(); !written) {
        return written;
    }
    for (const std::string& file : former) {
        if (::unlink(file.c_str()) != 0) {
            return tl::unexpected(ConfigError{"cannot remove \"" + file + "\"",
                                              "nginx does not read it any more; remove it"});
        }
    }
    return {};
}

}  // namespace clave::tool
