#include "saml/represented.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/guard.h"
#include "clave/encoding.h"
#include "saml/node.h"
#include "saml/person.h"
#include "saml/xml_document.h"

namespace clave::saml {
namespace {

constexpr std::size_t kMaxPartialAfirma = 65536;
constexpr std::size_t kMaxField = 512;  // clave/identity.h

bool names_representative(std::string_view name) {
    return name.find("/representative/") != std::string_view::npos &&
           (name.starts_with(kNaturalPerson) || name.starts_with(kLegalPerson));
}

bool names_legal_person(std::string_view name) {
    return name.starts_with(kLegalPerson);
}

// @firma's "clasificacion" of a certificate: legal person, entity without legal personality, and
// the representatives of both. The others belong to the person, or to machines.
bool is_for_somebody_else(std::string_view classification) {
    static constexpr std::array<std::string_view, 4> kOthers{"1", "6", "11", "12"};
    return std::ranges::find(kOthers, classification) != kOthers.end();
}

// @firma writes pairs of siblings: idCampo/valorCampo in its own answers, FieldIdentity/FieldValue
// in those of OASIS DSS. Namespaces differ between its versions.
std::map<std::string, std::string, std::less<>> afirma_fields(xmlNode* root) {
    std::map<std::string, std::string, std::less<>> fields;
    for (xmlNode* node = root; node != nullptr; node = next_in_tree(node, root)) {
        const std::string_view local = name_of(node).local;
        if (local != "idCampo" && local != "FieldIdentity") {
            continue;
        }
        const xmlNode* value = xmlNextElementSibling(node);
        const std::string_view expected = local == "idCampo" ? "valorCampo" : "FieldValue";
        if (name_of(value).local == expected) {
            fields.emplace(text_of(node), text_of(value));
        }
    }
    return fields;
}

Result<std::optional<Represented>> from_legal_person(const Attributes& attributes) {
    Result<std::string> id = attributes.required(attribute_name::kLegalPersonIdentifier);
    if (!id) {
        return tl::unexpected(std::move(id.error()));
    }
    Result<std::string> name = attributes.required(attribute_name::kLegalName);
    if (!name) {
        return tl::unexpected(std::move(name.error()));
    }
    return Represented{std::string(without_national_prefix(*id)), *std::move(name)};
}

Result<std::optional<Represented>> from_certificate(const std::string& encoded) {
    const std::optional<std::string> text = base64_decode(encoded);
    if (!text) {
        return fail(Code::attribute, "PartialAfirma is not base64");
    }
    Result<Document> document = Document::parse(*text, ByteScan::enclosure);
    if (!document) {
        return fail(Code::attribute, "PartialAfirma is not XML");
    }
    const auto fields = afirma_fields(document->root());
    const auto first_of = [&fields](std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names) {
            const auto found = fields.find(name);
            if (found != fields.end() && !found->second.empty()) {
                return found->second;
            }
        }
        return std::string{};
    };
    if (!is_for_somebody_else(first_of({"clasificacion"}))) {
        return std::nullopt;
    }
    Represented other{first_of({"NIFEntidadSuscriptora", "NIF-CIF"}),
                      first_of({"entidadSuscriptora", "razonSocial", "organizacion"})};
    const auto fit = [](const std::string& field) {
        return field.size() <= kMaxField && !has_control_characters(field);
    };
    if (!guard("represented.fields", !other.nif.empty() && fit(other.nif) && fit(other.name))) {
        return fail(Code::attribute, "PartialAfirma does not say who is represented");
    }
    return other;
}

}  // namespace

Result<std::optional<Represented>> read_represented(const Attributes& attributes, Method method) {
    if (!guard("represented.representative", !attributes.any_named(&names_representative))) {
        return fail(Code::attribute, "attributes of a representative beside those of the person");
    }
    if (attributes.any_named(&names_legal_person)) {
        return from_legal_person(attributes);
    }
    if (method != Method::certificado) {
        return std::nullopt;
    }
    Result<std::optional<std::string>> afirma =
        attributes.raw(attribute_name::kPartialAfirma, kMaxPartialAfirma);
    if (!afirma) {
        return tl::unexpected(std::move(afirma.error()));
    }
    if (!*afirma || (*afirma)->empty()) {
        return std::nullopt;
    }
    return from_certificate(**afirma);
}

}  // namespace clave::saml
