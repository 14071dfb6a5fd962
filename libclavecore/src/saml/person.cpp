#include "saml/person.h"

#include <algorithm>

#include "base/guard.h"
#include "saml/represented.h"

namespace clave::saml {
namespace {

constexpr std::size_t kMaxWanted = 2048;  // clave/identity.h
constexpr std::string_view kNationalPrefix = "ES/ES/";

bool is_country(std::string_view text) noexcept {
    return text.size() == 2 &&
           std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "CC/ES/id": an identifier that country CC made for Spain. "ES/XX/…" is one of ours made for
// somebody else, and says nothing here.
bool is_foreign_id(std::string_view id) noexcept {
    return id.size() > kNationalPrefix.size() && is_country(id.substr(0, 2)) && id[2] == '/' &&
           !id.starts_with("ES/") && id.substr(3, 3) == "ES/";
}

// protocol-clave.md section 8, "PersonIdentifier". The wallet may belong to a foreigner as well.
Result<void> read_identifier(std::string_view received, Method method, Identity& identity) {
    const std::string_view id = without_national_prefix(received);
    identity.id = id;
    if (is_valid_nif(id)) {
        identity.nif = id;
        return {};
    }
    const bool may_be_foreign = method == Method::eidas || method == Method::cartera;
    if (!guard("person.identifier", may_be_foreign && is_foreign_id(id))) {
        return fail(Code::attribute, "PersonIdentifier is neither a NIF nor an eIDAS identifier");
    }
    if (const std::string_view last = id.substr(std::min(kNationalPrefix.size(), id.size()));
        is_valid_nif(last)) {
        identity.nif = last;
    }
    return {};
}

std::string upper(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return result;
}

Result<void> read_names(const Attributes& attributes, Identity& identity) {
    Result<std::string> given = attributes.required(attribute_name::kGivenName);
    if (!given) {
        return tl::unexpected(std::move(given.error()));
    }
    identity.given_name = *std::move(given);
    Result<std::string> family = attributes.required(attribute_name::kFamilyName);
    if (!family) {
        return tl::unexpected(std::move(family.error()));
    }
    identity.surnames = *std::move(family);
    Result<std::optional<std::string>> first = attributes.optional(attribute_name::kFirstSurname);
    if (!first) {
        return tl::unexpected(std::move(first.error()));
    }
    identity.first_surname = first->value_or("");
    return {};
}

Result<void> read_wanted(const Attributes& attributes, const Expectations& expected,
                         Identity& identity) {
    std::size_t total = 0;
    for (const std::string& name : expected.wanted_attributes) {
        Result<std::optional<std::string>> value = attributes.optional(name);
        if (!value) {
            return tl::unexpected(std::move(value.error()));
        }
        if (!*value) {
            continue;
        }
        total += name.size() + (*value)->size();
        identity.attributes.emplace_back(name, **std::move(value));
    }
    if (!guard("person.attributes-size", total <= kMaxWanted)) {
        return fail(Code::attribute, "attributes are too long together");
    }
    return {};
}

Result<bool> read_registration(const Attributes& attributes, const Expectations& expected) {
    if (expected.registration_attribute.empty()) {
        return false;
    }
    Result<std::optional<std::string>> value = attributes.optional(expected.registration_attribute);
    if (!value) {
        return tl::unexpected(std::move(value.error()));
    }
    return *value && std::ranges::find(expected.registration_values, **value) !=
                         expected.registration_values.end();
}

}  // namespace

std::string_view without_national_prefix(std::string_view id) noexcept {
    if (id.starts_with(kNationalPrefix)) {
        id.remove_prefix(kNationalPrefix.size());
    }
    return id;
}

Result<Person> read_person(const Attributes& attributes, std::string_view name_id,
                           const Expectations& expected) {
    Person person;
    Result<std::string> selected = attributes.required(attribute_name::kSelectedIdp);
    if (!selected) {
        return tl::unexpected(std::move(selected.error()));
    }
    const std::optional<Method> method = method_from_idp(*selected);
    if (!guard("person.method", method.has_value())) {
        return fail(Code::attribute, "SelectedIdP is not known");
    }
    person.method = method.value_or(Method::pin);

    Result<std::string> id = attributes.required(attribute_name::kPersonIdentifier);
    if (!id) {
        return tl::unexpected(std::move(id.error()));
    }
    if (auto good = read_identifier(*id, person.method, person.identity); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    const std::string named = upper(without_national_prefix(name_id));
    if (!guard("person.name-id", !is_valid_nif(named) || named == person.identity.nif)) {
        return fail(Code::subject, "NameID and PersonIdentifier are two people");
    }
    if (auto good = read_names(attributes, person.identity); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    if (auto good = read_wanted(attributes, expected, person.identity); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    Result<bool> registered = read_registration(attributes, expected);
    if (!registered) {
        return tl::unexpected(std::move(registered.error()));
    }
    person.advanced_registration = *registered;

    Result<std::optional<Represented>> represented = read_represented(attributes, person.method);
    if (!represented) {
        return tl::unexpected(std::move(represented.error()));
    }
    if (*represented) {
        if (!guard("person.represented", expected.represented_allowed_somewhere)) {
            return fail(Code::represented, "acts for somebody else");
        }
        person.represented = true;
        person.identity.represented_nif = (*represented)->nif;
        person.identity.represented_name = (*represented)->name;
    }
    return person;
}

}  // namespace clave::saml
