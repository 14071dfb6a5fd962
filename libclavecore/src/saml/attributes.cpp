#include "saml/attributes.h"

#include <algorithm>

#include "base/guard.h"
#include "clave/encoding.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

constexpr std::size_t kMaxValue = 512;
constexpr std::string_view kUriNames = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";

bool is_true(const std::optional<std::string>& text) {
    return text == "true" || text == "1";
}

// LatinScript="false" marks the spelling in another script beside the Latin one. Engines write it
// with and without a prefix.
std::optional<std::string> latin_script(const xmlNode* value) {
    for (const std::string_view space : {std::string_view{}, kNaturalPerson, kLegalPerson}) {
        if (auto found = attribute(value, "LatinScript", space)) {
            return found;
        }
    }
    return std::nullopt;
}

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(' ') == std::string_view::npos;
}

}  // namespace

Result<Attributes> Attributes::read(const xmlNode* assertion) {
    const xmlNode* statement = child(assertion, element::kAttributeStatement);
    if (!guard("attributes.present", statement != nullptr)) {
        return fail(Code::attribute, "no AttributeStatement");
    }
    Attributes read;
    for (const xmlNode* node : children(statement, element::kAttribute)) {
        const std::string name = attribute(node, "Name").value_or("");
        if (!guard("attributes.name", !name.empty())) {
            return fail(Code::attribute, "an attribute without Name");
        }
        if (!guard("attributes.name-format", attribute(node, "NameFormat") == kUriNames)) {
            return fail(Code::attribute, "an attribute whose NameFormat is not uri");
        }
        if (!guard("attributes.unique", read.by_name_.emplace(name, node).second)) {
            return fail(Code::attribute, "an attribute twice");
        }
    }
    return read;
}

Result<std::optional<std::string>> Attributes::raw(std::string_view name, std::size_t limit) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        return std::nullopt;
    }
    std::optional<std::string> only;
    for (const xmlNode* value : children(found->second, element::kAttributeValue)) {
        if (!guard("attributes.not-nil", !is_true(attribute(value, "nil", kInstance)))) {
            return fail(Code::attribute, "a nil value");
        }
        const std::optional<std::string> latin = latin_script(value);
        if (latin == "false" || latin == "0") {
            continue;
        }
        if (!guard("attributes.latin-script", !latin || is_true(latin))) {
            return fail(Code::attribute, "LatinScript is neither true nor false");
        }
        if (!guard("attributes.one-value", !only)) {
            return fail(Code::attribute, "two values where one belongs");
        }
        only = text_of(value);
        if (!guard("attributes.length", only->size() <= limit)) {
            return fail(Code::attribute, "a value is too long");
        }
    }
    return only;
}

Result<std::optional<std::string>> Attributes::optional(std::string_view name) const {
    Result<std::optional<std::string>> value = raw(name, kMaxValue);
    if (!value || !*value) {
        return value;
    }
    // CR and LF would be new headers, bidirectional overrides another name (S-66).
    if (!guard("attributes.printable", !has_control_characters(**value))) {
        return fail(Code::attribute, "control characters in a value");
    }
    if (!guard("attributes.not-blank", !is_blank(**value))) {
        return fail(Code::attribute, "an empty value");
    }
    return value;
}

Result<std::string> Attributes::required(std::string_view name) const {
    Result<std::optional<std::string>> value = optional(name);
    if (!value) {
        return tl::unexpected(std::move(value.error()));
    }
    if (!guard("attributes.required", value->has_value())) {
        return fail(Code::attribute, "a mandatory attribute is missing");
    }
    return value->value_or("");
}

bool Attributes::any_named(bool (*matches)(std::string_view)) const {
    return std::ranges::any_of(by_name_, [&](const auto& pair) { return matches(pair.first); });
}

}  // namespace clave::saml
