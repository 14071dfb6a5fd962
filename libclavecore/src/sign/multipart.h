// multipart/form-data as browsers send it (RFC 7578), strictly: what two parsers could read in two
// ways is refused, for one of them is the application's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"

namespace clave {

struct FormPart {
    std::string name;
    std::string file_name;     // empty: a field
    std::string content_type;  // as sent, may be empty
    std::string_view content;  // points into the body
    bool is_file = false;      // it has a file name, be it an empty one
};

inline constexpr std::size_t kMostFormParts = 200;

// True for this media type, whatever its parameters.
bool is_multipart(std::string_view content_type) noexcept;
// In the order sent. Code::sign_document for anything but parts between the boundaries that
// `content_type` names, each with a name. Never suspends.
Result<std::vector<FormPart>> parse_multipart(std::string_view content_type, std::string_view body);

}  // namespace clave
