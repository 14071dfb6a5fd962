#include "redis/slot.h"

#include <array>

namespace clave::redis {
namespace {

// CRC-16/XMODEM: polynomial 1021.
constexpr std::array<std::uint16_t, 256> crc_table() noexcept {
    std::array<std::uint16_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i << 8U;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? crc << 1U ^ 0x1021U : crc << 1U;
        }
        table[i] = static_cast<std::uint16_t>(crc & 0xFFFFU);
    }
    return table;
}
constexpr auto kTable = crc_table();

std::string_view hashed_part(std::string_view key) noexcept {
    const std::size_t open = key.find('{');
    if (open == std::string_view::npos) {
        return key;
    }
    const std::size_t close = key.find('}', open + 1);
    return close == std::string_view::npos || close == open + 1
               ? key
               : key.substr(open + 1, close - open - 1);
}

}  // namespace

std::uint16_t slot_of(std::string_view key) noexcept {
    std::uint32_t crc = 0;
    for (const char c : hashed_part(key)) {
        const auto octet = static_cast<unsigned char>(c);
        crc = (crc << 8U & 0xFFFFU) ^ kTable[(crc >> 8U ^ octet) & 0xFFU];
    }
    return static_cast<std::uint16_t>(crc % kSlots);
}

}  // namespace clave::redis
