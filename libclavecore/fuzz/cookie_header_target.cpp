// Cookie headers, one a line (H-16, H-17, CVE-2023-28625): what is ours is found and taken out, and
// every other cookie stays as it was.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "clave/config_words.h"
#include "clave/cookie.h"
#include "clave/session.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::string_view kName = "__Host-clave";

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
        text.remove_prefix(1);
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_session(std::string_view cookie) {
    return cookie.starts_with(std::string(kName) + "=");
}

bool is_ours(std::string_view cookie) {
    for (const std::string_view mark : {"-try=", "-post=", "-sign=", "-who=", "-lang="}) {
        if (cookie.starts_with(std::string(kName) + std::string(mark))) {
            return true;
        }
    }
    return is_session(cookie) || (cookie.starts_with(std::string(kName) + "-st-") &&
                                  cookie.find('=') != std::string_view::npos);
}

std::vector<std::string_view> others(std::string_view header) {
    std::vector<std::string_view> kept;
    for (const std::string_view piece : split(header, ';')) {
        const std::string_view cookie = trim(piece);
        if (!cookie.empty() && !is_ours(cookie)) {
            kept.push_back(cookie);
        }
    }
    return kept;
}

void check_strip(std::string_view header) {
    std::pmr::string out = "untouched";
    const bool stripped = strip_own_cookies(header, kName, out);
    const std::vector<std::string_view> pieces = split(header, ';');
    require(
        stripped == std::ranges::any_of(pieces, [](auto piece) { return is_ours(trim(piece)); }),
        "says whether there was one of ours");
    if (!stripped) {
        require(out == "untouched", "nothing to strip, nothing written");
        return;
    }
    require(out.size() < header.size(), "a stripped header is shorter");
    require(others(out) == others(header), "every other cookie stays as it was, in order");
    std::pmr::string again;
    require(!strip_own_cookies(out, kName, again), "nothing of ours is left");
}

bool within(std::string_view whole, std::string_view part) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

bool run(std::string_view input) {
    const std::vector<std::string_view> headers = split(input, '\n');
    const OwnCookies own = own_cookies(headers, kName, std::pmr::new_delete_resource());

    std::set<std::string_view> sessions;
    for (const std::string_view header : headers) {
        for (const std::string_view piece : split(header, ';')) {
            if (is_session(trim(piece))) {
                sessions.insert(trim(piece).substr(kName.size() + 1));
            }
        }
        check_strip(header);
    }
    require(own.conflict == (sessions.size() > 1), "several that differ are a conflict");
    require(own.session == (sessions.size() == 1 ? *sessions.begin() : std::string_view{}),
            "the session is the only one there is");
    require(own.states.size() <= 64, "logins under way are counted");
    for (const auto& [suffix, value] : own.states) {
        require(within(input, suffix) && within(input, value), "views point into the headers");
        require(within(input, own.state(suffix)), "a known suffix has a value");
    }
    for (const std::string_view value : {own.attempts, own.form, own.person}) {
        require(within(input, value), "so do these");
    }
    if (const auto token = SessionToken::parse(own.session)) {
        require(token->cookie() == own.session, "a token has one spelling");
        return true;
    }
    return false;
}

}  // namespace clave::fuzz
