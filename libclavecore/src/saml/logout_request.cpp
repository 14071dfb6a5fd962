// The logout request, exactly as protocol-clave.md section 4 has it: Issuer is where the answer
// goes, and NameID names the service provider, not the citizen.
#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "clave/saml_logout.h"
#include "saml/signing.h"

namespace clave::saml {

Result<std::string> sign_logout_request(const LogoutRequest& request, const PrivateKey& key,
                                        const Certificate& leaf) {
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<saml2p:LogoutRequest xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\""
        " xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\""
        " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
    text += xml_attribute("ID", request.id) + xml_attribute("Version", "2.0") +
            xml_attribute("IssueInstant", format_utc(request.issue_instant)) +
            xml_attribute("NotOnOrAfter", format_utc(request.issue_instant + kLogoutValidity)) +
            xml_attribute("Destination", request.destination) +
            xml_attribute("Reason", "urn:oasis:names:tc:SAML:2.0:logout:user") + ">";
    text += "<saml2:Issuer>" + xml_escape(request.return_url) + "</saml2:Issuer>";
    text += signature_template(request.id, key, leaf);
    text += "<saml2:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified\"" +
            xml_attribute("SPNameQualifier", request.return_url) + ">" +
            xml_escape(request.provider_id) + "</saml2:NameID></saml2p:LogoutRequest>";
    return sign_message(text, key);
}

}  // namespace clave::saml
