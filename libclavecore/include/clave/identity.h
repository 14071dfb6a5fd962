// Who the citizen is, as the gateway said it and as the back end receives it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clave/level.h"

namespace clave {

// All text is UTF-8 without control characters, each field at most 512 bytes (the validator sees to
// it), attributes together at most 2 KiB.
struct Identity {
    std::string nif;  // NIF or NIE with valid check letter; empty for some EU citizens
    std::string id;   // the identifier as received, without the "ES/ES/" of national ids
    std::string given_name;
    std::string first_surname;
    std::string surnames;  // both
    std::string represented_nif;
    std::string represented_name;
    std::vector<std::pair<std::string, std::string>> attributes;  // clave_attributes, by name

    // "Ana García López"; empty parts leave no double space.
    std::string full_name() const;
};

// NIF (8 digits and letter) or NIE (X, Y, Z, 7 digits and letter), upper case, check letter right.
bool is_valid_nif(std::string_view text) noexcept;

}  // namespace clave
