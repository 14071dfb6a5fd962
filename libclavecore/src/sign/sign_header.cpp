#include "sign/sign_header.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/upgrade.h"
#include "login/target.h"

namespace clave {
namespace {

struct Text {
    std::string_view name;
    std::string SignHeader::*field;
};
constexpr auto kTexts = std::to_array<Text>({
    {"return", &SignHeader::deliver},
    {"name", &SignHeader::name},
    {"title", &SignHeader::title},
    {"procedure", &SignHeader::procedure},
});

struct NamedFormat {
    std::string_view name;
    SignFormat format;
};
constexpr auto kFormats = std::to_array<NamedFormat>({
    {"cades", SignFormat::cades},
    {"xades", SignFormat::xades},
    {"pades", SignFormat::pades},
    {"none", SignFormat::none},
});

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

void skip_blanks(std::string_view& rest) noexcept {
    rest.remove_prefix(static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_blank) - rest.begin()));
}

// What two readers could take for two things is written in quotes.
bool is_plain(char c) noexcept {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != ';' && c != ',';
}

bool is_of_a_name(char c) noexcept {
    return c >= 'a' && c <= 'z';
}

std::string_view take_while(std::string_view& rest, bool (*is)(char) noexcept) noexcept {
    const auto end = std::find_if_not(rest.begin(), rest.end(), is);
    const std::string_view taken = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    rest.remove_prefix(taken.size());
    return taken;
}

// Behind the opening quote, up to and with the closing one; nullopt if there is none.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string out;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return out;
        }
        if (rest[i] == '\\' && ++i == rest.size()) {
            break;
        }
        out += rest[i];
    }
    return std::nullopt;
}

// nullopt: a value is missing, or does not end.
std::optional<std::string> take_value(std::string_view& rest) {
    if (rest.starts_with('"')) {
        rest.remove_prefix(1);
        return take_quoted(rest);
    }
    const std::string_view plain = take_while(rest, is_plain);
    return plain.empty() ? std::nullopt : std::optional<std::string>(plain);
}

bool is_good_text(std::string_view text) noexcept {
    const bool short_enough = guard("sign header length", text.size() <= kMostSignText);
    const bool readable =
        guard("sign header characters", is_valid_utf8(text) && !has_control_characters(text));
    return !text.empty() && short_enough && readable;
}

Result<void> set_format(SignHeader& header, std::string_view value) {
    const auto* known = std::find_if(kFormats.begin(), kFormats.end(),
                                     [value](const auto& one) { return one.name == value; });
    if (known == kFormats.end()) {
        return fail(Code::sign_header, "\"format\" is none of cades, xades, pades, none");
    }
    header.format = known->format;
    return {};
}

// `seen`: of the names before.
Result<void> set(SignHeader& header, std::string_view name, std::string value, std::string& seen) {
    const std::string marked = ";" + std::string(name) + ";";
    if (!guard("sign header repeated", seen.find(marked) == std::string::npos)) {
        return fail(Code::sign_header, "a parameter that comes twice");
    }
    seen += marked;
    if (name == "format") {
        return set_format(header, value);
    }
    if (name == "upgrade") {
        header.upgrade = std::move(value);
        return guard("sign header upgrade", is_upgrade(header.upgrade))
                   ? Result<void>()
                   : fail(Code::sign_header, "\"upgrade\" is no word of FIRe's, as ES-T");
    }
    const auto* text = std::find_if(kTexts.begin(), kTexts.end(),
                                    [name](const Text& one) { return one.name == name; });
    if (text == kTexts.end()) {
        return fail(Code::sign_header,
                    "an unknown parameter (known: return, format, upgrade, name, title, "
                    "procedure)");
    }
    if (name != "return" && !is_good_text(value)) {
        return fail(Code::sign_header,
                    "\"" + std::string(name) + "\" is not a text of 1 to 200 bytes in UTF-8");
    }
    header.*text->field = std::move(value);
    return {};
}

// Goes into a Location header, and to a browser that follows it with the citizen's cookies (F-01).
bool is_good_return(const Site& site, std::string_view path) {
    const bool stays = guard("sign header return", safe_target(site, path) == path);
    const bool not_ours = guard("sign header own path", !Gate::owns(site, path));
    return path.starts_with('/') && stays && not_ours;
}

}  // namespace

Result<SignHeader> read_sign_header(const Site& site, std::string_view value) {
    SignHeader header;
    std::string seen;
    std::string_view rest = value;
    for (skip_blanks(rest); !rest.empty(); skip_blanks(rest)) {
        if (rest.front() == ';') {
            rest.remove_prefix(1);
            continue;
        }
        const std::string_view name = take_while(rest, is_of_a_name);
        if (name.empty() || !rest.starts_with('=')) {
            return fail(Code::sign_header, "no name=value where there should be one");
        }
        rest.remove_prefix(1);
        auto text = take_value(rest);
        skip_blanks(rest);
        if (!text || !(rest.empty() || rest.front() == ';')) {
            return fail(Code::sign_header, "a value that has to be in quotes, or does not end");
        }
        const auto done = set(header, name, std::move(*text), seen);
        if (!done) {
            return tl::unexpected(done.error());
        }
    }
    if (!is_good_return(site, header.deliver)) {
        return fail(Code::sign_header, "\"return\" is missing, or no path of this site");
    }
    return header;
}

Result<SignOrder> order_with(const SignOrder& location, SignHeader header) {
    SignOrder order = location;
    order.deliver = std::move(header.deliver);
    order.format = header.format.value_or(location.format);
    if (!header.title.empty()) {
        order.title = std::move(header.title);
    }
    if (!header.procedure.empty()) {
        order.procedure = std::move(header.procedure);
    }
    if (!header.upgrade.empty()) {
        order.upgrade = std::move(header.upgrade);
    }
    if (!order.upgrade.empty()) {
        const std::string_view objection = objection_to_upgrade(order.format, order.upgrade);
        if (!objection.empty()) {
            return fail(Code::sign_header, "\"upgrade\" is " + std::string(objection));
        }
    }
    return order;
}

}  // namespace clave
