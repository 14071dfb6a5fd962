// What a code of the log means to whoever runs the service, and what to do about it.
#pragma once

#include <optional>
#include <string_view>

#include "clave/error.h"

namespace clave {

struct CodeMeaning {
    std::string_view what;
    std::string_view remedy;
};

// Never fails; one row per enumerator.
const CodeMeaning& meaning(Code code) noexcept;

// By its word, "E-SIG-REF"; nullopt if there is none like it.
std::optional<Code> code_of(std::string_view word) noexcept;

}  // namespace clave
