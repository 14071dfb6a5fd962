#include "saml/signing.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "clave/encoding.h"
#include "clave/error.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/xml_document.h"

namespace clave::saml {
namespace {

struct FreeXml {
    void operator()(xmlChar* text) const noexcept { xmlFree(text); }
};
struct CloseOutput {
    void operator()(xmlOutputBuffer* output) const noexcept { xmlOutputBufferClose(output); }
};

// Which nodes libxml2 canonicalises: those of a subtree, or all but those. It asks about namespace
// declarations too, and these have no place in the tree but that of their element.
bool is_within(const xmlNode* top, const xmlNode* node, const xmlNode* parent) noexcept {
    const xmlNode* at = node->type == XML_NAMESPACE_DECL ? parent : node;
    while (at != nullptr && at != top) {
        at = at->parent;
    }
    return at == top;
}
int within(void* top, xmlNode* node, xmlNode* parent) noexcept {
    return is_within(static_cast<xmlNode*>(top), node, parent) ? 1 : 0;
}
int outside(void* top, xmlNode* node, xmlNode* parent) noexcept {
    return is_within(static_cast<xmlNode*>(top), node, parent) ? 0 : 1;
}

// xml-exc-c14n#, without comments.
std::optional<std::string> canonical(xmlDoc* doc, xmlC14NIsVisibleCallback is_visible,
                                     xmlNode* top) {
    const std::unique_ptr<xmlOutputBuffer, CloseOutput> out(xmlAllocOutputBuffer(nullptr));
    if (!out || top == nullptr ||
        xmlC14NExecute(doc, is_visible, top, XML_C14N_EXCLUSIVE_1_0, nullptr, 0, out.get()) < 0) {
        return std::nullopt;
    }
    return std::string(view(xmlOutputBufferGetContent(out.get())));
}

std::optional<std::string> sha512_base64(std::string_view text) {
    std::array<unsigned char, 64> digest;
    unsigned int size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha512(), nullptr) != 1 ||
        size != digest.size()) {
        return std::nullopt;
    }
    return base64_encode(std::as_bytes(std::span(digest)));
}

// False without memory: libxml2 would leave the element empty, and the gateway refuse the request.
bool fill(xmlNode* element, const std::string& base64) {
    if (element == nullptr) {
        return false;
    }
    xmlNodeAddContent(element, xml(base64.c_str()));
    return text_of(element) == base64;
}

std::string serialise(xmlDoc* doc) {
    xmlChar* bytes = nullptr;
    int size = 0;
    xmlDocDumpMemoryEnc(doc, &bytes, &size, "UTF-8");
    const std::unique_ptr<xmlChar, FreeXml> owner(bytes);
    return std::string(view(bytes).substr(0, static_cast<std::size_t>(size)));
}

}  // namespace

std::string signature_template(std::string_view id, const PrivateKey& key,
                               const Certificate& leaf) {
    const std::string_view method = key.is_elliptic() ? "ecdsa-sha512" : "rsa-sha512";
    std::string text =
        "<ds:Signature><ds:SignedInfo>"
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
        "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#";
    text += method;
    text += "\"/><ds:Reference URI=\"#" + xml_escape(id);
    text +=
        "\"><ds:Transforms>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>"
        "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>"
        "<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>"
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>";
    text += leaf.base64_der();
    return text + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>";
}

std::string xml_attribute(std::string_view name, std::string_view value) {
    return " " + std::string(name) + "=\"" + xml_escape(value) + "\"";
}

// xmlsec could do this, but not with a key that is in a token: its version 1.2 takes such a key for
// a public one.
Result<std::string> sign_message(const std::string& text, const PrivateKey& key) {
    const Quiet quiet;
    const Result<Document> document = Document::parse(text, ByteScan::message);
    if (!document) {
        return fail(Code::internal, "the request is not XML");
    }
    xmlDoc* const doc = document->get();
    xmlNode* const signature = child(document->root(), element::kSignature);
    xmlNode* const signed_info = child(signature, element::kSignedInfo);
    const xmlNode* const reference = child(signed_info, element::kReference);

    const auto message = canonical(doc, outside, signature);
    const auto digest = message ? sha512_base64(*message) : std::nullopt;
    if (!digest || !fill(child(reference, element::kDigestValue), *digest)) {
        return fail(Code::internal, "the request cannot be digested");
    }
    const auto to_sign = canonical(doc, within, signed_info);
    if (!to_sign) {
        return fail(Code::internal, "the request cannot be signed");
    }
    Result<std::string> value = key.sign(*to_sign);
    if (!value) {
        return value;
    }
    if (!fill(child(signature, element::kSignatureValue), base64_encode(as_bytes(*value)))) {
        return fail(Code::internal, "the request cannot be signed");
    }
    return serialise(doc);
}

}  // namespace clave::saml
