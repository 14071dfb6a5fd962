// The login request, exactly as protocol-clave.md section 2 has it. The gateway validates it
// against the schema first, so the order of elements matters.
#include <string>

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "clave/saml.h"
#include "saml/signing.h"

namespace clave::saml {
namespace {

std::string requested_attribute(std::string_view friendly_name, std::string_view name,
                                std::string_view content) {
    std::string text = "<eidas:RequestedAttribute FriendlyName=\"";
    text += friendly_name;
    text += "\" Name=\"";
    text += name;
    text +=
        "\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" isRequired=\"false\"";
    if (content.empty()) {
        return text + "/>";
    }
    text += ">";
    text += content;
    return text + "</eidas:RequestedAttribute>";
}

// Presence of its attribute, without value, hides a method from the chooser (2.2). The RelayState
// attribute has to be there, although no specification says so (2.3).
std::string extensions(const AuthnRequest& request) {
    std::string text =
        "<saml2p:Extensions><eidas:SPType>public</eidas:SPType><eidas:RequestedAttributes>";
    for (const Method method : request.excluded) {
        if (const auto hidden = exclusion_attribute(method)) {
            text += requested_attribute(hidden->friendly_name, hidden->name, {});
        }
    }
    text += requested_attribute(
        "RelayState", "http://es.minhafp.clave/RelayState",
        "<eidas:AttributeValue xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:type=\"eidas-natural:PersonIdentifierType\">" +
            xml_escape(request.relay_state) + "</eidas:AttributeValue>");
    return text + "</eidas:RequestedAttributes></saml2p:Extensions>";
}

// Issuer is left out unless one is configured: the Java kits send none.
std::string unsigned_request(const AuthnRequest& request, const std::string& signature) {
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<saml2p:AuthnRequest xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\""
        " xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\""
        " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
        " xmlns:eidas=\"http://eidas.europa.eu/saml-extensions\""
        " xmlns:eidas-natural=\"http://eidas.europa.eu/attributes/naturalperson\"";
    text += xml_attribute("ID", request.id) + xml_attribute("Version", "2.0") +
            xml_attribute("IssueInstant", format_utc(request.issue_instant)) +
            xml_attribute("Destination", request.destination) +
            xml_attribute("AssertionConsumerServiceURL", request.acs_url) +
            xml_attribute("ProviderName", request.provider_name) +
            xml_attribute("Consent", "urn:oasis:names:tc:SAML:2.0:consent:unspecified") +
            xml_attribute("ForceAuthn", "true") + xml_attribute("IsPassive", "false") + ">";
    if (!request.issuer.empty()) {
        text += "<saml2:Issuer>" + xml_escape(request.issuer) + "</saml2:Issuer>";
    }
    text += signature + extensions(request);
    text +=
        "<saml2p:NameIDPolicy AllowCreate=\"true\""
        " Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\"/>"
        "<saml2p:RequestedAuthnContext Comparison=\"minimum\"><saml2:AuthnContextClassRef>";
    text += uri(request.loa);
    return text +
           "</saml2:AuthnContextClassRef></saml2p:RequestedAuthnContext></saml2p:AuthnRequest>";
}

}  // namespace

Result<std::string> sign_authn_request(const AuthnRequest& request, const PrivateKey& key,
                                       const Certificate& leaf) {
    return sign_message(unsigned_request(request, signature_template(request.id, key, leaf)), key);
}

}  // namespace clave::saml
