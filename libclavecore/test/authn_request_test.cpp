// Every field of the login request, as protocol-clave.md section 2 has it.
#include "cmocka_cpp.h"
//
#include "clave/iso_time.h"
#include "clave/saml.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/signature.h"
#include "saml/xml_document.h"
#include "support/test_keys.h"

using namespace clave;
using namespace clave::saml;

namespace {

const test::TestKey& rsa() {
    static const test::TestKey key = test::make_test_key("Sede");
    return key;
}

AuthnRequest request() {
    AuthnRequest made;
    made.id = "_id1";
    made.issue_instant = *parse_utc("2026-11-21T10:00:00Z");
    made.destination = "https://gateway.example/Proxy2/ServiceProvider?a=1&b=2";
    made.acs_url = "https://sede.example/.clave/acs";
    made.provider_name = "E00000000X_E04975701;\"Sede\" <ñ>";
    made.relay_state = "a1b2c3d4";
    made.loa = Loa::substantial;
    made.excluded = {Method::certificado, Method::eidas, Method::cartera};
    return made;
}

// The request as outline: element names and attributes in document order, without signature values.
std::string outline(const xmlNode* node) {
    std::string text = "(" + std::string(name_of(node).local);
    for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        text += " " + std::string(view(at->name)) + "=" + value_of(at);
    }
    if (!is(node, element::kSignature)) {
        const std::vector<xmlNode*> inner = child_elements(node);
        for (const xmlNode* one : inner) {
            text += outline(one);
        }
        if (inner.empty()) {
            text += "|" + text_of(node);
        }
    }
    return text + ")";
}

std::string outline_of(const AuthnRequest& made) {
    const Result<std::string> text = sign_authn_request(made, rsa().key, rsa().certificate);
    if (!text) {
        return text.error().detail;
    }
    const Quiet quiet;
    const Result<Document> document = Document::parse(*text, ByteScan::message);
    return document ? outline(document->root()) : document.error().detail;
}

bool is_exact() {
    const std::string hidden =
        "NameFormat=urn:oasis:names:tc:SAML:2.0:attrname-format:uri isRequired=false";
    const std::string expected =
        "(AuthnRequest ID=_id1 Version=2.0 IssueInstant=2026-11-21T10:00:00Z "
        "Destination=https://gateway.example/Proxy2/ServiceProvider?a=1&b=2 "
        "AssertionConsumerServiceURL=https://sede.example/.clave/acs "
        "ProviderName=E00000000X_E04975701;\"Sede\" <ñ> "
        "Consent=urn:oasis:names:tc:SAML:2.0:consent:unspecified ForceAuthn=true IsPassive=false"
        "(Signature)"
        "(Extensions(SPType|public)(RequestedAttributes"
        "(RequestedAttribute FriendlyName=AFirmaIdP Name=http://es.minhafp.clave/AFirmaIdP " +
        hidden +
        "|)(RequestedAttribute FriendlyName=EIDASIdP Name=http://es.minhafp.clave/EIDASIdP " +
        hidden +
        "|)(RequestedAttribute FriendlyName=RelayState Name=http://es.minhafp.clave/RelayState " +
        hidden +
        "(AttributeValue type=eidas-natural:PersonIdentifierType|a1b2c3d4))))"
        "(NameIDPolicy AllowCreate=true "
        "Format=urn:oasis:names:tc:SAML:2.0:nameid-format:persistent|)"
        "(RequestedAuthnContext Comparison=minimum"
        "(AuthnContextClassRef|http://eidas.europa.eu/LoA/substantial)))";
    const std::string got = outline_of(request());
    if (got != expected) {
        std::fprintf(stderr, "  %s\n  %s\n", got.c_str(), expected.c_str());
    }
    return got == expected;
}

void each_field_is_as_the_protocol_has_it(void**) {
    assert_true(is_exact());
}

bool issuer_comes_first() {
    AuthnRequest made = request();
    made.issuer = "https://sede.example";
    return outline_of(made).find("IsPassive=false(Issuer|https://sede.example)(Signature)") !=
           std::string::npos;
}

void an_issuer_stands_before_the_signature(void**) {
    assert_true(issuer_comes_first());
}

// Signed as the validator demands it of others, with this algorithm and the leaf alone.
bool signs_with(test::Algorithm algorithm, std::string_view method) {
    const test::TestKey key = test::make_test_key("Sede", algorithm);
    const Result<std::string> text = sign_authn_request(request(), key.key, key.certificate);
    if (!text) {
        return false;
    }
    const Quiet quiet;
    const Result<Document> document = Document::parse(*text, ByteScan::message);
    const Certificate pinned[]{key.certificate};
    const std::string leaf = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>" +
                             key.certificate.base64_der() +
                             "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>";
    return document && verify_signature(*document, document->root(), pinned) &&
           text->find(std::string("xmldsig-more#") + std::string(method)) != std::string::npos &&
           text->find("\"http://www.w3.org/2001/04/xmlenc#sha512\"") != std::string::npos &&
           text->find(leaf) != std::string::npos;
}

void the_signature_is_by_the_key_of_the_certificate(void**) {
    assert_true(signs_with(test::Algorithm::rsa, "rsa-sha512\""));
    assert_true(signs_with(test::Algorithm::ec, "ecdsa-sha512\""));
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_as_the_protocol_has_it),
        cmocka_unit_test(an_issuer_stands_before_the_signature),
        cmocka_unit_test(the_signature_is_by_the_key_of_the_certificate),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
