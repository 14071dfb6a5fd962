// Where a login leads back to, as a browser would understand it (S-67, CVE-2019-13038).
#include <algorithm>
#include <string>
#include <vector>

#include "clave/config_words.h"
#include "clave/gate.h"
#include "login/target.h"
#include "login_fixture.h"
#include "target.h"

namespace clave::fuzz {
namespace {

const Site& site() {
    static const Site instance = test::test_site();
    return instance;
}

int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex(text[i + 1]) : -1;
        const int low = high >= 0 ? hex(text[i + 2]) : -1;
        out.push_back(low >= 0 ? static_cast<char>(high * 16 + low) : text[i]);
        i += low >= 0 ? 2 : 0;
    }
    return out;
}

// As a web server sees a path: decoded, slashes merged, dots resolved.
std::string normalised(std::string_view raw) {
    const std::string decoded = percent_decoded(raw.substr(0, raw.find('?')));
    std::vector<std::string_view> kept;
    const std::vector<std::string_view> segments = split(decoded, '/');
    for (const std::string_view segment : segments) {
        if (segment == ".." && !kept.empty()) {
            kept.pop_back();
        } else if (!segment.empty() && segment != "." && segment != "..") {
            kept.push_back(segment);
        }
    }
    std::string path;
    for (const std::string_view segment : kept) {
        path += "/" + std::string(segment);
    }
    const std::string_view last = segments.back();
    return last.empty() || last == "." || last == ".." ? path + "/" : path;
}

// The URL standard, section 4.4: browsers drop these characters, and take a backslash for a slash.
std::string as_browsers_read(std::string_view location) {
    std::string url;
    for (const char c : location) {
        if (c != '\t' && c != '\r' && c != '\n' &&
            !(url.empty() && static_cast<unsigned char>(c) <= ' ')) {
            url.push_back(c == '\\' ? '/' : c);
        }
    }
    return url;
}

void check_stays(const std::string& target) {
    require(target.size() <= kMaxTarget, "a target has an end");
    require(std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7F; }),
            "a target is fit for a header");
    const std::string url = as_browsers_read(target);
    require(url.starts_with('/') && !url.starts_with("//"), "a browser stays on this origin");
    const std::string decoded = as_browsers_read(percent_decoded(target));
    require(!decoded.starts_with("//"), "nor does it leave when somebody decodes it once more");
}

}  // namespace

bool run(std::string_view input) {
    const std::string target = safe_target(site(), input);
    require(target == "/" || target == input, "a target is kept, or replaced by the start");
    check_stays(target);

    const std::string path = normalised(input);
    Request request;
    request.raw_target = input;
    request.path = path;
    const std::string back = return_target(site(), request);
    check_stays(back);
    // A document that waits for its signature is the only page of ours to come back to.
    require(!Gate::owns(site(), normalised(back)) ||
                normalised(back).starts_with(site().path + "sign/"),
            "nothing leads back to the login itself");

    const std::string here = site().origin + std::string(input);
    for (const std::string_view referer : {input, std::string_view(here)}) {
        request.referer = referer;
        const std::string page = calling_page(site(), request);
        check_stays(page);
        require(page == "/" || site().origin + page == referer, "a page of ours, or the start");
    }
    return target == input;
}

}  // namespace clave::fuzz
