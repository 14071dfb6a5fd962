// The gateway's answers as a table: what may stand where (protocol-clave.md 3.1 and 4).
#pragma once

#include <span>

#include "saml/names.h"

namespace clave::saml {

struct Child {
    Name name;
    bool once = true;  // false: repeated ones reach the code that reads them, and its own refusal
};

struct Shape {
    Name name;
    std::span<const Name> attributes;
    std::span<const Child> children;
    bool text = false;    // holds text and no elements
    bool opaque = false;  // judged elsewhere

    bool has_attribute(const Name& wanted) const noexcept;
    bool has_child(const Name& wanted) const noexcept;
};

// Null for a name that has no place in an answer.
const Shape* find_shape(const Name& name) noexcept;

}  // namespace clave::saml
