// A request that is put aside to be sent on later, as bytes: over a login (waiting_form.h), or
// until its document is signed (sign/archive.h).
#pragma once

#include <optional>
#include <vector>

#include "clave/gate.h"
#include "clave/request.h"

namespace clave {

std::vector<std::byte> encode_form(const Request& request);
// Without what it takes to forget it.
std::optional<PreservedForm> decode_form(std::vector<std::byte> bytes);

}  // namespace clave
