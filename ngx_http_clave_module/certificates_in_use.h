// The certificates that the configuration names and that end some day.
#pragma once

#include <string_view>
#include <vector>

#include "clave/pki.h"
#include "conf.h"

namespace clave::nginx {

struct CertificateInUse {
    Certificate certificate;
    std::string_view role;  // the directive
};

// Of nginx's array of all servers; each once for a role, however many servers inherit it.
std::vector<CertificateInUse> certificates_in_use(const ngx_array_t& servers);

}  // namespace clave::nginx
