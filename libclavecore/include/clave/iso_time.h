// xs:dateTime as the gateway writes it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/host.h"

namespace clave {

// "2026-11-21T10:00:00Z", optionally with 1 to 9 fractional digits (dropped). UTC only: an offset,
// a lower-case z, a leap second, Feb 30, a year outside 1970–9998 or anything after it gives
// nullopt (S-56). Independent of TZ and locale.
std::optional<Time> parse_utc(std::string_view text) noexcept;

// "2026-11-21T10:00:00Z"
std::string format_utc(Time time);

}  // namespace clave
