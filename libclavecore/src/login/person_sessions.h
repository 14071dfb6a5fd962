// All sessions of one person at one site, and only there (K-10).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "clave/identity.h"
#include "clave/site.h"
#include "clave/store.h"
#include "clave/task.h"
#include "login/login_services.h"

namespace clave {

SessionOwner session_owner(const LoginServices& services, const Site& site,
                           const Identity& identity);

// After a login: the store counts those of the present clave_session_key only, so while a former
// one is still read the oldest of its sessions end here as far as they are over the limit.
// `services`, `site` and `identity` outlive the Task. Errors: Code::store.
Task<Result<void>> end_former_sessions(const LoginServices& services, const Site& site,
                                       const Identity& identity);

// For the operator. `person` is a NIF, or the identifier of somebody who has none; sessions that
// were made with a former clave_session_key are among them.
Task<Result<std::vector<Digest>>> sessions_of(const LoginServices& services, const Site& site,
                                              std::string person);
Task<Result<std::size_t>> end_sessions_of(const LoginServices& services, const Site& site,
                                          std::string person);

}  // namespace clave
