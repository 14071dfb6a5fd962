#include "clave/level_syntax.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/guard.h"
#include "clave/config_words.h"

namespace clave {
namespace {

using Words = std::span<const std::string_view>;
using Checked = ConfigResult<void>;

constexpr std::size_t kLongestName = 32;

constexpr std::array<std::string_view, kMethods> kMethodNames{"pin",         "movil", "permanente",
                                                              "certificado", "eidas", "cartera"};

std::size_t index(Method method) {
    return static_cast<std::size_t>(method);
}

// What the same is called elsewhere: at Cl@ve, in its messages, by people. To edit distance "dni"
// is nearly "pin".
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kOtherNames{{
    {"dni", "certificado"},
    {"dnie", "certificado"},
    {"afirma", "certificado"},
    {"fnmt", "certificado"},
    {"cert", "certificado"},
    {"certificate", "certificado"},
    {"pin24h", "pin"},
    {"aeat", "pin"},
    {"clvmovil", "movil"},
    {"mobile", "movil"},
    {"app", "movil"},
    {"segsoc", "permanente"},
    {"giss", "permanente"},
    {"permanent", "permanente"},
    {"eu", "eidas"},
    {"ue", "eidas"},
    {"wallet", "cartera"},
    {"cartera_digital", "cartera"},
}};

tl::unexpected<ConfigError> mistake(std::string what, std::string remedy = {}) {
    return tl::unexpected<ConfigError>({std::move(what), std::move(remedy)});
}

// The word in question, the one that was meant, and those there are.
tl::unexpected<ConfigError> unknown(std::string_view kind, std::string_view word,
                                    const std::vector<std::string_view>& names) {
    return mistake("unknown " + std::string(kind) + " \"" + std::string(word) + "\"" +
                   did_you_mean(word, names) + " (known: " + quoted(names) + ")");
}

ConfigResult<Method> read_method(std::string_view word) {
    if (const auto method = method_from_name(word)) {
        return *method;
    }
    std::string lower(word);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (const auto& [other, ours] : kOtherNames) {
        if (lower == other) {
            return mistake("unknown method \"" + std::string(word) + "\"; here it is called \"" +
                           std::string(ours) + "\" (known: " +
                           quoted({kMethodNames.begin(), kMethodNames.end()}) + ")");
        }
    }
    return unknown("method", word, {kMethodNames.begin(), kMethodNames.end()});
}

ConfigResult<Loa> read_loa(std::string_view word) {
    if (const auto loa = loa_from_name(word)) {
        return *loa;
    }
    return unknown("LoA", word, {"low", "substantial", "high"});
}

ConfigResult<std::vector<Method>> read_methods(std::string_view list) {
    std::vector<Method> methods;
    for (const std::string_view word : split(list, ',')) {
        auto method = read_method(word);
        if (!method) {
            return tl::unexpected(std::move(method.error()));
        }
        methods.push_back(*method);
    }
    return methods;
}

// "permanente:low,certificado:substantial"
ConfigResult<Acceptance> read_acceptance(std::string_view list) {
    Acceptance accept;
    for (const std::string_view pair : split(list, ',')) {
        const std::size_t colon = pair.find(':');
        auto method = read_method(pair.substr(0, colon));
        if (!method) {
            return tl::unexpected(std::move(method.error()));
        }
        if (colon == std::string_view::npos) {
            return mistake("\"accept=\" wants METHOD:LOA pairs, as in \"accept=permanente:low\"");
        }
        auto loa = read_loa(pair.substr(colon + 1));
        if (!loa) {
            return tl::unexpected(std::move(loa.error()));
        }
        accept[index(*method)] = *loa;
    }
    return accept;
}

// "acept=" of "acept=pin:low": a slip of the pen is looked for there.
std::string_view key_of(std::string_view word) {
    const std::size_t end = word.find('=');
    return end == std::string_view::npos ? word : word.substr(0, end + 1);
}

bool is_level_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
           });
}

// The second of two would win, and its writer would not know.
Checked check_given_once(Words parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const std::string_view key = parameters[i].substr(0, parameters[i].find('='));
        const bool again = std::any_of(
            parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(i),
            [key](std::string_view earlier) { return value_of(earlier, key).has_value(); });
        if (again) {
            return mistake("\"" + std::string(key) + "=\" is given twice", "leave one of them out");
        }
    }
    return {};
}

// loa=: asks for more than the level does. Less would make the level's name a lie.
Checked raise_loa(std::string_view value, const Level& level, Requirement& requirement) {
    auto loa = read_loa(value);
    if (!loa) {
        return tl::unexpected(std::move(loa.error()));
    }
    if (!guard("clave loa", *loa >= level.ask)) {
        return mistake("\"loa=" + std::string(value) + "\" is below level \"" + level.name +
                           "\", which asks for \"" + std::string(name(level.ask)) + "\"",
                       "define a level of your own with \"clave_level\"");
    }
    requirement.ask = *loa;
    for (auto& accepted : requirement.accept) {
        if (accepted) {
            accepted = std::max(*accepted, *loa);
        }
    }
    return {};
}

// methods=: exactly these. What the level says of a method it knows stands; one it does not know
// must reach the LoA that is asked for.
Checked choose_methods(std::string_view list, const Level& level, Requirement& requirement) {
    auto methods = read_methods(list);
    if (!methods) {
        return tl::unexpected(std::move(methods.error()));
    }
    requirement.accept = {};
    requirement.offer = {};
    for (const Method method : *methods) {
        requirement.offer[index(method)] = true;
        requirement.accept[index(method)] = level.accept[index(method)].value_or(level.ask);
    }
    return {};
}

// What no parameter of `directive` is; after `clave` the level stands first.
Checked invalid_parameter(std::string_view word, std::string_view directive, const Level& level) {
    std::vector<std::string_view> known = {
        "registration=", "loa=", "methods=", "max_age=", "represented="};
    const bool level_first = directive == "clave";
    if (!level_first) {
        known.emplace_back("level=");
    }
    return mistake("invalid parameter \"" + std::string(word) + "\" of \"" +
                   std::string(directive) + (level_first ? " " + level.name : "") + "\"" +
                   did_you_mean(key_of(word), known));
}

Checked read_parameter(std::string_view word, std::string_view directive, const Level& level,
                       ReadSeconds read_seconds, Requirement& requirement) {
    if (const auto value = value_of(word, "registration")) {
        requirement.advanced_registration = true;
        return *value == "advanced" ? Checked()
                                    : mistake("unknown registration \"" + std::string(*value) +
                                              "\"; did you mean \"advanced\"?");
    }
    if (value_of(word, "methods") || value_of(word, "loa")) {
        return {};  // their order matters, not the order they were written in: read_requirement()
    }
    if (const auto value = value_of(word, "max_age")) {
        requirement.max_age = read_seconds(*value).value_or(Seconds{0});
        return requirement.max_age > Seconds{0}
                   ? Checked()
                   : mistake("invalid time in \"" + std::string(word) + "\"",
                             "write it as nginx does, as in \"max_age=30m\"");
    }
    if (const auto value = value_of(word, "represented")) {
        requirement.represented = *value == "on";
        return *value == "on" || *value == "off"
                   ? Checked()
                   : mistake("\"represented\" is \"on\" or \"off\", not \"" + std::string(*value) +
                             "\"");
    }
    return invalid_parameter(word, directive, level);
}

ConfigResult<Level> find_level(const std::vector<Level>& levels, std::string_view name) {
    std::vector<std::string_view> known{"off", "optional"};
    for (const Level& level : levels) {
        if (level.name == name) {
            return level;
        }
        known.push_back(level.name);
    }
    return unknown("level", name, known);
}

}  // namespace

bool is_reserved_level(std::string_view name) noexcept {
    return name == "off" || name == "optional";
}

ConfigResult<Level> read_level(Words words) {
    Level level;
    level.name = words.front();
    const Words parameters = words.subspan(1);
    if (!is_level_name(level.name) || is_reserved_level(level.name)) {
        return mistake("\"" + level.name + "\" cannot be the name of a level",
                       "use lower-case letters, digits, \"_\" and \"-\"");
    }
    std::string_view loa, accept, offer;
    for (const std::string_view word : parameters) {
        if (const auto value = value_of(word, "loa")) {
            loa = *value;
        } else if (const auto pairs = value_of(word, "accept")) {
            accept = *pairs;
        } else if (const auto methods = value_of(word, "offer")) {
            offer = *methods;
        } else {
            return mistake("invalid parameter \"" + std::string(word) + "\" of \"clave_level\"" +
                           did_you_mean(key_of(word), {"loa=", "accept=", "offer="}));
        }
    }
    if (auto once = check_given_once(parameters); !once) {
        return tl::unexpected(std::move(once.error()));
    }
    if (loa.empty() || accept.empty()) {
        return mistake("\"clave_level " + level.name + "\" needs \"loa=\" and \"accept=\"");
    }
    auto ask = read_loa(loa);
    if (!ask) {
        return tl::unexpected(std::move(ask.error()));
    }
    level.ask = *ask;
    auto acceptance = read_acceptance(accept);
    if (!acceptance) {
        return tl::unexpected(std::move(acceptance.error()));
    }
    level.accept = *acceptance;
    if (offer.empty()) {
        for (std::size_t i = 0; i < kMethods; ++i) {
            level.offer[i] = level.accept[i].has_value();
        }
        return level;
    }
    auto offered = read_methods(offer);
    if (!offered) {
        return tl::unexpected(std::move(offered.error()));
    }
    for (const Method method : *offered) {
        if (!level.accept[index(method)]) {
            return mistake("\"clave_level " + level.name + "\" offers \"" +
                               std::string(kMethodNames[index(method)]) +
                               "\" and does not accept it",
                           "add it to \"accept=\", or leave it out of \"offer=\"");
        }
        level.offer[index(method)] = true;
    }
    return level;
}

ConfigResult<Requirement> read_requirement(Words words, const std::vector<Level>& levels,
                                           ReadSeconds read_seconds, std::string_view directive) {
    auto level = find_level(levels, words.front());
    if (!level) {
        return tl::unexpected(std::move(level.error()));
    }
    Requirement requirement;
    requirement.level = level->name;
    requirement.ask = level->ask;
    requirement.offer = level->offer;
    requirement.accept = level->accept;

    const Words parameters = words.subspan(1);
    for (const std::string_view word : parameters) {
        if (auto good = read_parameter(word, directive, *level, read_seconds, requirement); !good) {
            return tl::unexpected(std::move(good.error()));
        }
    }
    if (auto once = check_given_once(parameters); !once) {
        return tl::unexpected(std::move(once.error()));
    }
    for (const std::string_view key : {"methods", "loa"}) {
        for (const std::string_view word : parameters) {
            const auto value = value_of(word, key);
            if (!value) {
                continue;
            }
            auto good = key == "loa" ? raise_loa(*value, *level, requirement)
                                     : choose_methods(*value, *level, requirement);
            if (!good) {
                return tl::unexpected(std::move(good.error()));
            }
        }
    }
    return requirement;
}

}  // namespace clave
