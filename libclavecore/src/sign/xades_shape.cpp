#include "sign/xades_shape.h"

#include <libxml/valid.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/guard.h"
#include "clave/encoding.h"
#include "saml/node.h"
#include "saml/structure.h"

namespace clave {
namespace {

namespace element = saml::element;
using saml::attribute;
using saml::child;
using saml::child_elements;
using saml::is;

constexpr std::size_t kMostValuesInTag = 96;
constexpr std::size_t kMostDeclarations = 256;

constexpr std::array<std::string_view, 6> kSignatureMethods{
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
};
constexpr std::array<std::string_view, 3> kDigestMethods{
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
};
// Without comments: none of them is signed, and none may come and go.
constexpr std::array<std::string_view, 3> kCanonicalizations{
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
};
constexpr std::string_view kBase64 = "http://www.w3.org/2000/09/xmldsig#base64";
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
constexpr std::string_view kXpath = "http://www.w3.org/TR/1999/REC-xpath-19991116";
// What the signer of FIRe adds to an enveloped signature, letter by letter: any other expression
// could leave out what it wants. With one Signature in the document it says what `enveloped` says.
constexpr std::string_view kNoSignature = "not(ancestor-or-self::ds:Signature)";
constexpr saml::Name kXpathText{saml::kSignature, "XPath"};
constexpr std::string_view kPropertiesType = "http://uri.etsi.org/01903#SignedProperties";

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view text) {
    return std::ranges::find(known, text) != known.end();
}

std::string algorithm(const xmlNode* node) {
    return attribute(node, "Algorithm").value_or("");
}

bool has_no_text(const xmlNode* node) {
    return saml::text_of(node).find_first_not_of(" \t\r\n") == std::string::npos;
}

bool is_id(const xmlAttr* at) {
    const std::string_view name = saml::view(at->name);
    return name.size() == 2 && (name[0] | 0x20) == 'i' && (name[1] | 0x20) == 'd';
}

struct Target {
    xmlNode* node = nullptr;
    std::size_t count = 0;  // of attributes that say so, in any spelling and namespace
};

// The element whose Id it is. Others with the same, under whatever name they have it, are counted:
// who resolves a reference in another way must not find something else.
Target find_id(xmlNode* root, std::string_view id) {
    Target found;
    for (xmlNode* node = root; node != nullptr; node = saml::next_in_tree(node, root)) {
        if (node->type != XML_ELEMENT_NODE) {
            continue;
        }
        for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
            if (is_id(at) && saml::value_of(at) == id) {
                ++found.count;
                found.node = attribute(node, "Id") == id ? node : found.node;
            }
        }
    }
    return found;
}

// `#…` to exactly one element, which is also the one that xmlsec will find.
Judged<xmlNode*> resolve(xmlDoc* doc, std::string_view uri) {
    const std::string id(uri.substr(uri.empty() ? 0 : 1));
    if (!guard("xades.uri", uri.starts_with('#') && saml::is_identifier(id))) {
        return not_a_signature("a reference out of the signature");
    }
    const Target target = find_id(xmlDocGetRootElement(doc), id);
    if (!guard("xades.one-id", target.count == 1)) {
        return not_a_signature("an Id that is there twice, or not at all");
    }
    xmlAttr* const id_attribute = saml::attribute_node(target.node, "Id");
    if (id_attribute == nullptr) {
        return not_a_signature("a reference to nothing");
    }
    if (id_attribute->atype != XML_ATTRIBUTE_ID) {
        xmlAddID(nullptr, doc, saml::xml(id.c_str()), id_attribute);
    }
    const xmlAttr* const bound = xmlGetID(doc, saml::xml(id.c_str()));
    if (!guard("xades.binding", bound == id_attribute)) {
        return not_a_signature("an Id that leads elsewhere");
    }
    return target.node;
}

// Of one reference, in the order in which they are applied.
struct Transforms {
    bool known = true;
    bool enveloped = false;
    bool canonical = false;
    bool base64 = false;
};

bool is_no_signature_xpath(const xmlNode* transform) {
    const std::vector<xmlNode*> inner = child_elements(transform);
    return inner.size() == 1 && is(inner[0], kXpathText) && child_elements(inner[0]).empty() &&
           saml::text_of(inner[0]) == kNoSignature;
}

// exc-c14n may name prefixes; nothing else has parts.
bool is_canonicalization(const xmlNode* node) {
    const std::vector<xmlNode*> inner = child_elements(node);
    return is_one_of(kCanonicalizations, algorithm(node)) && has_no_text(node) &&
           (inner.empty() || (inner.size() == 1 && is(inner[0], element::kInclusiveNamespaces)));
}

Transforms transforms_of(const xmlNode* reference) {
    Transforms found;
    for (const xmlNode* transform : child_elements(child(reference, element::kTransforms))) {
        const std::string name = algorithm(transform);
        const bool bare = child_elements(transform).empty() && has_no_text(transform);
        const bool is_enveloped = name == kEnveloped && bare;
        const bool is_base64 = name == kBase64 && bare;
        const bool is_canonical = is_canonicalization(transform);
        // base64 gives octets: nothing comes after it. A canonicalization does, too, and what comes
        // after it reads another document, in which there is no signature to be taken out.
        found.known = found.known && !found.base64 && is(transform, element::kTransform) &&
                      (is_base64 || is_canonical || (is_enveloped && !found.canonical) ||
                       (name == kXpath && is_no_signature_xpath(transform)));
        found.canonical = found.canonical || is_canonical;
        found.enveloped = found.enveloped || is_enveloped;
        found.base64 = found.base64 || is_base64;
    }
    return found;
}

Judged<void> check_reference(const xmlNode* reference) {
    const std::vector<xmlNode*> parts = child_elements(reference);
    const bool with_transforms = parts.size() == 3 && is(parts[0], element::kTransforms);
    if (!guard("xades.reference-form", (with_transforms || parts.size() == 2) &&
                                           is(parts[parts.size() - 2], element::kDigestMethod) &&
                                           is(parts.back(), element::kDigestValue))) {
        return not_a_signature("unexpected parts of a Reference");
    }
    if (!guard("xades.digest",
               is_one_of(kDigestMethods, algorithm(child(reference, element::kDigestMethod))))) {
        return not_a_signature("a digest that is not on the list");
    }
    if (!guard("xades.transforms", transforms_of(reference).known)) {
        return not_a_signature("a transform that is not on the list");
    }
    return {};
}

Judged<void> check_signed_info(const xmlNode* info) {
    const xmlNode* const method = child(info, element::kSignatureMethod);
    if (!guard("xades.algorithm",
               is_one_of(kSignatureMethods, algorithm(method)) && child_elements(method).empty())) {
        return not_a_signature("a signature algorithm that is not on the list");
    }
    if (!guard("xades.canonicalization",
               is_canonicalization(child(info, element::kCanonicalizationMethod)))) {
        return not_a_signature("a canonicalization that is not on the list");
    }
    return {};
}

// SignedInfo, SignatureValue, KeyInfo, then objects; and of the objects one with the properties,
// and perhaps one with the document.
Judged<void> find_parts(XadesShape& shape) {
    const std::vector<xmlNode*> parts = child_elements(shape.signature);
    const bool begins = parts.size() >= 4 && is(parts[0], element::kSignedInfo) &&
                        is(parts[1], element::kSignatureValue) && is(parts[2], element::kKeyInfo) &&
                        std::all_of(parts.begin() + 3, parts.end(),
                                    [](const xmlNode* part) { return is(part, element::kObject); });
    if (!guard("xades.parts", begins)) {
        return not_a_signature("unexpected parts of Signature");
    }
    shape.key_info = child(shape.signature, element::kKeyInfo);
    std::size_t with_properties = 0;
    for (xmlNode* const object : saml::children(shape.signature, element::kObject)) {
        xmlNode* const qualifying = child(object, xades::kQualifyingProperties);
        if (qualifying == nullptr) {
            continue;
        }
        with_properties += child_elements(object).size();
        shape.properties =
            child(child(qualifying, xades::kSignedProperties), xades::kSignedSignatureProperties);
        const std::string target = attribute(qualifying, "Target").value_or("");
        const std::string own = attribute(shape.signature, "Id").value_or("");
        if (!guard("xades.target", !own.empty() && target == "#" + own)) {
            return not_a_signature("properties of another signature");
        }
    }
    if (!guard("xades.one-properties", with_properties == 1)) {
        return not_a_signature("not exactly one QualifyingProperties");
    }
    if (shape.properties == nullptr) {
        return not_a_signature("without signed properties");
    }
    return {};
}

// In an Object of the signature, which is then all there is; or beside it, the two in one element.
bool is_place_of_content(const xmlNode* node, const XadesShape& shape) {
    const xmlNode* const root = xmlDocGetRootElement(shape.signature->doc);
    if (node->parent == shape.signature) {
        return is(node, element::kObject) && shape.signature == root;
    }
    return node->parent == root && shape.signature->parent == root &&
           child_elements(root).size() == 2 && node != shape.signature && has_no_text(root);
}

bool is_text_only(const xmlNode* node) {
    for (const xmlNode* at = node->children; at != nullptr; at = at->next) {
        if (at->type != XML_TEXT_NODE) {
            return false;
        }
    }
    return true;
}

struct Seen {
    std::size_t document = 0, properties = 0, key_info = 0;
};

}  // namespace

std::optional<std::string> xades::decoded(const xmlNode* node) {
    std::string text = saml::text_of(node);
    std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    return base64_decode(text);
}

namespace {

Judged<void> take_document(xmlNode* node, const Transforms& transforms, XadesShape& shape) {
    if (node == nullptr) {
        if (!guard("xades.enveloped",
                   transforms.enveloped && !transforms.base64 &&
                       shape.signature->parent == xmlDocGetRootElement(shape.signature->doc))) {
            return not_a_signature("a document that is not signed where it stands");
        }
        return {};
    }
    if (!guard("xades.place", is_place_of_content(node, shape))) {
        return not_a_signature("something is signed that is not the document");
    }
    if (!guard("xades.text", is_text_only(node) && !transforms.enveloped)) {
        return not_a_signature("a document that is not text in base64");
    }
    // Of text that is none, xmlsec forgets what it had begun (xmlSecTransformIOBufferClose()).
    if (!guard("xades.base64", !transforms.base64 || xades::decoded(node))) {
        return not_a_signature("the document in it is not in base64");
    }
    shape.content = node;
    return {};
}

Judged<void> sort_reference(xmlNode* reference, XadesShape& shape, Seen& seen) {
    const std::optional<std::string> uri = attribute(reference, "URI");
    const Transforms transforms = transforms_of(reference);
    if (!guard("xades.has-uri", uri.has_value())) {
        return not_a_signature("a reference without URI");
    }
    xmlNode* node = nullptr;
    if (uri && !uri->empty()) {
        auto found = resolve(shape.signature->doc, *uri);
        if (!found) {
            return tl::unexpected(std::move(found.error()));
        }
        node = *found;
        if (node == shape.properties->parent || node == shape.key_info) {
            ++(node == shape.key_info ? seen.key_info : seen.properties);
            // They are read as they stand.
            if (!guard("xades.plain", !transforms.enveloped && !transforms.base64)) {
                return not_a_signature("properties that are not signed as they stand");
            }
            const bool typed =
                node == shape.key_info || attribute(reference, "Type") == kPropertiesType;
            return guard("xades.type", typed)
                       ? Judged<void>{}
                       : not_a_signature("properties that are not called so");
        }
    }
    ++seen.document;
    return take_document(node, transforms, shape);
}

Judged<void> sort_references(XadesShape& shape) {
    const xmlNode* const info = child(shape.signature, element::kSignedInfo);
    if (auto good = check_signed_info(info); !good) {
        return good;
    }
    Seen seen;
    for (xmlNode* const reference : saml::children(info, element::kReference)) {
        ++shape.references;
        if (auto good = check_reference(reference); !good) {
            return good;
        }
        if (auto good = sort_reference(reference, shape, seen); !good) {
            return good;
        }
    }
    if (!guard("xades.properties-signed", seen.properties == 1)) {
        return not_a_signature("the properties are not signed, or twice");
    }
    if (!guard("xades.one-document", seen.document == 1 && seen.key_info <= 1)) {
        return not_a_signature("not exactly one document is signed");
    }
    // What is in the signature and not signed would be delivered with it.
    const std::size_t objects = saml::children(shape.signature, element::kObject).size();
    const bool in_object = shape.content != nullptr && is(shape.content, element::kObject);
    if (!guard("xades.objects", objects == (in_object ? 2U : 1U))) {
        return not_a_signature("an Object that is not signed");
    }
    return {};
}

}  // namespace

bool is_cheap_to_parse(std::string_view text) {
    std::size_t declarations = 0;
    for (auto at = text.find('<'); at != text.npos; at = text.find('<', at + 1)) {
        std::size_t values = 0;
        char quote = '\0';
        // A '<' ends a tag in any case: inside a value it is not well-formed.
        for (std::size_t i = at + 1; i < text.size() && text[i] != '<'; ++i) {
            const char c = text[i];
            if (quote != '\0') {
                quote = c == quote ? '\0' : quote;
            } else if (c == '>') {
                break;
            } else if (c == '"' || c == '\'') {
                quote = c;
                ++values;
            } else if (c == 'x' && text.substr(i).starts_with("xmlns")) {
                ++declarations;
            }
        }
        if (values > kMostValuesInTag || declarations > kMostDeclarations) {
            return false;
        }
    }
    return true;
}

Judged<XadesShape> find_shape(xmlDoc* doc) {
    xmlNode* const root = xmlDocGetRootElement(doc);
    XadesShape shape;
    std::size_t signatures = 0;
    for (xmlNode* node = root; node != nullptr; node = saml::next_in_tree(node, root)) {
        if (is(node, element::kSignature)) {
            ++signatures;
            shape.signature = shape.signature == nullptr ? node : shape.signature;
        }
    }
    if (shape.signature == nullptr) {
        return not_a_signature("not signed");
    }
    if (!guard("xades.one-signature", signatures == 1)) {
        return not_a_signature("more than one Signature");
    }
    if (auto good = find_parts(shape); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    if (auto good = sort_references(shape); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    return shape;
}

}  // namespace clave
