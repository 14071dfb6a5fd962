// Levels are data (product.md section 2): a level is a set of acceptable (method, LoA) pairs, plus
// what to ask the gateway for. Nothing here compares names or URI strings by order (S-60).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clave/host.h"

namespace clave {

enum class Loa : std::uint8_t { low = 1, substantial = 2, high = 3 };

enum class Method : std::uint8_t { pin, movil, permanente, certificado, eidas, cartera };
inline constexpr std::size_t kMethods = 6;

// "low" ↔ Loa; the eIDAS URIs of protocol-clave.md 2.1. Exact match only; nullopt otherwise.
std::optional<Loa> loa_from_name(std::string_view name) noexcept;
std::optional<Loa> loa_from_uri(std::string_view uri) noexcept;
std::string_view name(Loa loa) noexcept;
std::string_view uri(Loa loa) noexcept;

// "pin" ↔ Method, and the gateway's SelectedIdP codes ("PIN24H"), the latter case-insensitively
// (protocol-clave.md 3.4).
std::optional<Method> method_from_name(std::string_view name) noexcept;
std::optional<Method> method_from_idp(std::string_view selected_idp) noexcept;
std::string_view name(Method method) noexcept;

// The attribute that hides a method from the chooser: {"AEATIdP",
// "http://es.minhafp.clave/AEATIdP"}. nullopt for `cartera`, whose attribute is not known
// (product.md section 2).
struct ExclusionAttribute {
    std::string_view friendly_name;
    std::string_view name;
};
std::optional<ExclusionAttribute> exclusion_attribute(Method method) noexcept;

// Least LoA accepted from each method; nullopt: not accepted.
using Acceptance = std::array<std::optional<Loa>, kMethods>;

struct Level {
    std::string name;
    Loa ask = Loa::low;  // RequestedAuthnContext, Comparison="minimum"
    std::array<bool, kMethods> offer{};
    Acceptance accept{};
};

// pin, permanente, permanente_otp.
const std::vector<Level>& builtin_levels();

// What one location asks for: a level with the parameters of its `clave` line applied.
struct Requirement {
    std::string level;  // name, for $clave_level and pages
    Loa ask = Loa::low;
    std::array<bool, kMethods> offer{};
    Acceptance accept{};
    bool advanced_registration = false;      // registration=advanced
    bool registration_by_attribute = false;  // clave_registration_attribute is configured
    bool represented = false;                // represented=on
    Seconds max_age{0};                      // 0: any age
};

// The part of an identity that decides.
struct Credential {
    Method method = Method::pin;
    Loa loa = Loa::low;
    bool advanced_registration = false;  // the configured attribute said so
    bool represented = false;            // acts for somebody else
    Time authenticated_at{};             // AuthnInstant
};

enum class Admission {
    granted,
    level_low,     // method or LoA not in the set
    registration,  // the level would do, the registration does not
    represented,   // a representative, where the location wants the person
    too_old,       // older than max_age
};

// `now` within clock skew of authenticated_at counts as age 0. Never suspends.
Admission admit(const Requirement& requirement, const Credential& credential, Time now) noexcept;

// The LoA to ask the gateway for: `ask`, raised to substantial where registration=advanced has no
// attribute to go by.
Loa loa_to_ask(const Requirement& requirement) noexcept;

}  // namespace clave
