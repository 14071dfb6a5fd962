// X-Clave-Sign of an application (F-01, F-06), and the name that comes with it.
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/upgrade.h"
#include "login/target.h"
#include "login_fixture.h"
#include "sign/intake.h"
#include "sign/sign_header.h"
#include "target.h"

namespace clave::fuzz {
namespace {

void check_text(std::string_view text) {
    require(text.size() <= kMostSignText, "a text has an end");
    require(is_valid_utf8(text) && !has_control_characters(text), "a text is readable");
}

// As an application would write what was understood.
std::string quoted(std::string_view name, std::string_view value) {
    std::string out;
    if (!value.empty()) {
        out = "; " + std::string(name) + "=\"";
        for (const char c : value) {
            out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        }
        out += "\"";
    }
    return out;
}

}  // namespace

bool run(std::string_view input) {
    static const Site site = test::test_site();
    const auto header = read_sign_header(site, input);
    if (!header) {
        require(header.error().code == Code::sign_header && !header.error().detail.empty(),
                "a refusal has a reason");
        return false;
    }
    const std::string& path = header->deliver;
    require(path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"),
            "the signature stays on this origin");
    require(path.size() <= kMaxTarget &&
                std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7F; }),
            "its address is fit for a header");
    require(!Gate::owns(site, path), "and none of ours");
    for (const std::string* text : {&header->name, &header->title, &header->procedure}) {
        check_text(*text);
    }
    require(header->upgrade.empty() || is_upgrade(header->upgrade), "FIRe knows what is asked for");
    const auto order = order_with(SignOrder(), *header);
    require(!order || header->upgrade.empty() ||
                objection_to_upgrade(order->format, order->upgrade).empty(),
            "what is asked for fits the format");
    const std::string name = safe_file_name(header->name);
    require(!name.empty() && name.find_first_of("/\\\"") == std::string::npos,
            "a name leads nowhere");

    const auto again = read_sign_header(
        site, quoted("return", path) + quoted("name", header->name) +
                  quoted("title", header->title) + quoted("procedure", header->procedure) +
                  quoted("upgrade", header->upgrade));
    require(again && again->deliver == path && again->name == header->name &&
                again->title == header->title && again->procedure == header->procedure &&
                again->upgrade == header->upgrade,
            "what was understood is understood again");
    return true;
}

}  // namespace clave::fuzz
