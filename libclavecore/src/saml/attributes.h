// The AttributeStatement of a verified assertion as names and values (protocol-clave.md 3.3).
#pragma once

#include <libxml/tree.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "clave/error.h"

namespace clave::saml {

namespace attribute_name {

inline constexpr std::string_view kPersonIdentifier =
    "http://eidas.europa.eu/attributes/naturalperson/PersonIdentifier";
inline constexpr std::string_view kGivenName =
    "http://eidas.europa.eu/attributes/naturalperson/CurrentGivenName";
inline constexpr std::string_view kFamilyName =
    "http://eidas.europa.eu/attributes/naturalperson/CurrentFamilyName";
inline constexpr std::string_view kFirstSurname = "http://es.minhafp.clave/FirstSurname";
inline constexpr std::string_view kSelectedIdp = "http://es.minhafp.clave/SelectedIdP";
inline constexpr std::string_view kPartialAfirma = "http://es.minhafp.clave/PartialAfirma";
inline constexpr std::string_view kRelayState = "http://es.minhafp.clave/RelayState";
inline constexpr std::string_view kLegalPersonIdentifier =
    "http://eidas.europa.eu/attributes/legalperson/LegalPersonIdentifier";
inline constexpr std::string_view kLegalName =
    "http://eidas.europa.eu/attributes/legalperson/LegalName";

}  // namespace attribute_name

class Attributes {
  public:
    // Each Attribute has a Name, there once only, and the NameFormat of URIs. Code::attribute.
    static Result<Attributes> read(const xmlNode* assertion);

    // The one value of `name`, fit to be shown: at most 512 bytes, no control characters, not
    // blank. A transliterated twin (LatinScript="false") is passed over. nullopt if there is no
    // such attribute, or it has no value at all. Code::attribute for everything else.
    Result<std::optional<std::string>> optional(std::string_view name) const;
    // Code::attribute if it is absent.
    Result<std::string> required(std::string_view name) const;
    // The one value, whatever it holds, of at most `limit` bytes.
    Result<std::optional<std::string>> raw(std::string_view name, std::size_t limit) const;

    bool any_named(bool (*matches)(std::string_view)) const;

  private:
    std::map<std::string, const xmlNode*, std::less<>> by_name_;
};

}  // namespace clave::saml
