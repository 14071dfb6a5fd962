#include "redis/wire.h"

#include <array>

namespace clave::redis {

using std::chrono::milliseconds;

void Wire::warn(Severity severity, const std::string& about, const std::string& line) {
    const auto [last, first] = warned_.try_emplace(about, now());
    if (first || now() - last->second >= std::chrono::minutes(1)) {
        last->second = now();
        host.logger.log(severity, line);
    }
}

milliseconds Wire::jittered(milliseconds most) noexcept {
    std::array<std::byte, 2> dice{};
    static_cast<void>(host.random.fill(dice));  // none left: all come back together, then
    const auto spread =
        (std::to_integer<unsigned>(dice[0]) << 8U) | std::to_integer<unsigned>(dice[1]);
    return most / 2 + most / 2 * spread / 65536;
}

}  // namespace clave::redis
