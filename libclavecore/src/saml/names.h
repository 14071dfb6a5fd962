// The vocabulary of the messages: every name by (namespace, local name), never by prefix (S-20).
#pragma once

#include <string_view>

namespace clave::saml {

struct Name {
    std::string_view space;
    std::string_view local;
};

inline constexpr std::string_view kProtocol = "urn:oasis:names:tc:SAML:2.0:protocol";
inline constexpr std::string_view kAssertion = "urn:oasis:names:tc:SAML:2.0:assertion";
inline constexpr std::string_view kSignature = "http://www.w3.org/2000/09/xmldsig#";
inline constexpr std::string_view kEncryption = "http://www.w3.org/2001/04/xmlenc#";
inline constexpr std::string_view kExclusiveC14n = "http://www.w3.org/2001/10/xml-exc-c14n#";
inline constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";
inline constexpr std::string_view kNaturalPerson =
    "http://eidas.europa.eu/attributes/naturalperson";
inline constexpr std::string_view kLegalPerson = "http://eidas.europa.eu/attributes/legalperson";

namespace element {

inline constexpr Name kResponse{kProtocol, "Response"};
inline constexpr Name kLogoutResponse{kProtocol, "LogoutResponse"};
inline constexpr Name kStatus{kProtocol, "Status"};
inline constexpr Name kStatusCode{kProtocol, "StatusCode"};
inline constexpr Name kStatusMessage{kProtocol, "StatusMessage"};

inline constexpr Name kIssuer{kAssertion, "Issuer"};
inline constexpr Name kAssertion{saml::kAssertion, "Assertion"};
inline constexpr Name kEncryptedAssertion{saml::kAssertion, "EncryptedAssertion"};
inline constexpr Name kSubject{saml::kAssertion, "Subject"};
inline constexpr Name kNameId{saml::kAssertion, "NameID"};
inline constexpr Name kSubjectConfirmation{saml::kAssertion, "SubjectConfirmation"};
inline constexpr Name kSubjectConfirmationData{saml::kAssertion, "SubjectConfirmationData"};
inline constexpr Name kConditions{saml::kAssertion, "Conditions"};
inline constexpr Name kAudienceRestriction{saml::kAssertion, "AudienceRestriction"};
inline constexpr Name kAudience{saml::kAssertion, "Audience"};
inline constexpr Name kOneTimeUse{saml::kAssertion, "OneTimeUse"};
inline constexpr Name kAuthnStatement{saml::kAssertion, "AuthnStatement"};
inline constexpr Name kSubjectLocality{saml::kAssertion, "SubjectLocality"};
inline constexpr Name kAuthnContext{saml::kAssertion, "AuthnContext"};
inline constexpr Name kAuthnContextClassRef{saml::kAssertion, "AuthnContextClassRef"};
inline constexpr Name kAuthnContextDecl{saml::kAssertion, "AuthnContextDecl"};
inline constexpr Name kAttributeStatement{saml::kAssertion, "AttributeStatement"};
inline constexpr Name kAttribute{saml::kAssertion, "Attribute"};
inline constexpr Name kAttributeValue{saml::kAssertion, "AttributeValue"};

inline constexpr Name kSignature{saml::kSignature, "Signature"};
inline constexpr Name kSignedInfo{saml::kSignature, "SignedInfo"};
inline constexpr Name kSignatureValue{saml::kSignature, "SignatureValue"};
inline constexpr Name kKeyInfo{saml::kSignature, "KeyInfo"};
inline constexpr Name kCanonicalizationMethod{saml::kSignature, "CanonicalizationMethod"};
inline constexpr Name kSignatureMethod{saml::kSignature, "SignatureMethod"};
inline constexpr Name kReference{saml::kSignature, "Reference"};
inline constexpr Name kTransforms{saml::kSignature, "Transforms"};
inline constexpr Name kTransform{saml::kSignature, "Transform"};
inline constexpr Name kDigestMethod{saml::kSignature, "DigestMethod"};
inline constexpr Name kDigestValue{saml::kSignature, "DigestValue"};
inline constexpr Name kX509Data{saml::kSignature, "X509Data"};
inline constexpr Name kX509Certificate{saml::kSignature, "X509Certificate"};
inline constexpr Name kObject{saml::kSignature, "Object"};
inline constexpr Name kInclusiveNamespaces{kExclusiveC14n, "InclusiveNamespaces"};

inline constexpr Name kEncryptedData{kEncryption, "EncryptedData"};
inline constexpr Name kEncryptedKey{kEncryption, "EncryptedKey"};
inline constexpr Name kEncryptionMethod{kEncryption, "EncryptionMethod"};
inline constexpr Name kCipherData{kEncryption, "CipherData"};
inline constexpr Name kCipherValue{kEncryption, "CipherValue"};

}  // namespace element
}  // namespace clave::saml
