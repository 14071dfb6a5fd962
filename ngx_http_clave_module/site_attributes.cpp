// Which attributes a site asks the gateway for, and by which it knows an advanced registration.

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
                throw Mistake(given.at, "\"clave_attributes\" names \"" + other + "\" and \"" +
                                            name +
                                            "\"; leave one out, as both would be "
                                            "$clave_attr_" +
                                            std::string(last_part(name)));
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

}  // namespace clave::nginx
