// What may not even reach libxml2, found by looking at the bytes (S-23, S-25, S-30, S-31).
#pragma once

#include <string_view>

#include "clave/error.h"

namespace clave::saml {

enum class ByteScan {
    message,    // a document as it came from the wire
    fragment,   // one element out of a decrypted EncryptedData: no XML declaration
    enclosure,  // a document inside a verified attribute: may hold comments and CDATA
};

// Code::format: not plain UTF-8 text, a DOCTYPE or other declaration, an entity that is not one of
// the five of XML. Code::structure: a comment, processing instruction or CDATA section.
Result<void> scan_bytes(std::string_view bytes, ByteScan kind);

}  // namespace clave::saml
