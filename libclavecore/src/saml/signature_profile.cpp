#include "saml/signature_profile.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

#include "base/guard.h"
#include "clave/encoding.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

// S-16. RSA-PSS is not among them: xmlsec 1.2 does not know it.
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
// That of RSA 8192. A longer one would only keep the arithmetic busy (S-29).
constexpr std::size_t kMaxSignature = 1024;
constexpr std::string_view kEnveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& known, std::string_view text) {
    return std::ranges::find(known, text) != known.end();
}

std::string algorithm(const xmlNode* node) {
    return attribute(node, "Algorithm").value_or("");
}

bool has_no_attribute_but(const xmlNode* node, std::initializer_list<std::string_view> allowed) {
    if (node == nullptr) {
        return false;
    }
    for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        if (at->ns != nullptr || std::ranges::find(allowed, view(at->name)) == allowed.end()) {
            return false;
        }
    }
    return true;
}

bool has_no_text(const xmlNode* node) {
    return text_of(node).find_first_not_of(" \t\r\n") == std::string::npos;
}

// Exactly these child elements in this order, nothing but white space between them.
bool has_children(const xmlNode* node, std::initializer_list<Name> names) {
    const std::vector<xmlNode*> found = child_elements(node);
    return node != nullptr && has_no_text(node) &&
           std::ranges::equal(found, names,
                              [](const xmlNode* at, const Name& name) { return is(at, name); });
}

bool is_value(const xmlNode* node) {
    return node != nullptr && child_elements(node).empty();
}

// exc-c14n with or without PrefixList. "Inclusive" canonicalization and the variant with comments
// are other algorithms, and refused (protocol-clave.md section 8).
bool is_exclusive_c14n(const xmlNode* node) {
    if (!has_no_attribute_but(node, {"Algorithm"}) || algorithm(node) != kExclusiveC14n) {
        return false;
    }
    if (has_children(node, {})) {
        return true;
    }
    // xmlsec takes the words apart at spaces only: of a line feed (&#10;) others make another list.
    const xmlNode* prefixes = child(node, element::kInclusiveNamespaces);
    const std::string list = attribute(prefixes, "PrefixList").value_or("");
    if (!guard("signature.prefix-list", list.find_first_of("\t\r\n") == std::string::npos)) {
        return false;
    }
    return has_children(node, {element::kInclusiveNamespaces}) &&
           has_no_attribute_but(prefixes, {"PrefixList"}) && has_children(prefixes, {});
}

Result<void> check_form(const xmlNode* signature) {
    const bool with_key = has_children(
        signature, {element::kSignedInfo, element::kSignatureValue, element::kKeyInfo});
    const bool without_key =
        has_children(signature, {element::kSignedInfo, element::kSignatureValue});
    if (!guard("signature.children", with_key || without_key)) {
        return fail(Code::signature_form, "unexpected children of Signature");
    }
    const xmlNode* info = child(signature, element::kSignedInfo);
    if (!guard("signature.attributes",
               has_no_attribute_but(signature, {"Id"}) && has_no_attribute_but(info, {}))) {
        return fail(Code::signature_form, "unexpected attributes of Signature");
    }
    const std::vector<xmlNode*> inner = child_elements(info);
    const bool in_order = inner.size() >= 2 && is(inner[0], element::kCanonicalizationMethod) &&
                          is(inner[1], element::kSignatureMethod) && has_no_text(info) &&
                          std::all_of(inner.begin() + 2, inner.end(), [](const xmlNode* node) {
                              return is(node, element::kReference);
                          });
    if (!guard("signature.signed-info", in_order)) {
        return fail(Code::signature_form, "unexpected children of SignedInfo");
    }
    return {};
}

Result<void> check_algorithms(const xmlNode* info) {
    const xmlNode* method = child(info, element::kSignatureMethod);
    if (!guard("signature.algorithm", is_one_of(kSignatureMethods, algorithm(method)))) {
        return fail(Code::signature_algorithm, "signature algorithm");
    }
    // HMACOutputLength and its like (S-15).
    if (!guard("signature.algorithm-parameters",
               has_children(method, {}) && has_no_attribute_but(method, {"Algorithm"}))) {
        return fail(Code::signature_algorithm, "parameters of the signature algorithm");
    }
    if (!guard("signature.canonicalization",
               is_exclusive_c14n(child(info, element::kCanonicalizationMethod)))) {
        return fail(Code::signature_transform, "canonicalization of SignedInfo");
    }
    return {};
}

Result<void> check_reference(const xmlNode* info, std::string_view id) {
    const std::vector<xmlNode*> references = children(info, element::kReference);
    if (!guard("signature.one-reference", references.size() == 1)) {
        return fail(Code::signature_ref, "not exactly one reference");
    }
    const xmlNode* reference = references.empty() ? nullptr : references.front();
    const std::string wanted = "#" + std::string(id);
    if (!guard("signature.reference-uri", attribute(reference, "URI") == wanted)) {
        return fail(Code::signature_ref, "the reference is not to the element that is used");
    }
    if (!guard("signature.reference-form",
               has_children(reference, {element::kTransforms, element::kDigestMethod,
                                        element::kDigestValue}) &&
                   has_no_attribute_but(reference, {"URI"}))) {
        return fail(Code::signature_form, "unexpected parts of Reference");
    }
    const std::vector<xmlNode*> transforms = child_elements(child(reference, element::kTransforms));
    const bool enveloped_then_c14n =
        transforms.size() == 2 && is(transforms[0], element::kTransform) &&
        is(transforms[1], element::kTransform) && algorithm(transforms[0]) == kEnveloped &&
        has_children(transforms[0], {}) && is_exclusive_c14n(transforms[1]);
    if (!guard("signature.transforms", enveloped_then_c14n)) {
        return fail(Code::signature_transform, "transforms");
    }
    const xmlNode* digest = child(reference, element::kDigestMethod);
    if (!guard("signature.digest",
               is_one_of(kDigestMethods, algorithm(digest)) && has_children(digest, {}))) {
        return fail(Code::signature_algorithm, "digest algorithm");
    }
    const xmlNode* value = child(reference, element::kDigestValue);
    if (!guard("signature.digest-value", is_value(value) && base64_decode(text_of(value)))) {
        return fail(Code::signature, "digest value");
    }
    return {};
}

}  // namespace

Result<void> check_signature_profile(const xmlNode* signature, std::string_view id) {
    const xmlNode* info = child(signature, element::kSignedInfo);
    if (auto good = check_form(signature); !good) {
        return good;
    }
    if (auto good = check_algorithms(info); !good) {
        return good;
    }
    if (auto good = check_reference(info, id); !good) {
        return good;
    }
    const xmlNode* value = child(signature, element::kSignatureValue);
    const std::optional<std::string> octets = base64_decode(text_of(value));
    if (!guard("signature.value", is_value(value) && octets && octets->size() <= kMaxSignature)) {
        return fail(Code::signature, "signature value");
    }
    return {};
}

}  // namespace clave::saml
