#include "crypto/token_uri.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "clave/config_words.h"
#include "crypto/pem_file.h"

namespace clave {
namespace {

constexpr std::string_view kScheme = "pkcs11:";
constexpr const char* kExample =
    "write \"pkcs11:token=NAME;object=NAME?pin-source=file:/etc/nginx/clave/pin\"";

bool is_path(std::string_view text) {
    return text.starts_with('/') && text.find('%') == std::string_view::npos;
}

// "file:/path" or "file:///path" (RFC 8089)
std::optional<std::string_view> file_of(std::string_view source) {
    constexpr std::string_view kFile = "file:";
    if (!source.starts_with(kFile)) {
        return std::nullopt;
    }
    source.remove_prefix(kFile.size());
    if (source.starts_with("///")) {
        source.remove_prefix(2);
    }
    return is_path(source) ? std::optional(source) : std::nullopt;
}

}  // namespace

ConfigResult<TokenUri> TokenUri::parse(const std::string& uri) {
    // Before anything that would repeat the text.
    if (uri.find("pin-value") != std::string::npos) {
        return config_error("a PIN must not be in the configuration",
                            "change it, write the new one to a file of mode 0600 and give "
                            "\"pin-source=file:/path/of/the/file\" instead of \"pin-value\"");
    }
    const bool printable = std::all_of(uri.begin(), uri.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    });
    if (!printable || !uri.starts_with(kScheme)) {
        return config_error("\"" + std::string(kScheme) +
                                "\" should be followed by printable ASCII, the rest as %XX",
                            kExample);
    }
    const std::size_t mark = uri.find('?');
    TokenUri out{uri, uri.substr(0, mark), {}, {}};
    bool named = false;
    for (const std::string_view part :
         split(std::string_view(out.key).substr(kScheme.size()), ';')) {
        named = named || part.starts_with("object=") || part.starts_with("id=");
    }
    if (!named) {
        return config_error("\"" + uri + "\" does not name a key", kExample);
    }
    if (mark == std::string::npos) {
        return out;
    }
    for (const std::string_view part : split(std::string_view(uri).substr(mark + 1), '&')) {
        if (const auto source = value_of(part, "pin-source")) {
            const auto file = file_of(*source);
            if (!file) {
                return config_error("\"pin-source=" + std::string(*source) + "\" is not a file",
                                    "give \"pin-source=file:/path/of/the/file\"");
            }
            out.pin_file = *file;
        } else if (const auto module = value_of(part, "module-path")) {
            if (!is_path(*module)) {
                return config_error("\"" + std::string(part) + "\" is not an absolute path",
                                    "give the full path of the PKCS#11 module");
            }
            out.module_path = *module;
        } else {
            return config_error("unknown \"" + std::string(part) + "\" in \"" + uri + "\"",
                                "known: \"pin-source=file:…\", \"module-path=…\"");
        }
    }
    return out;
}

}  // namespace clave
