#include "sign/evidence_head.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/small_file.h"
#include "clave/encoding.h"

namespace clave {
namespace {

constexpr std::size_t kDigits = 20;
constexpr std::size_t kHash = 64;
constexpr std::size_t kMostHead = 1024;

std::string directory_of(const std::string& archive) {
    return archive + "/heads";
}

tl::unexpected<Error> trouble(const std::string& path) {
    return fail(Code::evidence, path + ": " + std::strerror(errno));
}

// Always as long as before: a reader sees the old one or the new one.
std::string text_of(const EvidenceHead& head) {
    std::string number = std::to_string(head.number);
    number.insert(0, kDigits - number.size(), '0');
    return number + " " + head.sha256 + " " + head.time + " " + head.chain + "\n";
}

std::optional<EvidenceHead> head_in(std::string_view text) {
    EvidenceHead head;
    const std::size_t time = kDigits + kHash + 2;
    const std::size_t end = text.size() > time ? text.find(' ', time) : std::string_view::npos;
    if (end == std::string_view::npos || !text.ends_with('\n')) {
        return std::nullopt;
    }
    const auto [at, error] = std::from_chars(text.data(), text.data() + kDigits, head.number);
    head.sha256 = text.substr(kDigits + 1, kHash);
    head.time = text.substr(time, end - time);
    head.chain = text.substr(end + 1, text.size() - end - 2);
    const bool whole = error == std::errc() && at == text.data() + kDigits && !head.chain.empty();
    return whole ? std::optional(std::move(head)) : std::nullopt;
}

}  // namespace

Result<void> EvidenceHeadFile::write(const std::string& archive, const EvidenceHead& head) {
    // A chain's name has slashes.
    const std::string path = directory_of(archive) + "/" + percent_encode(head.chain);
    if (file_ == nullptr || archive_ != archive) {
        constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
        int file = ::open(path.c_str(), kFlags, 0600);
        if (file < 0 && errno == ENOENT) {  // the first of this archive
            ::mkdir(directory_of(archive).c_str(), 0700);
            file = ::open(path.c_str(), kFlags, 0600);
        }
        if (file < 0) {
            return trouble(path);
        }
        file_ = std::make_unique<OpenFile>(file);
        archive_ = archive;
    }
    const std::string text = text_of(head);
    const ssize_t written = ::pwrite(file_->descriptor(), text.data(), text.size(), 0);
    return written == static_cast<ssize_t>(text.size()) ? Result<void>() : trouble(path);
}

Result<std::vector<EvidenceHead>> read_evidence_heads(const std::string& archive) {
    const std::string directory = directory_of(archive);
    DIR* const open = ::opendir(directory.c_str());
    if (open == nullptr) {
        return trouble(directory);
    }
    std::vector<std::string> names;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own
    while (const dirent* entry = ::readdir(open)) {
        if (entry->d_name[0] != '.') {
            names.emplace_back(entry->d_name);
        }
    }
    ::closedir(open);
    std::sort(names.begin(), names.end());
    std::vector<EvidenceHead> heads;
    for (const std::string& name : names) {
        std::string path = directory;
        path.append("/").append(name);
        const auto text = read_small_file(path, kMostHead);
        auto head = text ? head_in(*text) : std::nullopt;
        if (!head) {
            return fail(Code::evidence, path + ": no head of a chain");
        }
        heads.push_back(std::move(*head));
    }
    return heads;
}

}  // namespace clave
