// What a person has sent, as a document to sign (product.md section 5): a file is the document
// itself; the fields of a form become readable text, in their order; anything else is taken as it
// is.
#pragma once

#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/request.h"
#include "clave/signing_site.h"

namespace clave {

struct TakenDocument {
    std::string name;        // shown, and of the download: no path, no control characters
    std::string media_type;  // of the few that pages can show, else application/octet-stream
    std::string bytes;
    std::string fields;  // as text: what was sent with the only file, and is not part of it
};

// Code::sign_document: nothing, or nothing that can be signed in this format. Deterministic: the
// same request gives the same bytes.
Result<TakenDocument> document_of(const Request& request, const SignOrder& order);

// Also what other applications call their documents: made harmless, never empty.
std::string safe_file_name(std::string_view name);

}  // namespace clave
