// Where everything of an XAdES signature is, found by an own walk before any cryptography: xmlsec
// verifies whatever references it is given, and that they are those of our document is our business
// (checklist 1.1).
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saml/names.h"
#include "sign/evidence.h"

namespace clave {

namespace xades {
inline constexpr std::string_view kSpace = "http://uri.etsi.org/01903/v1.3.2#";
inline constexpr saml::Name kQualifyingProperties{kSpace, "QualifyingProperties"};
inline constexpr saml::Name kSignedProperties{kSpace, "SignedProperties"};
inline constexpr saml::Name kSignedSignatureProperties{kSpace, "SignedSignatureProperties"};
inline constexpr saml::Name kUnsignedProperties{kSpace, "UnsignedProperties"};
inline constexpr saml::Name kSigningTime{kSpace, "SigningTime"};
inline constexpr saml::Name kSigningCertificate{kSpace, "SigningCertificate"};
inline constexpr saml::Name kSigningCertificateV2{kSpace, "SigningCertificateV2"};
inline constexpr saml::Name kCert{kSpace, "Cert"};
inline constexpr saml::Name kCertDigest{kSpace, "CertDigest"};

// What an element holds in base64, with white space anywhere; nullopt if it is none.
std::optional<std::string> decoded(const xmlNode* node);
}  // namespace xades

struct XadesShape {
    xmlNode* signature = nullptr;
    xmlNode* key_info = nullptr;
    xmlNode* properties = nullptr;  // SignedSignatureProperties
    // Holds the document in base64; null for one that is signed where it stands, enveloped.
    xmlNode* content = nullptr;
    std::size_t references = 0;
};

// Cost of parsing, before the parser sees the text: libxml2 compares each attribute with all others
// of its tag, and each name with all declarations (S-33).
bool is_cheap_to_parse(std::string_view text);

// The IDs that references lead to are registered with the document.
Judged<XadesShape> find_shape(xmlDoc* doc);

}  // namespace clave
