#include "clave/upgrade.h"

#include <algorithm>
#include <array>

#include "base/guard.h"

namespace clave {
namespace {

constexpr auto kWords = std::to_array<std::string_view>(
    {"verify", "ES-T", "ES-C", "ES-X", "ES-X-1", "ES-X-2", "ES-X-L", "ES-X-L-1", "ES-X-L-2", "ES-A",
     "ES-LTV", "T-LEVEL", "LT-LEVEL", "LTA-LEVEL"});

// These stay inside of the signature in a PDF. All others write more into the file behind it, and
// what is behind it is not signed: the verifier refuses it (verified_signature.h).
constexpr auto kOfPdf = std::to_array<std::string_view>({"verify", "ES-T", "T-LEVEL"});

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& words, std::string_view word) noexcept {
    return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::span<const std::string_view> upgrade_words() noexcept {
    return kWords;
}

bool is_upgrade(std::string_view word) noexcept {
    return is_among(kWords, word);
}

std::string_view objection_to_upgrade(SignFormat format, std::string_view word) noexcept {
    if (!guard("upgrade none", format != SignFormat::none)) {
        return "not for \"format=none\": a plain signature has no room for it";
    }
    if (!guard("upgrade pades", format != SignFormat::pades || is_among(kOfPdf, word))) {
        return "not for \"format=pades\": what it adds behind the signature cannot be verified; "
               "use \"upgrade=ES-T\"";
    }
    if (!guard("upgrade ltv", format == SignFormat::pades || word != "ES-LTV")) {
        return "for signatures in PDF only; use \"upgrade=ES-A\"";
    }
    return {};
}

}  // namespace clave
