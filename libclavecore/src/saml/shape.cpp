#include "saml/shape.h"

#include <algorithm>

namespace clave::saml {
namespace {

using namespace element;

constexpr bool same(const Name& a, const Name& b) noexcept {
    return a.local == b.local && a.space == b.space;
}

consteval Name plain(std::string_view local) noexcept {
    return {{}, local};
}

// Left out on purpose, since nothing in them is ever needed and each has carried a wrapped
// assertion somewhere (S-06, S-08): Extensions, StatusDetail, Advice, EncryptedID,
// EncryptedAttribute, xsi:schemaLocation.

constexpr Name kResponseAttributes[]{plain("ID"),          plain("InResponseTo"),
                                     plain("Version"),     plain("IssueInstant"),
                                     plain("Destination"), plain("Consent")};
constexpr Child kResponseChildren[]{
    {kIssuer}, {element::kSignature}, {kStatus}, {element::kAssertion}, {kEncryptedAssertion}};

constexpr Child kLogoutResponseChildren[]{{kIssuer}, {element::kSignature}, {kStatus}};

constexpr Child kStatusChildren[]{{kStatusCode}, {kStatusMessage}};
constexpr Name kStatusCodeAttributes[]{plain("Value")};
constexpr Child kStatusCodeChildren[]{{kStatusCode}};

constexpr Name kNameAttributes[]{plain("Format"), plain("NameQualifier"), plain("SPNameQualifier"),
                                 plain("SPProvidedID")};

constexpr Name kAssertionAttributes[]{plain("ID"), plain("Version"), plain("IssueInstant")};
constexpr Child kAssertionChildren[]{
    {kIssuer},     {element::kSignature},    {kSubject},
    {kConditions}, {kAuthnStatement, false}, {kAttributeStatement}};
constexpr Child kEncryptedAssertionChildren[]{{kEncryptedData}};

constexpr Child kSubjectChildren[]{{kNameId, false}, {kSubjectConfirmation, false}};
constexpr Name kConfirmationAttributes[]{plain("Method")};
constexpr Child kConfirmationChildren[]{{kSubjectConfirmationData, false}};
constexpr Name kConfirmationDataAttributes[]{plain("Address"), plain("InResponseTo"),
                                             plain("NotBefore"), plain("NotOnOrAfter"),
                                             plain("Recipient")};

constexpr Name kConditionsAttributes[]{plain("NotBefore"), plain("NotOnOrAfter")};
constexpr Child kConditionsChildren[]{{kAudienceRestriction, false}, {kOneTimeUse}};
constexpr Child kAudienceRestrictionChildren[]{{kAudience, false}};

constexpr Name kAuthnStatementAttributes[]{plain("AuthnInstant"), plain("SessionIndex"),
                                           plain("SessionNotOnOrAfter")};
constexpr Child kAuthnStatementChildren[]{{kSubjectLocality}, {kAuthnContext, false}};
constexpr Name kSubjectLocalityAttributes[]{plain("Address"), plain("DNSName")};
constexpr Child kAuthnContextChildren[]{{kAuthnContextClassRef, false}, {kAuthnContextDecl}};

constexpr Child kAttributeStatementChildren[]{{kAttribute, false}};
constexpr Name kAttributeAttributes[]{plain("Name"), plain("NameFormat"), plain("FriendlyName")};
constexpr Child kAttributeChildren[]{{kAttributeValue, false}};
constexpr Name kAttributeValueAttributes[]{{kInstance, "type"},
                                           {kInstance, "nil"},
                                           plain("LatinScript"),
                                           {kNaturalPerson, "LatinScript"},
                                           {kLegalPerson, "LatinScript"}};

constexpr Shape kShapes[]{
    {kResponse, kResponseAttributes, kResponseChildren},
    {kLogoutResponse, kResponseAttributes, kLogoutResponseChildren},
    {kStatus, {}, kStatusChildren},
    {kStatusCode, kStatusCodeAttributes, kStatusCodeChildren},
    {kStatusMessage, {}, {}, true},
    {kIssuer, kNameAttributes, {}, true},
    {element::kAssertion, kAssertionAttributes, kAssertionChildren},
    {kEncryptedAssertion, {}, kEncryptedAssertionChildren},
    {kSubject, {}, kSubjectChildren},
    {kNameId, kNameAttributes, {}, true},
    {kSubjectConfirmation, kConfirmationAttributes, kConfirmationChildren},
    {kSubjectConfirmationData, kConfirmationDataAttributes, {}},
    {kConditions, kConditionsAttributes, kConditionsChildren},
    {kAudienceRestriction, {}, kAudienceRestrictionChildren},
    {kAudience, {}, {}, true},
    {kOneTimeUse, {}, {}},
    {kAuthnStatement, kAuthnStatementAttributes, kAuthnStatementChildren},
    {kSubjectLocality, kSubjectLocalityAttributes, {}},
    {kAuthnContext, {}, kAuthnContextChildren},
    {kAuthnContextClassRef, {}, {}, true},
    {kAuthnContextDecl, {}, {}},
    {kAttributeStatement, {}, kAttributeStatementChildren},
    {kAttribute, kAttributeAttributes, kAttributeChildren},
    {kAttributeValue, kAttributeValueAttributes, {}, true},
    {element::kSignature, {}, {}, false, true},
    {kEncryptedData, {}, {}, false, true},
};

}  // namespace

bool Shape::has_attribute(const Name& wanted) const noexcept {
    return std::ranges::any_of(attributes, [&](const Name& known) { return same(known, wanted); });
}

bool Shape::has_child(const Name& wanted) const noexcept {
    return std::ranges::any_of(children,
                               [&](const Child& known) { return same(known.name, wanted); });
}

const Shape* find_shape(const Name& name) noexcept {
    const auto* found =
        std::ranges::find_if(kShapes, [&](const Shape& shape) { return same(shape.name, name); });
    return found == std::end(kShapes) ? nullptr : found;
}

}  // namespace clave::saml
