// What decodes encodes to the same text (S-34), and text that passes for UTF-8 without control
// characters is fit for a header.
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "target.h"

namespace clave::fuzz {

bool run(std::string_view input) {
    if (const auto bytes = base64_decode(input)) {
        std::string unbroken(input);
        std::erase_if(unbroken, [](char c) { return c == '\r' || c == '\n'; });
        require(base64_encode(as_bytes(*bytes)) == unbroken, "base64 has one spelling");
    }
    require(base64_decode(base64_encode(as_bytes(input))) == input, "base64 loses nothing");

    if (const auto bytes = base64url_decode(input)) {
        require(base64url_encode(*bytes) == input, "base64url has one spelling");
    }
    const auto there_and_back = base64url_decode(base64url_encode(as_bytes(input)));
    require(there_and_back && as_text(*there_and_back) == input, "base64url loses nothing");

    const std::string percent = percent_encode(input);
    require(std::ranges::all_of(percent, [](char c) { return c > ' ' && c < 0x7F; }),
            "percent-encoding is printable ASCII");

    if (is_valid_utf8(input)) {
        const bool control = has_control_characters(input);
        const bool plain = std::ranges::none_of(
            input, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; });
        require(control || plain, "a header is not broken by text without control characters");
    }
    const std::string html = html_escape(input);
    require(html.find_first_of("<>\"'") == std::string::npos, "nothing ends an HTML attribute");
    const std::string xml = xml_escape(input);
    require(xml.find_first_of("<>\"'\t\r\n") == std::string::npos, "nothing ends an XML attribute");
    return base64_decode(input) || base64url_decode(input) || is_valid_utf8(input);
}

}  // namespace clave::fuzz
