#include "clave/identity.h"

#include <cstddef>

#include "base/guard.h"

namespace clave {
namespace {

constexpr std::size_t kNifLength = 9;
constexpr std::string_view kCheckLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
constexpr std::string_view kForeignerLetters = "XYZ";  // count as 0, 1, 2

}  // namespace

std::string Identity::full_name() const {
    if (given_name.empty() || surnames.empty()) {
        return given_name + surnames;
    }
    return given_name + ' ' + surnames;
}

bool is_valid_nif(std::string_view text) noexcept {
    if (text.size() != kNifLength) {
        return false;
    }
    unsigned number = 0;
    for (std::size_t i = 0; i < kNifLength - 1; ++i) {
        const std::size_t foreigner = i == 0 ? kForeignerLetters.find(text[0]) : std::string::npos;
        if (foreigner != std::string::npos) {
            number = static_cast<unsigned>(foreigner);
        } else if (text[i] >= '0' && text[i] <= '9') {
            number = number * 10 + static_cast<unsigned>(text[i] - '0');
        } else {
            return false;
        }
    }
    return guard("nif check letter", text.back() == kCheckLetters[number % kCheckLetters.size()]);
}

}  // namespace clave
