// Names of request headers as the applications behind us compare them: to CGI and its like
// X-Clave-Nif, x_clave_nif and X.Clave.Nif are one header (checklist H-02).
#pragma once

#include <string>
#include <string_view>

namespace clave::nginx {

// Letters in lower case, digits, and '-' for everything else.
constexpr char folded(char c) noexcept {
    if (c >= 'A' && c <= 'Z') {
        return static_cast<char>(c - 'A' + 'a');
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

inline std::string folded(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        c = folded(c);
    }
    return out;
}

constexpr bool begins_with_folded(std::string_view name, std::string_view prefix) noexcept {
    if (name.size() < prefix.size()) {
        return false;
    }
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        if (folded(name[i]) != folded(prefix[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace clave::nginx
