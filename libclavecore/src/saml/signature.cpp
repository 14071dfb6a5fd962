#include "saml/signature.h"

#include <libxml/valid.h>
#include <xmlsec/buffer.h>
#include <xmlsec/list.h>

#include <algorithm>
#include <string>

#include "base/guard.h"
#include "saml/node.h"
#include "saml/signature_profile.h"
#include "saml/structure.h"
#include "saml/xmlsec.h"

namespace clave::saml {
namespace {

// What was digested and signed is looked at, not only the verdict: a canonicalization that produced
// nothing gives a valid signature of nothing (CVE-2025-66568, S-18).
bool covers_something(xmlSecDSigCtx* context) {
    xmlSecPtrList* references = &context->signedInfoReferences;
    if (xmlSecPtrListGetSize(references) != 1) {
        return false;
    }
    auto* reference = static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(references, 0));
    xmlSecBuffer* digested = xmlSecDSigReferenceCtxGetPreDigestBuffer(reference);
    xmlSecBuffer* signed_bytes = xmlSecDSigCtxGetPreSignBuffer(context);
    return digested != nullptr && xmlSecBufferGetSize(digested) > 0 && signed_bytes != nullptr &&
           xmlSecBufferGetSize(signed_bytes) > 0;
}

bool verifies_with(xmlNode* signature, EVP_PKEY* key) {
    const SignatureContext context = make_signature_context(key);
    if (context == nullptr) {
        return false;
    }
    context->flags |=
        XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES | XMLSEC_DSIG_FLAGS_STORE_SIGNATURE;
    const bool done = xmlSecDSigCtxVerify(context.get(), signature) == 0;
    return guard("signature.verifies", done && context->status == xmlSecDSigStatusSucceeded) &&
           guard("signature.not-void", covers_something(context.get()));
}

bool names_other_key(xmlNode* signature, std::span<const Certificate> pinned) {
    xmlNode* info = child(signature, element::kKeyInfo);
    if (child_elements(info).empty()) {
        return false;
    }
    for (xmlNode* node = info; node != nullptr; node = next_in_tree(node, info)) {
        if (!is(node, element::kX509Certificate)) {
            continue;
        }
        std::string der = text_of(node);
        std::erase_if(der, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
        const auto is_it = [&der](const Certificate& known) { return known.base64_der() == der; };
        if (std::ranges::any_of(pinned, is_it)) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<void> verify_signature(const Document& document, xmlNode* element,
                              std::span<const Certificate> pinned) {
    xmlNode* signature = child(element, element::kSignature);
    if (!guard("signature.present", !child_elements(signature).empty())) {
        return fail(Code::signature_none, "not signed");
    }
    if (signature == nullptr) {
        return fail(Code::signature_none, "not signed");
    }

    xmlAttr* id_attribute = attribute_node(element, "ID");
    const std::string id = value_of(id_attribute);
    if (!guard("signature.id", is_identifier(id))) {
        return fail(Code::structure, "a signed element without ID");
    }
    if (auto good = check_signature_profile(signature, id); !good) {
        return good;
    }

    // Only this ID is known to the library, and it must lead back to the very node whose content is
    // used: "URI equals '#' + ID" alone is not a binding (checklist 1.1).
    if (id_attribute != nullptr && id_attribute->atype != XML_ATTRIBUTE_ID) {
        xmlAddID(nullptr, document.get(), xml(id.c_str()), id_attribute);
    }
    const xmlAttr* bound = xmlGetID(document.get(), xml(id.c_str()));
    if (!guard("signature.binding",
               bound != nullptr && bound == id_attribute && bound->parent == element)) {
        return fail(Code::signature_binding, "the signed element is not the one that is used");
    }
    for (const Certificate& certificate : pinned) {
        if (verifies_with(signature, certificate.public_key())) {
            return {};
        }
    }
    if (names_other_key(signature, pinned)) {
        return fail(Code::signature_key, "made with a key that is not pinned");
    }
    return fail(Code::signature, "does not verify with any pinned key");
}

}  // namespace clave::saml
