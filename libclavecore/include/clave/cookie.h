// Our cookies among those of the request (H-16, H-17, CVE-2023-28625).
#pragma once

#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clave {

// Names: NAME (the session), NAME-st-SUFFIX (a login under way), NAME-try (login attempts),
// NAME-post (fetches a form that waited), NAME-who (whose session it was), NAME-lang (the language
// of the pages), NAME-sign (hands a signed form over).
struct OwnCookies {
    std::string_view session;  // empty: none, or several that differ (then `conflict`)
    bool conflict = false;
    std::string_view attempts;
    std::string_view form;
    std::string_view person;
    std::string_view language;
    std::string_view signature;
    std::pmr::vector<std::pair<std::string_view, std::string_view>> states;  // suffix, value; ≤ 64

    std::string_view state(std::string_view suffix) const noexcept;  // empty if absent
    bool none() const noexcept {
        return !conflict && states.empty() && session.empty() && attempts.empty() && form.empty() &&
               person.empty() && language.empty() && signature.empty();
    }
};

// Views point into `headers` (each a Cookie header's value). Names are compared exactly: a browser
// sends them as they were set. Anything that is not name=value is passed over.
OwnCookies own_cookies(std::span<const std::string_view> headers, std::string_view name,
                       std::pmr::memory_resource* memory);

// Writes `header` without our cookies to `out`, all others byte-identical and in order. False, with
// `out` untouched, if there was none of ours. An empty `out` means that nothing is left.
bool strip_own_cookies(std::string_view header, std::string_view name, std::pmr::string& out);

}  // namespace clave
