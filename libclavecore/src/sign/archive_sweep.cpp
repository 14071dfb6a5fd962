// What goes from the archive: folders that are over (checklist F-20), and those that never began.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "base/guard.h"
#include "clave/encoding.h"
#include "sign/archive.h"
#include "sign/transaction.h"

namespace clave {
namespace {

// Longer than any change of what waits is away from the next (signing.h).
constexpr Seconds kLongestWait{8 * 24 * 3600};

// Of each entry but those of the directory itself.
void for_each_entry(const std::string& directory,
                    const std::function<void(int at, const char* name)>& visit) {
    DIR* const open = ::opendir(directory.c_str());
    if (open == nullptr) {
        return;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this thread's own
    while (const dirent* entry = ::readdir(open)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") {
            visit(::dirfd(open), entry->d_name);
        }
    }
    ::closedir(open);
}

std::optional<Time> changed_at(int directory, const char* name) noexcept {
    struct stat status {};
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return std::nullopt;
    }
    return Time(Seconds(status.st_mtime));
}

// All but `kept`; the folder too, if there is nothing kept in it.
void remove_folder(const std::string& folder, std::string_view kept = {}) noexcept {
    for_each_entry(folder, [kept](int at, const char* name) {
        if (name != kept) {
            ::unlinkat(at, name, 0);
        }
    });
    ::rmdir(folder.c_str());
}

// Of what a folder holds.
enum class Content {
    draft,      // a document that is still being taken in, or was when a worker died
    documents,  // of an order that waits for more of them, or nothing
    signature,  // or what belongs to one: a form that waits for it, how it ended
};

Content content_of(std::string_view name) noexcept {
    if (name == ".document.partial") {
        return Content::draft;
    }
    const bool is_document = name.front() == '.' || name.starts_with(Archive::kDocument) ||
                             name.starts_with(Archive::kUpload);
    return is_document ? Content::documents : Content::signature;
}

struct Folder {
    Time changed{};
    bool empty = true;
    Content content = Content::draft;
};

Folder look_into(const std::string& path, Time changed) {
    Folder folder;
    folder.changed = changed;
    for_each_entry(path, [&](int at, const char* name) {
        folder.empty = false;
        folder.content = std::max(folder.content, content_of(name));
        folder.changed = std::max(folder.changed, changed_at(at, name).value_or(folder.changed));
    });
    if (folder.empty) {
        folder.content = Content::documents;
    }
    return folder;
}

// Its time is what `retain` goes by, and is kept.
void remove_form(int archive, const char* name, const std::string& folder) noexcept {
    struct stat status {};
    const bool known = ::fstatat(archive, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    ::unlink((folder + "/" + std::string(Archive::kForm)).c_str());
    ::unlink((folder + "/" + std::string(Archive::kFields)).c_str());
    ::unlink((folder + "/" + std::string(Archive::kDelivered)).c_str());
    const timespec times[2] = {{0, UTIME_OMIT}, status.st_mtim};
    if (known) {
        static_cast<void>(::utimensat(archive, name, times, AT_SYMLINK_NOFOLLOW));
    }
}

bool is_folder(int at, const char* name) noexcept {
    struct stat status {};
    return is_sign_id(name) && ::fstatat(at, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

}  // namespace

void Archive::discard(std::string_view id) const noexcept {
    remove_folder(folder(id));
}

void Archive::erase_unsigned(std::string_view id, bool of_application) const noexcept {
    bool signed_once = false;
    for_each_entry(folder(id), [&](int, const char* entry) {
        const std::string_view name = entry;
        signed_once = signed_once || name.starts_with(kSignature) || name == kReceipt;
    });
    if (!signed_once) {
        remove_folder(folder(id), of_application ? kRecord : std::string_view());
    }
}

bool Archive::waits_since(std::string_view id, Time when) const noexcept {
    return changed_at(AT_FDCWD, path(id, kWaiting).c_str()).value_or(Time{}) >= when;
}

std::vector<std::string> Archive::waiting() const {
    std::vector<std::string> ids;
    for_each_entry(directory_, [&](int, const char* name) {
        if (is_sign_id(name) && has(name, kWaiting)) {
            ids.emplace_back(name);
        }
    });
    return ids;
}

std::size_t Archive::sweep(Time before) const noexcept {
    std::size_t gone = 0;
    for_each_entry(directory_, [&](int at, const char* name) {
        if (is_folder(at, name) && changed_at(at, name).value_or(before) < before &&
            guard("archive waiting", !waits_since(name, before - kLongestWait))) {
            remove_folder(folder(name));
            ++gone;
        }
    });
    sweep_orders(before);
    return gone;
}

std::size_t Archive::sweep_forms(Time now) const noexcept {
    std::size_t gone = 0;
    for_each_entry(directory_, [&](int at, const char* name) {
        if (!is_sign_id(name)) {
            return;
        }
        const auto when = changed_at(AT_FDCWD, path(name, kDelivered).c_str());
        if (when && guard("archive form time", *when < now)) {
            remove_form(at, name, folder(name));
            ++gone;
        }
    });
    return gone;
}

// With their transactions: as long as one is there, its order makes no other.
void Archive::sweep_orders(Time before) const noexcept {
    for_each_entry(folder(kOrders), [&](int at, const char* name) {
        if (changed_at(at, name).value_or(before) >= before) {
            return;
        }
        const auto mark = read(kOrders, name, kMostOrder);
        const std::string_view text = mark ? as_text(*mark) : std::string_view();
        const std::string_view id = text.substr(text.size() - std::min(text.size(), kSignIdLength));
        if (!is_sign_id(id) || !changed_at(AT_FDCWD, folder(id).c_str())) {
            remove(kOrders, name);
        }
    });
}

std::size_t Archive::sweep_unfinished(Time drafts_before, Time documents_before) const noexcept {
    std::size_t gone = 0;
    for_each_entry(directory_, [&](int at, const char* name) {
        if (!is_folder(at, name)) {
            return;
        }
        const Folder found =
            look_into(folder(name), changed_at(at, name).value_or(documents_before));
        const bool is_draft = found.content == Content::draft && found.changed < drafts_before;
        const bool forgotten =
            found.content == Content::documents && found.changed < documents_before;
        if (is_draft || forgotten) {
            remove_folder(folder(name));
            ++gone;
        }
    });
    return gone;
}

}  // namespace clave
