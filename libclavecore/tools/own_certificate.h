// A key of our own, a request for its certificate, and a certificate for tests.
#pragma once

#include <string>

#include "clave/pki.h"

namespace clave::tool {

struct OwnCertificate {
    std::string key;          // PEM, RSA 3072
    std::string request;      // PEM, PKCS#10
    std::string certificate;  // PEM, signed by itself
};

struct Subject {
    std::string common_name;   // the public host name, also as subjectAltName
    std::string organization;  // empty: none
};

ConfigResult<OwnCertificate> make_certificate(const Subject& subject, int days);

// A new key, and the request for a certificate with the names of the one in that file. Errors: no
// certificate there.
ConfigResult<OwnCertificate> make_successor(const std::string& certificate_file);

}  // namespace clave::tool
