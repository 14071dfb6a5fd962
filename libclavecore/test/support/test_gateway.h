// A gateway for the tests: writes good answers as protocol-clave.md section 3 has them, and lets a
// test spoil each stage of the making: assertion, response, signature, and what leaves the house.
#pragma once

#include <libxml/parser.h>
#include <libxml/valid.h>
#include <xmlsec/xmlsec.h>

// Needs types of xmlsec.h without including it.
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/xmlenc.h>
#include <xmlsec/xmltree.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/saml.h"
#include "saml/node.h"
#include "saml/xmlsec.h"
#include "support/test_keys.h"

namespace clave::test {

using Edit = std::function<void(std::string&)>;

// The test itself is wrong.
[[noreturn]] inline void broken_test(const char* why, std::string_view detail = {}) {
    std::fprintf(stderr, "%s: %.*s\n", why, static_cast<int>(detail.size()), detail.data());
    std::abort();
}

// Replaces the first `from`; a test that spoils nothing is a mistake in the test.
inline void swap_text(std::string& text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        broken_test("nothing to replace", from);
    }
    text.replace(at, from.size(), to);
}

inline Edit replaced(std::string_view from, std::string_view to) {
    return [from = std::string(from), to = std::string(to)](std::string& text) {
        swap_text(text, from, to);
    };
}

struct Answer {
    Edit assertion = {};  // its XML, before it is encrypted or signed
    Edit response = {};   // the whole, before it is signed; the place of the signature is kSlot
    Edit signature = {};  // the template that is filled in
    Edit encrypted = {};  // the template of EncryptedData
    Edit sealed = {};     // the filled EncryptedData
    Edit message = {};    // what is sent
    bool encrypt = false;
    bool sign_assertion = false;
    const TestKey* signer = nullptr;  // default: the gateway's
    const TestKey* assertion_signer = nullptr;
    const TestKey* recipient = nullptr;
};

inline constexpr std::string_view kSlot = "<!--signature-->";

class TestGateway {
  public:
    TestKey gateway = make_test_key("Pasarela");
    TestKey sede = make_test_key("Sede");
    KeyOnDemand next_gateway{"Pasarela nueva"};
    KeyOnDemand elliptic_gateway{"Pasarela EC", Algorithm::ec};
    KeyOnDemand attacker{"Pasarela"};
    KeyOnDemand old_sede{"Sede antigua"};

    static std::string attribute(std::string_view name, std::string_view values) {
        return "<saml2:Attribute FriendlyName=\"x\" Name=\"" + std::string(name) +
               "\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\">" +
               std::string(values) + "</saml2:Attribute>";
    }
    static std::string value(std::string_view text) {
        return "<saml2:AttributeValue xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
               "xsi:type=\"xs:string\">" +
               std::string(text) + "</saml2:AttributeValue>";
    }

    static std::string good_assertion() {
        const std::string person = "http://eidas.europa.eu/attributes/naturalperson/";
        const std::string clave = "http://es.minhafp.clave/";
        return "<saml2:Assertion ID=\"_assertion1\" Version=\"2.0\" "
               "IssueInstant=\"2026-11-21T10:00:00.000Z\">"
               "<saml2:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">"
               "https://pasarela.example</saml2:Issuer><!--assertion-signature-->"
               "<saml2:Subject><saml2:NameID "
               "Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">00000000T"
               "</saml2:NameID><saml2:SubjectConfirmation "
               "Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml2:SubjectConfirmationData "
               "Address=\"192.0.2.7\" InResponseTo=\"_request1\" "
               "NotOnOrAfter=\"2026-11-21T10:05:00Z\" "
               "Recipient=\"https://sede.example.gob.es/.clave/acs\"/>"
               "</saml2:SubjectConfirmation></saml2:Subject>"
               "<saml2:Conditions NotBefore=\"2026-11-21T10:00:00Z\" "
               "NotOnOrAfter=\"2026-11-21T10:05:01Z\"><saml2:AudienceRestriction><saml2:Audience>"
               "https://sede.example.gob.es/.clave/acs</saml2:Audience>"
               "</saml2:AudienceRestriction><saml2:OneTimeUse/></saml2:Conditions>"
               "<saml2:AuthnStatement AuthnInstant=\"2026-11-21T09:59:50Z\"><saml2:AuthnContext>"
               "<saml2:AuthnContextClassRef>http://eidas.europa.eu/LoA/substantial"
               "</saml2:AuthnContextClassRef><saml2:AuthnContextDecl/></saml2:AuthnContext>"
               "</saml2:AuthnStatement><saml2:AttributeStatement>" +
               attribute(person + "PersonIdentifier", value("00000000T")) +
               attribute(person + "CurrentGivenName", value("Ana")) +
               attribute(person + "CurrentFamilyName", value("García López")) +
               attribute(clave + "FirstSurname", value("García")) +
               attribute(clave + "SelectedIdP", value("SEGSOC")) +
               attribute(clave + "RelayState", value("a1b2c3d4")) +
               "</saml2:AttributeStatement></saml2:Assertion>";
    }

    std::string answer(const Answer& plan) const {
        std::string assertion = good_assertion();
        if (plan.assertion) {
            plan.assertion(assertion);
        }
        if (plan.sign_assertion) {
            swap_text(assertion, "<!--assertion-signature-->", kSlot);
            const TestKey& key =
                plan.assertion_signer != nullptr ? *plan.assertion_signer : gateway;
            // Signed in the place where it will stand.
            std::string whole = response_around(assertion);
            swap_text(whole, kSlot, "");
            whole = sign(whole, "_assertion1", key, {});
            assertion = between(whole, "<saml2:Assertion", "</saml2:Assertion>");
        } else if (assertion.find("<!--assertion-signature-->") != std::string::npos) {
            swap_text(assertion, "<!--assertion-signature-->", "");
        }
        if (plan.encrypt) {
            const TestKey& to = plan.recipient != nullptr ? *plan.recipient : sede;
            assertion = encrypt(assertion, to, plan.encrypted);
            if (plan.sealed) {
                plan.sealed(assertion);
            }
            assertion = "<saml2:EncryptedAssertion>" + assertion + "</saml2:EncryptedAssertion>";
        }
        std::string message = response_around(assertion);
        if (plan.response) {
            plan.response(message);
        }
        if (message.find(kSlot) != std::string::npos) {
            const TestKey& key = plan.signer != nullptr ? *plan.signer : gateway;
            message = sign(message, "_response1", key, plan.signature);
        }
        if (plan.message) {
            plan.message(message);
        }
        return message;
    }

    // An error as the engine writes it: with an assertion about nobody.
    static void make_error(std::string& response, std::string_view status) {
        const std::size_t from = response.find("<saml2p:Status>");
        const std::size_t to = response.find("</saml2p:Response>");
        response.replace(from, to - from,
                         "<saml2p:Status>" + std::string(status) +
                             "</saml2p:Status><saml2:Assertion ID=\"_a\" Version=\"2.0\" "
                             "IssueInstant=\"2026-11-21T10:00:00Z\"><saml2:Issuer>x</saml2:Issuer>"
                             "<saml2:Subject><saml2:NameID Format=\"urn:oasis:names:tc:SAML:1.1:"
                             "nameid-format:unspecified\">NotAvailable</saml2:NameID>"
                             "</saml2:Subject></saml2:Assertion>");
    }

    static std::string sign(const std::string& text, const char* id, const TestKey& key,
                            const Edit& edit_template) {
        const bool elliptic = key.key.is_elliptic();
        std::string signature =
            "<ds:Signature><ds:SignedInfo>"
            "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
            "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#" +
            std::string(elliptic ? "ecdsa" : "rsa") + "-sha512\"/><ds:Reference URI=\"#" +
            std::string(id) +
            "\"><ds:Transforms><ds:Transform "
            "Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
            "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>"
            "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>"
            "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo>"
            "<ds:X509Data><ds:X509Certificate>" +
            key.certificate.base64_der() +
            "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>";
        if (edit_template) {
            edit_template(signature);
        }
        std::string whole = text;
        swap_text(whole, kSlot, signature);
        xmlDoc* doc = read(whole);
        xmlNode* root = xmlDocGetRootElement(doc);
        register_ids(doc, root);
        xmlSecDSigCtx* context = xmlSecDSigCtxCreate(nullptr);
        context->signKey = saml::make_key(key.pair.get()).release();
        xmlNode* node = xmlSecFindNode(root, BAD_CAST "Signature", xmlSecDSigNs);
        if (xmlSecDSigCtxSign(context, node) != 0) {
            broken_test("cannot sign", text);
        }
        xmlSecDSigCtxDestroy(context);
        return written(doc);
    }

  private:
    static std::string response_around(const std::string& content) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
               "<saml2p:Response xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
               "xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" "
               "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
               "xmlns:eidas=\"http://eidas.europa.eu/attributes/naturalperson\" "
               "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
               "ID=\"_response1\" InResponseTo=\"_request1\" Version=\"2.0\" "
               "IssueInstant=\"2026-11-21T10:00:00.000Z\" "
               "Destination=\"https://sede.example.gob.es/.clave/acs\" "
               "Consent=\"urn:oasis:names:tc:SAML:2.0:consent:obtained\">"
               "<saml2:Issuer Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:entity\">"
               "https://pasarela.example</saml2:Issuer>" +
               std::string(kSlot) +
               "<saml2p:Status><saml2p:StatusCode "
               "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/><saml2p:StatusMessage>"
               "urn:oasis:names:tc:SAML:2.0:status:Success</saml2p:StatusMessage>"
               "</saml2p:Status>" +
               content + "</saml2p:Response>";
    }

    static std::string encrypt(const std::string& plain, const TestKey& to, const Edit& edit) {
        std::string text =
            "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\" "
            "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" "
            "Type=\"http://www.w3.org/2001/04/xmlenc#Element\"><xenc:EncryptionMethod "
            "Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/><ds:KeyInfo>"
            "<xenc:EncryptedKey><xenc:EncryptionMethod "
            "Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/><xenc:CipherData>"
            "<xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
            "<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>";
        if (edit) {
            edit(text);
        }
        xmlSecKeysMngr* keys = xmlSecKeysMngrCreate();
        xmlSecOpenSSLAppDefaultKeysMngrInit(keys);
        xmlSecOpenSSLAppDefaultKeysMngrAdoptKey(
            keys, saml::make_key(to.certificate.public_key()).release());
        xmlDoc* doc = read(text);
        xmlNode* root = xmlDocGetRootElement(doc);
        xmlSecEncCtx* context = xmlSecEncCtxCreate(keys);
        context->encKey =
            xmlSecKeyGenerate(xmlSecOpenSSLKeyDataAesId, 256, xmlSecKeyDataTypeSession);
        if (xmlSecEncCtxBinaryEncrypt(context, root, BAD_CAST plain.data(),
                                      static_cast<xmlSecSize>(plain.size())) != 0) {
            broken_test("cannot encrypt", text);
        }
        xmlSecEncCtxDestroy(context);
        xmlSecKeysMngrDestroy(keys);
        const std::string whole = written(doc);
        return between(whole, "<xenc:EncryptedData", "</xenc:EncryptedData>");
    }

    static xmlDoc* read(const std::string& text) {
        xmlDoc* doc = xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                    XML_PARSE_NOENT);
        if (doc == nullptr) {
            broken_test("not XML", text);
        }
        return doc;
    }

    static std::string written(xmlDoc* doc) {
        xmlChar* bytes = nullptr;
        int size = 0;
        xmlDocDumpMemoryEnc(doc, &bytes, &size, "UTF-8");
        std::string text(saml::view(bytes));
        xmlFree(bytes);
        xmlFreeDoc(doc);
        return text;
    }

    static void register_ids(xmlDoc* doc, xmlNode* root) {
        for (xmlNode* node = root; node != nullptr; node = saml::next_in_tree(node, root)) {
            if (xmlAttr* id =
                    saml::attribute_node(node->type == XML_ELEMENT_NODE ? node : nullptr, "ID")) {
                xmlAddID(nullptr, doc, BAD_CAST saml::value_of(id).c_str(), id);
            }
        }
    }

  public:
    static std::string between(const std::string& text, std::string_view from,
                               std::string_view to) {
        const std::size_t start = text.find(from);
        const std::size_t end = text.rfind(to);
        if (start == std::string::npos || end == std::string::npos) {
            broken_test("nothing between", text);
        }
        return text.substr(start, end + to.size() - start);
    }
};

}  // namespace clave::test
