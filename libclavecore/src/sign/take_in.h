// What both ways into a signature have in common: a form that is sent (take_in.cpp), a document
// that is answered with (answered_document.cpp).
#pragma once

#include <cstdint>
#include <string>

#include "clave/gate.h"
#include "sign/transaction.h"

namespace clave {

// Of `who`, by `order`; it has no id, no target and no document yet.
Transaction transaction_of(const Site& site, const SignOrder& order, const Identified& who);

LoginProof login_proof(const SessionView& session);
// "Ana García López"
std::string full_name(const SessionView& session);
// Bytes that may be signed in this format.
std::uint64_t most_document(const Site& site, SignFormat format) noexcept;

}  // namespace clave
