// clavectl saml decode: what a message says. It believes nothing of it; that is what verify is for.
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/x509.h>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "commands.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/xml_document.h"
#include "saml_input.h"

namespace clave::tool {
namespace {

using saml::attribute;
using saml::view;

// The first element of that name, wherever it is and of whatever namespace.
const xmlNode* find(xmlNode* root, std::string_view local) {
    for (xmlNode* node = root; node != nullptr; node = saml::next_in_tree(node, root)) {
        if (node->type == XML_ELEMENT_NODE && view(node->name) == local) {
            return node;
        }
    }
    return nullptr;
}

std::string attribute_of(const xmlNode* node, std::string_view name) {
    return node != nullptr ? attribute(node, name).value_or(std::string()) : std::string();
}

std::string content_of(const xmlNode* node) {
    return node != nullptr ? saml::text_of(node) : std::string();
}

std::string fingerprint_in(const xmlNode* node) {
    const auto der = base64_decode(content_of(node));
    return der && !der->empty() ? hex_encode(sha256(*der)) : std::string();
}

std::string pretty(xmlDoc* document) {
    xmlKeepBlanksDefault(0);
    xmlChar* text = nullptr;
    int size = 0;
    xmlDocDumpFormatMemoryEnc(document, &text, &size, "UTF-8", 1);
    // xmlChar is unsigned char holding UTF-8, and char may alias anything
    std::string copy(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    xmlFree(text);
    return copy;
}

}  // namespace

int decode_saml(Report& report, const std::string& file) {
    const auto message = read_message(file);
    if (!message) {
        return report.cannot(message.error());
    }
    const saml::Quiet quiet;
    const auto document = saml::Document::parse(*message, saml::ByteScan::message);
    if (!document) {
        return report.cannot("not a message: " + std::string(info(document.error().code).word) +
                             " " + document.error().detail);
    }
    xmlNode* root = document->root();
    const xmlNode* status = find(root, "StatusCode");
    const xmlNode* deeper = nullptr;
    if (status != nullptr && !saml::child_elements(status).empty()) {
        deeper = saml::child_elements(status).front();
    }
    const std::pair<const char*, std::string> facts[] = {
        {"kind", std::string(view(root->name))},
        {"id", attribute_of(root, "ID")},
        {"issued", attribute_of(root, "IssueInstant")},
        {"destination", attribute_of(root, "Destination")},
        {"in_response_to", attribute_of(root, "InResponseTo")},
        {"issuer", content_of(find(root, "Issuer"))},
        {"provider_name", attribute_of(root, "ProviderName")},
        {"acs_url", attribute_of(root, "AssertionConsumerServiceURL")},
        {"status", attribute_of(status, "Value")},
        {"reason", attribute_of(deeper, "Value")},
        {"status_message", content_of(find(root, "StatusMessage"))},
        {"signature", attribute_of(find(root, "SignatureMethod"), "Algorithm")},
        {"certificate", fingerprint_in(find(root, "X509Certificate"))},
        {"not_before", attribute_of(find(root, "Conditions"), "NotBefore")},
        {"not_on_or_after", attribute_of(find(root, "Conditions"), "NotOnOrAfter")},
        {"audience", content_of(find(root, "Audience"))},
        {"loa", content_of(find(root, "AuthnContextClassRef"))},
    };
    const std::string xml = pretty(document->get());
    report.say(xml);
    for (const auto& [key, value] : facts) {
        if (!value.empty()) {
            std::string label(key);
            label.resize(18, ' ');
            report.say(label + value);
            report.json().text(key, value);
        }
    }
    const bool encrypted = find(root, "EncryptedAssertion") != nullptr;
    report.say(encrypted ? "encrypted         yes: only the key can tell who it is"
                         : "encrypted         no");
    report.json().boolean("encrypted", encrypted).text("xml", xml);
    return report.end(kFine);
}

}  // namespace clave::tool
