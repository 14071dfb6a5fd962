// The PIN of a token, in a file of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/pki.h"

namespace clave {

// Overwritten when it goes; a move leaves nothing behind.
class Pin {
  public:
    Pin() = default;
    explicit Pin(std::string_view text);
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;
    Pin(Pin&&) = default;
    ~Pin();

    bool empty() const noexcept { return bytes_.empty(); }
    // Without the NUL that follows it.
    std::string_view reveal() const noexcept {
        return empty() ? std::string_view() : std::string_view(bytes_.data(), bytes_.size() - 1);
    }

  private:
    std::vector<char> bytes_;  // with a NUL, or none at all
};

// Its one line. Errors: unreadable, not a regular file, open to anybody but its owner (0600, 0400),
// no PIN inside. An empty path is an empty PIN: a token with a key pad asks for it by itself.
ConfigResult<Pin> read_pin(const std::string& path);

}  // namespace clave
