// The directory of clave_sign_archive and the file of clave_sign_evidence: nginx makes and opens
// them, and says only which system call has failed. What is wrong is looked for before.
#pragma once

#include <string>

#include "conf_text.h"

namespace clave::nginx {

// What is wrong, with its remedy; empty if nothing is.
std::string fault_of_archive(const std::string& path);
std::string fault_of_evidence(const std::string& path);

// What workers cannot reach: a warning, as what is there now can be read by root all the same.
void warn_about_reach(ngx_conf_t* cf, const Given& given, const std::string& path);

}  // namespace clave::nginx
