#include "login/target.h"

#include <algorithm>
#include <initializer_list>

#include "base/guard.h"
#include "clave/gate.h"
#include "sign/transaction.h"

namespace clave {
namespace {

// RFC 3986 allows no space, control or 8-bit character, and '#' never reaches a server.
bool is_sent_by_browsers(char c) noexcept {
    return c > ' ' && c < 0x7F && c != '\\' && c != '#';
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool take_prefix(std::string_view& text,
                 std::initializer_list<std::string_view> prefixes) noexcept {
    for (const std::string_view prefix : prefixes) {
        const auto same = [](char a, char b) { return a == lower(b); };
        if (text.size() >= prefix.size() &&
            std::equal(prefix.begin(), prefix.end(), text.begin(), same)) {
            text.remove_prefix(prefix.size());
            return true;
        }
    }
    return false;
}

// "/%2f…", "/%5c…", "/%09/…": some server behind us may decode them and redirect to "//…", the last
// one because browsers drop tabs and ends of lines.
bool may_become_an_authority(std::string_view path) noexcept {
    path.remove_prefix(std::min<std::size_t>(path.size(), 1));
    while (take_prefix(path, {"%09", "%0a", "%0d"})) {
    }
    return take_prefix(path, {"/", "%2f", "%5c"});
}

// The only ones of our own pages that are worth coming back to: "/.clave/sign/ID/…".
bool is_sign_page(const Site& site, std::string_view path) noexcept {
    constexpr std::string_view kSign = "sign/";
    path.remove_prefix(site.path.size());
    if (!path.starts_with(kSign) || path.size() < kSign.size() + kSignIdLength + 1) {
        return false;
    }
    path.remove_prefix(kSign.size());
    return is_sign_id(path.substr(0, kSignIdLength)) && path[kSignIdLength] == '/' &&
           path.find_first_of("/.%", kSignIdLength + 1) == std::string_view::npos;
}

}  // namespace

std::string safe_target(const Site& site, std::string_view raw) {
    const std::string_view path = raw.substr(0, raw.find('?'));
    const bool is_path = guard("target path", path.starts_with('/'));
    const bool no_authority = guard("target slashes", path.find("//") == std::string_view::npos &&
                                                          !may_become_an_authority(path));
    const bool clean =
        guard("target characters", std::all_of(raw.begin(), raw.end(), is_sent_by_browsers));
    const bool fits = guard("target size", raw.size() <= kMaxTarget);
    const bool foreign_to_login =
        guard("target own path", !Gate::owns(site, path) || is_sign_page(site, path));
    if (is_path && no_authority && clean && fits && foreign_to_login) {
        return std::string(raw);
    }
    return "/";
}

std::string return_target(const Site& site, const Request& request) {
    // The decoded path tells "/%2eclave/login" for what it is.
    const bool ours = Gate::owns(site, request.path) && !is_sign_page(site, request.path);
    return ours ? "/" : safe_target(site, request.raw_target);
}

std::string calling_page(const Site& site, const Request& request) {
    const std::string_view referer = request.referer;
    if (!referer.starts_with(site.origin)) {
        return "/";
    }
    // "https://sede.example.evil" has no slash here, and safe_target() wants one.
    return safe_target(site, referer.substr(site.origin.size()));
}

}  // namespace clave
