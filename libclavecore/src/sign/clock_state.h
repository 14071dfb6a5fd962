// Whether the machine's clock is kept right, for lines that say when (checklist F-18).
#pragma once

#include <string_view>

namespace clave {

// As the kernel knows it from whoever adjusts its clock (NTP, PTP): "synchronised",
// "unsynchronised"; "unknown" where it may not be asked. One system call, which changes nothing.
std::string_view clock_state() noexcept;

}  // namespace clave
