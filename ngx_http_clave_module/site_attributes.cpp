// Which attributes a site asks the gateway for, and by which it knows an advanced registration.

#include <algorithm>
#include <span>

#include "site_reading.h"

namespace clave::nginx {
namespace {

// Known by friendly name or by URI; the rest of the name of $clave_attr_NAME.
struct KnownAttribute {
    std::string_view friendly;
    std::string_view name;
};
constexpr KnownAttribute kAttributes[] = {
    {"DateOfBirth", "http://eidas.europa.eu/attributes/naturalperson/DateOfBirth"},
    {"BirthName", "http://eidas.europa.eu/attributes/naturalperson/BirthName"},
    {"PlaceOfBirth", "http://eidas.europa.eu/attributes/naturalperson/PlaceOfBirth"},
    {"CurrentAddress", "http://eidas.europa.eu/attributes/naturalperson/CurrentAddress"},
    {"Gender", "http://eidas.europa.eu/attributes/naturalperson/Gender"},
    {"NationalPersonIdentifier", "http://es.minhafp.clave/NationalPersonIdentifier"},
    {"RegisterType", "http://es.minhafp.clave/RegisterType"},
    {"PartialAfirma", "http://es.minhafp.clave/PartialAfirma"},
};

std::string attribute_name(const Given& given, std::string_view word) {
    if (word.find(':') != std::string_view::npos) {
        return std::string(word);
    }
    std::vector<std::string_view> known;
    for (const KnownAttribute& attribute : kAttributes) {
        if (attribute.friendly == word) {
            return std::string(attribute.name);
        }
        known.push_back(attribute.friendly);
    }
    throw Mistake(given.at, "unknown attribute \"" + std::string(word) + "\"" +
                                did_you_mean(word, known) + " (known: " + quoted(known) +
                                "; any other by its URI)");
}

std::string_view last_part(std::string_view uri) {
    return uri.substr(uri.find_last_of("/:") + 1);
}

[[noreturn]] void refuse_same_variable(const Given& given, const std::string& one,
                                       const std::string& other) {
    throw Mistake(given.at, "\"clave_attributes\" names \"" + one + "\" and \"" + other +
                                "\"; leave one out, as both would be $clave_attr_" +
                                std::string(last_part(one)));
}

[[noreturn]] void refuse_unknown(const SrvConf& first, std::string_view variable,
                                 const std::string& meant) {
    throw Mistake(first.attributes.args ? first.attributes.at : first.first_use,
                  "$" + std::string(variable) +
                      " is used, and no \"clave_attributes\" asks for \"" +
                      std::string(variable.substr(kAttributeVariable.size())) + "\"" + meant);
}

// As nginx keeps the names of variables.
std::string in_small_letters(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return static_cast<char>(ngx_tolower(static_cast<u_char>(c))); });
    return out;
}

}  // namespace

void read_attributes(const SrvConf& conf, Site& site) {
    const Given& given = conf.attributes;
    if (given.args != nullptr) {
        refuse_variables(given);
    }
    for (const ngx_str_t& word : arguments(given)) {
        const std::string name = attribute_name(given, view(word));
        for (const std::string& other : site.attributes) {
            if (last_part(other) == last_part(name)) {
                refuse_same_variable(given, other, name);
            }
        }
        site.attributes.push_back(name);
    }
    const auto words = arguments(conf.registration_attribute);
    if (words.empty()) {
        return;
    }
    require_texts(conf.registration_attribute);
    site.registration_attribute = attribute_name(conf.registration_attribute, view(words[0]));
    for (const ngx_str_t& word : words.subspan(1)) {
        site.registration_values.push_back(copy(word));
    }
}

// One that is nowhere asked for would be empty for ever. By then nginx knows the names of all
// variables in use, and no longer where each of them is.
void refuse_unknown_attributes(const ngx_http_core_main_conf_t& core,
                               std::span<const SrvConf* const> sites) {
    std::vector<std::string> names;
    for (const SrvConf* conf : sites) {
        for (const std::string& uri : conf->site->attributes) {
            names.push_back(in_small_letters(last_part(uri)));
        }
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    const std::span<const ngx_http_variable_t> variables(
        static_cast<const ngx_http_variable_t*>(core.variables.elts), core.variables.nelts);
    for (const ngx_http_variable_t& variable : variables) {
        const std::string_view name = view(variable.name);
        if (!name.starts_with(kAttributeVariable)) {
            continue;
        }
        const std::string_view wanted = name.substr(kAttributeVariable.size());
        const bool asked_for = std::find(known.begin(), known.end(), wanted) != known.end();
        if (!asked_for && !sites.empty()) {
            refuse_unknown(*sites.front(), name, did_you_mean(wanted, known));
        }
    }
}

}  // namespace clave::nginx
