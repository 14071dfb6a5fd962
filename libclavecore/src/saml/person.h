// From attributes to a person: who it is, by which method, and for whom.
#pragma once

#include <string>
#include <vector>

#include "clave/identity.h"
#include "clave/saml.h"
#include "saml/attributes.h"

namespace clave::saml {

struct Person {
    Identity identity;
    Method method = Method::pin;
    bool advanced_registration = false;
    bool represented = false;
};

// `name_id` is the NameID of the same assertion. Code::attribute, Code::subject (NameID and
// PersonIdentifier are two people), Code::represented.
Result<Person> read_person(const Attributes& attributes, std::string_view name_id,
                           const Expectations& expected);

// The identifier in its national form: "ES/ES/12345678Z" gives "12345678Z", others stay.
std::string_view without_national_prefix(std::string_view id) noexcept;

}  // namespace clave::saml
