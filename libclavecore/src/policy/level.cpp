#include "clave/level.h"

#include "base/guard.h"

namespace clave {
namespace {

struct LoaRow {
    Loa loa;
    std::string_view name;
    std::string_view uri;
};
constexpr auto kLoas = std::to_array<LoaRow>({
    {Loa::low, "low", "http://eidas.europa.eu/LoA/low"},
    {Loa::substantial, "substantial", "http://eidas.europa.eu/LoA/substantial"},
    {Loa::high, "high", "http://eidas.europa.eu/LoA/high"},
});

struct MethodRow {
    Method method;
    std::string_view name;
    std::string_view idp;
    ExclusionAttribute exclusion;  // empty: not known
};
// protocol-clave.md 2.2, 3.4.
constexpr auto kMethodRows = std::to_array<MethodRow>({
    {Method::pin, "pin", "PIN24H", {"AEATIdP", "http://es.minhafp.clave/AEATIdP"}},
    {Method::movil, "movil", "CLVMOVIL", {"CLVMOVILIdP", "http://es.minhafp.clave/CLVMOVILIdP"}},
    {Method::permanente, "permanente", "SEGSOC", {"GISSIdP", "http://es.minhafp.clave/GISSIdP"}},
    {Method::certificado,
     "certificado",
     "AFIRMA",
     {"AFirmaIdP", "http://es.minhafp.clave/AFirmaIdP"}},
    {Method::eidas, "eidas", "EIDAS", {"EIDASIdP", "http://es.minhafp.clave/EIDASIdP"}},
    {Method::cartera, "cartera", "CARTERA_DIGITAL", {}},
});
static_assert(kMethodRows.size() == kMethods);

constexpr std::size_t index(Method method) noexcept {
    return static_cast<std::size_t>(method);
}

// The numbers of Loa are in the order of eIDAS, Regulation 910/2014 article 8.
constexpr bool at_least(Loa loa, Loa least) noexcept {
    return static_cast<int>(loa) >= static_cast<int>(least);
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    constexpr auto upper = [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    };
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (upper(a[i]) != upper(b[i])) {
            return false;
        }
    }
    return true;
}

Level make_level(std::string_view name, Loa ask, std::initializer_list<Method> offered,
                 std::initializer_list<std::pair<Method, Loa>> accepted) {
    Level level;
    level.name = name;
    level.ask = ask;
    for (const Method method : offered) {
        level.offer[index(method)] = true;
    }
    for (const auto& [method, least] : accepted) {
        level.accept[index(method)] = least;
    }
    return level;
}

bool has_advanced_registration(const Requirement& requirement,
                               const Credential& credential) noexcept {
    // Nobody reaches substantial with a basic registration (protocol-clave.md 3.4).
    return at_least(credential.loa, Loa::substantial) ||
           (requirement.registration_by_attribute && credential.advanced_registration);
}

}  // namespace

std::optional<Loa> loa_from_name(std::string_view name) noexcept {
    for (const LoaRow& row : kLoas) {
        if (row.name == name) {
            return row.loa;
        }
    }
    return std::nullopt;
}

std::optional<Loa> loa_from_uri(std::string_view uri) noexcept {
    for (const LoaRow& row : kLoas) {
        if (row.uri == uri) {
            return row.loa;
        }
    }
    return std::nullopt;
}

std::string_view name(Loa loa) noexcept {
    return kLoas[static_cast<std::size_t>(loa) - 1].name;
}

std::string_view uri(Loa loa) noexcept {
    return kLoas[static_cast<std::size_t>(loa) - 1].uri;
}

std::optional<Method> method_from_name(std::string_view name) noexcept {
    for (const MethodRow& row : kMethodRows) {
        if (row.name == name) {
            return row.method;
        }
    }
    return std::nullopt;
}

std::optional<Method> method_from_idp(std::string_view selected_idp) noexcept {
    for (const MethodRow& row : kMethodRows) {
        if (equal_ignoring_case(row.idp, selected_idp)) {
            return row.method;
        }
    }
    return std::nullopt;
}

std::string_view name(Method method) noexcept {
    return kMethodRows[index(method)].name;
}

std::optional<ExclusionAttribute> exclusion_attribute(Method method) noexcept {
    const ExclusionAttribute& attribute = kMethodRows[index(method)].exclusion;
    if (attribute.name.empty()) {
        return std::nullopt;
    }
    return attribute;
}

const std::vector<Level>& builtin_levels() {
    static const std::vector<Level> levels{
        make_level("pin", Loa::low,
                   {Method::pin, Method::movil, Method::permanente, Method::certificado},
                   {{Method::pin, Loa::low},
                    {Method::movil, Loa::low},
                    {Method::permanente, Loa::low},
                    {Method::certificado, Loa::low}}),
        make_level("permanente", Loa::low, {Method::permanente, Method::certificado},
                   {{Method::permanente, Loa::low}, {Method::certificado, Loa::substantial}}),
        make_level("permanente_otp", Loa::substantial, {Method::permanente},
                   {{Method::permanente, Loa::substantial}}),
    };
    return levels;
}

Admission admit(const Requirement& requirement, const Credential& credential, Time now) noexcept {
    const std::optional<Loa> least = requirement.accept[index(credential.method)];
    if (!guard("admit method", least.has_value()) ||
        !guard("admit loa", at_least(credential.loa, least.value_or(Loa::low)))) {
        return Admission::level_low;
    }
    if (!guard("admit registration", !requirement.advanced_registration ||
                                         has_advanced_registration(requirement, credential))) {
        return Admission::registration;
    }
    if (!guard("admit represented", requirement.represented || !credential.represented)) {
        return Admission::represented;
    }
    // An AuthnInstant ahead of our clock gives a negative age, which is as good as none.
    if (!guard("admit age", requirement.max_age == Seconds{0} ||
                                now - credential.authenticated_at <= requirement.max_age)) {
        return Admission::too_old;
    }
    return Admission::granted;
}

Loa loa_to_ask(const Requirement& requirement) noexcept {
    const bool by_loa = requirement.advanced_registration && !requirement.registration_by_attribute;
    return by_loa && !at_least(requirement.ask, Loa::substantial) ? Loa::substantial
                                                                  : requirement.ask;
}

}  // namespace clave
