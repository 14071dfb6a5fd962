#include "saml_input.h"

#include <algorithm>

#include "clave/encoding.h"
#include "clave/saml.h"
#include "secret_input.h"

namespace clave::tool {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string::npos
               ? std::string()
               : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::array<std::byte, 1> byte{};
        std::string digits(text.substr(i + 1, 2));
        std::transform(digits.begin(), digits.end(), digits.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (text[i] == '%' && hex_decode_to(byte, digits)) {
            out += static_cast<char>(byte[0]);
            i += 2;
        } else {
            out += text[i];  // a "+" is one of base64: browsers write it as %2B
        }
    }
    return out;
}

// The value of the field that holds the message; the whole text if there is none.
std::string field_in(const std::string& text) {
    for (const char* name :
         {"SAMLResponse=", "SAMLRequest=", "logoutResponse=", "logoutRequest="}) {
        const std::size_t at = text.find(name);
        if (at == 0 || (at != std::string::npos && text[at - 1] == '&')) {
            const std::size_t begin = at + std::char_traits<char>::length(name);
            return percent_decoded(
                std::string_view(text).substr(begin, text.find('&', begin) - begin));
        }
    }
    return text;
}

}  // namespace

ConfigResult<std::string> read_message(const std::string& file) {
    const auto text = read_input(file);
    if (!text) {
        return text;
    }
    std::string message = trimmed(*text);
    if (!message.starts_with('<')) {
        auto decoded = base64_decode(trimmed(field_in(message)));
        message = decoded ? std::move(*decoded) : std::string();
    }
    if (!trimmed(message).starts_with('<') || message.size() > saml::kMaxMessage) {
        return tl::unexpected(
            ConfigError{"\"" + file + "\" holds no message",
                        "XML, its base64, or the form with SAMLResponse that a browser sends"});
    }
    return message;
}

}  // namespace clave::tool
