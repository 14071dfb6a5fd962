// Which of the 16384 slots of a cluster a key is in: of the whole key, or of what stands between
// its first braces, if anything does (Redis cluster specification).
#pragma once

#include <cstdint>
#include <string_view>

namespace clave::redis {

inline constexpr std::uint16_t kSlots = 16384;

std::uint16_t slot_of(std::string_view key) noexcept;

}  // namespace clave::redis
