// A transaction that an application has ordered is whose it said (clave_sign_api); that he is here,
// his session proves.
#pragma once

#include <optional>

#include "sign/signing.h"

namespace clave {

// nullopt: he is, and `held` says so, to be stored with its next change. Otherwise the answer: to
// somebody else that there is nothing (F-03), to him that he has to identify better.
Task<std::optional<Reply>> claim(const Signing& signing, const Request& request,
                                 HeldTransaction& held, const Identified& who);

}  // namespace clave
