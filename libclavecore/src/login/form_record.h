// A request that is put aside to be sent on later, as bytes: over a login (waiting_form.h), or
// until its document is signed (sign/archive.h).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "clave/gate.h"
#include "clave/request.h"

namespace clave {

std::vector<std::byte> encode_form(const Request& request);
// A request whose body is to be the signature itself: that follows the record when it is there.
std::vector<std::byte> encode_form_around_signature(const Request& request);
bool wants_signature(std::span<const std::byte> form) noexcept;
// Without what it takes to forget it.
std::optional<PreservedForm> decode_form(std::vector<std::byte> bytes);

}  // namespace clave
