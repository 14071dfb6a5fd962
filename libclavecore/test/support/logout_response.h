// LogoutResponses as the gateway writes them (protocol-clave.md section 4), to be spoiled at will.
#pragma once

#include <string>

#include "support/test_gateway.h"

namespace clave::test {

struct LogoutSpoiled {
    Edit response = {};               // before it is signed; the place of the signature is kSlot
    Edit signature = {};              // the template that is filled in
    Edit message = {};                // what is sent
    const TestKey* signer = nullptr;  // default: the gateway's
};

inline std::string logout_response(const TestGateway& gateway, const LogoutSpoiled& plan = {}) {
    std::string text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<saml2p:LogoutResponse xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
        "xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" "
        "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" ID=\"_response1\" "
        "InResponseTo=\"_request1\" Version=\"2.0\" IssueInstant=\"2026-11-21T10:00:00.000Z\" "
        "Destination=\"https://sede.example.gob.es/.clave/acs\">"
        "<saml2:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">"
        "https://pasarela.example</saml2:Issuer>" +
        std::string(kSlot) +
        "<saml2p:Status><saml2p:StatusCode "
        "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/><saml2p:StatusMessage>"
        "urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage></saml2p:Status>"
        "</saml2p:LogoutResponse>";
    if (plan.response) {
        plan.response(text);
    }
    if (text.find(kSlot) != std::string::npos) {
        const TestKey& key = plan.signer != nullptr ? *plan.signer : gateway.gateway;
        text = TestGateway::sign(text, "_response1", key, plan.signature);
    }
    if (plan.message) {
        plan.message(text);
    }
    return text;
}

}  // namespace clave::test
