// The receipt (justificante) of a signature, as applications and archives keep it.
#pragma once

#include <string>
#include <string_view>

#include "clave/site.h"
#include "clave/verified_signature.h"
#include "sign/sign_page.h"
#include "sign/transaction.h"

namespace clave {

std::string receipt_json(const Site& site, const Transaction& transaction,
                         const VerifiedSignature& signature);
// What pages show of it; empty words for anything else.
ReceiptWords read_receipt(std::string_view json);

}  // namespace clave
