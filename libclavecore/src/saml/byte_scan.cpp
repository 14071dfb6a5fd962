#include "saml/byte_scan.h"

#include <algorithm>
#include <array>

#include "base/guard.h"
#include "clave/encoding.h"

namespace clave::saml {
namespace {

// What costs libxml2 more than its size: it compares each attribute with all others of its tag, and
// looks up each name among all declarations in scope, so that 100 kB kept it busy for seconds
// (S-33). A good answer has some 150 tags, at most 12 attributes in each, and 25 declarations.
constexpr std::size_t kMaxTags = 8000;  // both of a pair
constexpr std::size_t kMaxValuesInTag = 96;
constexpr std::size_t kMaxDeclarations = 64;

bool is_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// The XML declarations seen in the field; anything else (XML 1.1, UTF-16, UTF-7, EBCDIC) is another
// reading of the same bytes (CVE-2025-66567).
bool is_plain_declaration(std::string_view text) {
    std::string normal;
    for (const char c : text) {
        const char plain = c == '\'' ? '"' : is_space(c) ? ' ' : c;
        if (plain != ' ' || normal.empty() || normal.back() != ' ') {
            normal.push_back(plain);
        }
    }
    if (normal.ends_with(" ?>")) {
        normal.erase(normal.size() - 3, 1);
    }
    static constexpr std::array<std::string_view, 8> kKnown{
        R"(<?xml version="1.0"?>)",
        R"(<?xml version="1.0" encoding="UTF-8"?>)",
        R"(<?xml version="1.0" encoding="utf-8"?>)",
        R"(<?xml version="1.0" standalone="yes"?>)",
        R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)",
        R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>)",
        R"(<?xml version="1.0" encoding="UTF-8" standalone="no"?>)",
        R"(<?xml version="1.0" encoding="utf-8" standalone="no"?>)",
    };
    return std::ranges::find(kKnown, normal) != kKnown.end();
}

// `at` is behind the ampersand.
bool is_plain_reference(std::string_view at) noexcept {
    const std::size_t end = at.substr(0, 16).find(';');
    if (end == std::string_view::npos) {
        return false;
    }
    std::string_view name = at.substr(0, end);
    if (!name.starts_with('#')) {
        return name == "lt" || name == "gt" || name == "amp" || name == "quot" || name == "apos";
    }
    name.remove_prefix(1);
    const bool hex = name.starts_with('x');
    if (hex) {
        name.remove_prefix(1);
    }
    return !name.empty() && std::ranges::all_of(name, [hex](char c) {
        return (c >= '0' && c <= '9') ||
               (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
    });
}

// Quoted values in the tag that `tag` begins with. A '<' ends it in any case: inside a value it is
// not well-formed.
std::size_t values_in_tag(std::string_view tag) noexcept {
    std::size_t count = 0;
    char quote = '\0';
    for (const char c : tag.substr(1)) {
        if (c == '<' || (c == '>' && quote == '\0')) {
            break;
        }
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
            ++count;
        }
    }
    return count;
}

Result<void> scan_cost(std::string_view text) {
    std::size_t tags = 0;
    for (auto at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        if (!guard("scan.tags", ++tags <= kMaxTags)) {
            return fail(Code::structure, "too many tags");
        }
        if (!guard("scan.attributes", values_in_tag(text.substr(at)) <= kMaxValuesInTag)) {
            return fail(Code::structure, "too many attributes in a tag");
        }
    }
    std::size_t declarations = 0;
    for (auto at = text.find("xmlns"); at != std::string_view::npos;
         at = text.find("xmlns", at + 1)) {
        if (!guard("scan.declarations", ++declarations <= kMaxDeclarations)) {
            return fail(Code::structure, "too many namespaces");
        }
    }
    return {};
}

Result<void> scan_markup(std::string_view rest, ByteScan kind) {
    const bool tolerant = kind == ByteScan::enclosure;
    for (std::size_t i = rest.find_first_of("<&"); i != std::string_view::npos;
         i = rest.find_first_of("<&", i + 1)) {
        const std::string_view at = rest.substr(i);
        if (at.front() == '&') {
            // Inside a comment or CDATA section an ampersand is only a character.
            if (!guard("scan.entity", tolerant || is_plain_reference(at.substr(1)))) {
                return fail(Code::format, "an entity that XML does not define");
            }
        } else if (at.starts_with("<!--") || at.starts_with("<![CDATA[")) {
            if (!guard("scan.comment", tolerant)) {
                return fail(Code::structure, "a comment or CDATA section");
            }
        } else if (at.starts_with("<!")) {
            if (!guard("scan.declaration", false)) {
                return fail(Code::format, "a document type or other declaration");
            }
        } else if (at.starts_with("<?")) {
            if (!guard("scan.instruction", tolerant)) {
                return fail(Code::structure, "a processing instruction");
            }
        }
    }
    return {};
}

}  // namespace

Result<void> scan_bytes(std::string_view bytes, ByteScan kind) {
    if (!is_valid_utf8(bytes)) {
        return fail(Code::format, "not UTF-8");
    }
    if (!guard("scan.nul", bytes.find('\0') == std::string_view::npos)) {
        return fail(Code::format, "a NUL byte");
    }
    // Also refuses a byte order mark, and UTF-16 without one.
    if (!guard("scan.first-byte", bytes.starts_with('<'))) {
        return fail(Code::format, "does not begin with an element");
    }
    if (kind != ByteScan::fragment && bytes.size() > 5 && bytes.starts_with("<?xml") &&
        is_space(bytes[5])) {
        const std::size_t end = bytes.find("?>");
        const bool plain =
            end != std::string_view::npos && is_plain_declaration(bytes.substr(0, end + 2));
        if (!guard("scan.xml-declaration", plain)) {
            return fail(Code::format, "an XML declaration other than 1.0 and UTF-8");
        }
        if (end != std::string_view::npos) {
            bytes.remove_prefix(end + 2);
        }
    }
    if (kind != ByteScan::enclosure) {
        if (auto good = scan_cost(bytes); !good) {
            return good;
        }
    }
    return scan_markup(bytes, kind);
}

}  // namespace clave::saml
