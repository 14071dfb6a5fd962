// Success, cancellation or failure (protocol-clave.md 3.5).
#pragma once

#include <libxml/tree.h>

#include <string>

#include "clave/error.h"

namespace clave::saml {

struct Status {
    bool success = false;
    Code failure = Code::status;  // as SignedRefusal::code(), unless it is a success
    std::string text;             // codes and message, printable, at most 256 bytes
};

// Code::status for a status that is missing, unknown, or contradicts itself.
Result<Status> read_status(const xmlNode* response);

}  // namespace clave::saml
