#include "clave/form.h"

#include <optional>

#include "base/guard.h"

namespace clave {
namespace {

constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

Result<std::string> decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            const int high = i + 1 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return fail(Code::format, "form: bad percent-encoding");
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (!guard("form NUL", c != '\0')) {
            return fail(Code::format, "form: NUL");
        }
        out.push_back(c);
    }
    return out;
}

}  // namespace

Result<std::vector<FormField>> parse_form(std::string_view body, std::size_t most) {
    std::vector<FormField> fields;
    while (!body.empty()) {
        const std::size_t end = body.find('&');
        const std::string_view pair = body.substr(0, end);
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        if (pair.empty()) {
            continue;
        }
        if (!guard("form field count", fields.size() < most)) {
            return fail(Code::format, "form: too many fields");
        }
        const std::size_t equals = pair.find('=');
        const std::string_view raw_name = pair.substr(0, equals);
        auto name = decode(raw_name);
        auto value = decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
        if (!name || !value) {
            return tl::unexpected(std::move(!name ? name.error() : value.error()));
        }
        fields.push_back({raw_name, std::move(*name), std::move(*value)});
    }
    return fields;
}

bool is_form_content_type(std::string_view content_type) noexcept {
    constexpr std::string_view kType = "application/x-www-form-urlencoded";
    if (content_type.size() != kType.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kType.size(); ++i) {
        const char c = content_type[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != kType[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace clave
