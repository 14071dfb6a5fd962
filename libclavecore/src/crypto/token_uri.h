// `pkcs11:token=…;object=…?pin-source=file:…`: which key in which token (RFC 7512).
#pragma once

#include <string>

#include "clave/pki.h"

namespace clave {

struct TokenUri {
    std::string text;         // as given, for messages: it has no secret
    std::string key;          // without the query, for whoever looks the key up
    std::string pin_file;     // empty: the token wants none
    std::string module_path;  // empty: all modules that p11-kit knows

    // Errors: another scheme, no object or id, a PIN or an unknown attribute in it, a PIN source
    // that is not an absolute path.
    static ConfigResult<TokenUri> parse(const std::string& uri);
};

}  // namespace clave
