#include "clave/cookie.h"

#include <cstddef>

#include "base/guard.h"

namespace clave {
namespace {

constexpr std::size_t kMostStates = 64;
constexpr std::string_view kStateMark = "-st-";
constexpr std::string_view kAttemptsMark = "-try";
constexpr std::string_view kFormMark = "-post";
constexpr std::string_view kPersonMark = "-who";
constexpr std::string_view kLanguageMark = "-lang";
constexpr std::string_view kSignatureMark = "-sign";

enum class Kind { foreign, session, state, attempts, form, person, language, signature };

struct Cookie {
    Kind kind = Kind::foreign;
    std::string_view suffix;  // of a state
    std::string_view value;
};

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

std::string_view without_leading_blanks(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

std::string_view without_trailing_blanks(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

Cookie classify_own(std::string_view pair, std::string_view own_name) noexcept {
    pair = without_trailing_blanks(pair);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) {
        return {};
    }
    const std::string_view mark = pair.substr(0, equals).substr(own_name.size());
    const std::string_view value = pair.substr(equals + 1);
    if (mark.empty()) {
        return {Kind::session, {}, value};
    }
    if (mark == kAttemptsMark) {
        return {Kind::attempts, {}, value};
    }
    if (mark == kFormMark) {
        return {Kind::form, {}, value};
    }
    if (mark == kPersonMark) {
        return {Kind::person, {}, value};
    }
    if (mark == kLanguageMark) {
        return {Kind::language, {}, value};
    }
    if (mark == kSignatureMark) {
        return {Kind::signature, {}, value};
    }
    if (mark.starts_with(kStateMark)) {
        return {Kind::state, mark.substr(kStateMark.size()), value};
    }
    return {};
}

// One name=value between two semicolons, blanks around it included. Most are somebody else's, and
// this is on the way of every request.
inline Cookie classify(std::string_view pair, std::string_view own_name) noexcept {
    pair = without_leading_blanks(pair);
    return pair.starts_with(own_name) ? classify_own(pair, own_name) : Cookie{};
}

// Calls `visit` for each stretch between semicolons, in one pass.
template <class Visit>
void for_each_pair(std::string_view header, Visit visit) {
    for (;;) {
        const std::size_t end = header.find(';');
        visit(header.substr(0, end));
        if (end == std::string_view::npos) {
            return;
        }
        header.remove_prefix(end + 1);
    }
}

}  // namespace

std::string_view OwnCookies::state(std::string_view suffix) const noexcept {
    for (const auto& [known, value] : states) {
        if (known == suffix) {
            return value;
        }
    }
    return {};
}

OwnCookies own_cookies(std::span<const std::string_view> headers, std::string_view name,
                       std::pmr::memory_resource* memory) {
    OwnCookies own{.session = {},
                   .conflict = false,
                   .attempts = {},
                   .form = {},
                   .person = {},
                   .language = {},
                   .signature = {},
                   .states = decltype(OwnCookies::states)(memory)};
    bool seen = false;
    for (const std::string_view header : headers) {
        for_each_pair(header, [&](std::string_view pair) {
            const Cookie cookie = classify(pair, name);
            switch (cookie.kind) {
                case Kind::session:
                    // Two values: one of them may have been planted, and nobody can say which.
                    own.conflict |= !guard("cookie conflict", !seen || own.session == cookie.value);
                    own.session = cookie.value;
                    seen = true;
                    break;
                case Kind::attempts:
                    own.attempts = cookie.value;
                    break;
                case Kind::form:
                    own.form = cookie.value;
                    break;
                case Kind::person:
                    own.person = cookie.value;
                    break;
                case Kind::language:
                    own.language = cookie.value;
                    break;
                case Kind::signature:
                    own.signature = cookie.value;
                    break;
                case Kind::state:
                    if (guard("cookie state count", own.states.size() < kMostStates)) {
                        own.states.emplace_back(cookie.suffix, cookie.value);
                    }
                    break;
                case Kind::foreign:
                    break;
            }
        });
    }
    if (own.conflict) {
        own.session = {};
    }
    return own;
}

bool strip_own_cookies(std::string_view header, std::string_view name, std::pmr::string& out) {
    bool found = false;
    bool first = true;      // of those that are kept
    bool anything = false;  // is kept but blanks
    std::size_t front = 0;  // octets that are kept as they stand, up to the first of ours
    for_each_pair(header, [&](std::string_view pair) {
        if (classify(pair, name).kind != Kind::foreign) {
            if (!found) {
                found = true;
                out.reserve(header.size());
                out.assign(header.substr(0, front));
            }
            return;
        }
        const std::string_view text = without_leading_blanks(pair);
        anything = anything || !text.empty();
        if (!found) {
            front = static_cast<std::size_t>(pair.data() - header.data()) + pair.size();
        } else if (!first) {
            out.push_back(';');
            out.append(pair);
        } else {
            // the blanks stood behind the semicolon of one of ours
            out.append(text.empty() ? pair : text);
        }
        first = false;
    });
    if (found && !anything) {
        out.clear();
    }
    return found;
}

}  // namespace clave
