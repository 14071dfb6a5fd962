// application/x-www-form-urlencoded, strictly.
//
// The parser gives no first-wins or last-wins answer (S-35): the caller looks at all fields of a
// name, and at how each was spelled, and decides.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"

namespace clave {

struct FormField {
    std::string_view raw_name;  // as sent; points into the body
    std::string name;           // decoded
    std::string value;          // decoded

    // False for "%53AMLResponse", which another parser on the way may not have taken for the same.
    bool is_plainly_named() const noexcept { return raw_name == name; }
};

inline constexpr std::size_t kMostFormFields = 64;

// Fields in the order sent; empty ones between two '&' are passed over, and one without '=' has an
// empty value. Code::format for a '%' that no two hexadecimal digits follow, for NUL, raw or
// encoded, and for more than `most` fields. The size is the caller's to limit. Never suspends.
Result<std::vector<FormField>> parse_form(std::string_view body,
                                          std::size_t most = kMostFormFields);

// The media type alone, in any case: a charset parameter is as wrong as multipart (S-35).
bool is_form_content_type(std::string_view content_type) noexcept;

}  // namespace clave
