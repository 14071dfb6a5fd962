#include "sign/xades.h"

#include <libxml/c14n.h>
#include <xmlsec/buffer.h>
#include <xmlsec/list.h>

#include <algorithm>
#include <string>

#include "base/guard.h"
#include "clave/iso_time.h"
#include "clave/saml.h"
#include "clave/verified_signature.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/xml_document.h"
#include "saml/xmlsec.h"
#include "sign/signer.h"
#include "sign/xades_shape.h"

namespace clave {
namespace {

namespace element = saml::element;
using saml::child;

constexpr std::size_t kMostCertificates = 32;
constexpr std::size_t kMostSignatureValue = 1024;  // that of RSA 8192

std::vector<CertificateOwner> certificates_in(xmlNode* key_info) {
    std::vector<CertificateOwner> found;
    for (xmlNode* node = key_info; node != nullptr; node = saml::next_in_tree(node, key_info)) {
        if (saml::is(node, element::kX509Certificate) && found.size() < kMostCertificates) {
            const auto der = xades::decoded(node);
            CertificateOwner one = certificate_from(der.value_or(""));
            if (one != nullptr) {
                found.push_back(std::move(one));
            }
        }
    }
    return found;
}

const EVP_MD* digest_named(const xmlNode* method) {
    const std::string name = saml::attribute(method, "Algorithm").value_or("");
    if (name == "http://www.w3.org/2001/04/xmlenc#sha256") {
        return EVP_sha256();
    }
    if (name == "http://www.w3.org/2001/04/xmldsig-more#sha384") {
        return EVP_sha384();
    }
    if (name == "http://www.w3.org/2001/04/xmlenc#sha512") {
        return EVP_sha512();
    }
    return nullptr;
}

// Does SigningCertificate(V2) name it? The first Cert is the signer's (EN 319 132-1, 5.2.2).
bool is_named(X509* certificate, const xmlNode* properties) {
    const xmlNode* named = child(properties, xades::kSigningCertificateV2);
    named = named != nullptr ? named : child(properties, xades::kSigningCertificate);
    const xmlNode* const digest = child(child(named, xades::kCert), xades::kCertDigest);
    const EVP_MD* const method = digest_named(child(digest, element::kDigestMethod));
    const auto value = xades::decoded(child(digest, element::kDigestValue));
    unsigned char own[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    return method != nullptr && value && X509_digest(certificate, method, own, &length) == 1 &&
           std::ranges::equal(*value, std::span(own, length), {},
                              [](char c) { return static_cast<unsigned char>(c); });
}

Judged<Evidence> signer_of(const XadesShape& shape) {
    std::vector<CertificateOwner> all = certificates_in(shape.key_info);
    const auto is_it = [&shape](const CertificateOwner& one) {
        return is_named(one.get(), shape.properties);
    };
    auto found = std::ranges::find_if(all, is_it);
    if (!guard("xades.signing-certificate", found != all.end())) {
        return not_a_signature("SigningCertificate names none of the certificates");
    }
    found = found == all.end() ? all.begin() : found;
    if (found == all.end()) {
        return not_a_signature("no certificate");
    }
    Evidence evidence;
    evidence.signer = std::move(*found);
    all.erase(found);
    evidence.others = std::move(all);
    return evidence;
}

// Not only the verdict: a canonicalization that produced nothing gives a valid signature of nothing
// (CVE-2025-66568, S-18).
bool covers_something(xmlSecDSigCtx* context, std::size_t references) {
    xmlSecPtrList* const all = &context->signedInfoReferences;
    bool good = references > 0 && xmlSecPtrListGetSize(all) == references;
    for (xmlSecSize i = 0; good && i < references; ++i) {
        auto* const one = static_cast<xmlSecDSigReferenceCtx*>(xmlSecPtrListGetItem(all, i));
        xmlSecBuffer* const digested = xmlSecDSigReferenceCtxGetPreDigestBuffer(one);
        good = digested != nullptr && xmlSecBufferGetSize(digested) > 0;
    }
    xmlSecBuffer* const signed_bytes = xmlSecDSigCtxGetPreSignBuffer(context);
    return good && signed_bytes != nullptr && xmlSecBufferGetSize(signed_bytes) > 0;
}

// With the key of that certificate, whatever KeyInfo says (checklist 1.1).
Judged<void> check_value(const XadesShape& shape, X509* certificate) {
    const auto value = xades::decoded(child(shape.signature, element::kSignatureValue));
    if (!guard("xades.value", value && value->size() <= kMostSignatureValue)) {
        return not_a_signature("not a signature value");
    }
    const saml::SignatureContext context =
        saml::make_signature_context(X509_get0_pubkey(certificate));
    if (context == nullptr) {
        return not_a_signature("a key that cannot be used");
    }
    // The empty one is the whole document, which is how an enveloped signature names it.
    context->enabledReferenceUris =
        xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
    context->flags |=
        XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES | XMLSEC_DSIG_FLAGS_STORE_SIGNATURE;
    const bool done = xmlSecDSigCtxVerify(context.get(), shape.signature) == 0;
    if (!guard("xades.verifies", done && context->status == xmlSecDSigStatusSucceeded)) {
        return not_a_signature("does not verify with the key of its certificate");
    }
    if (!guard("xades.not-void", covers_something(context.get(), shape.references))) {
        return not_a_signature("a signature of nothing");
    }
    return {};
}

// With comments: they are not signed, but they are delivered.
std::optional<std::string> canonical(xmlDoc* doc) {
    xmlChar* text = nullptr;
    const int length = xmlC14NDocDumpMemory(doc, nullptr, XML_C14N_1_0, nullptr, 1, &text);
    if (length < 0) {
        return std::nullopt;
    }
    std::string out(saml::view(text).substr(0, static_cast<std::size_t>(length)));
    xmlFree(text);
    return out;
}

Judged<void> check_enveloped(xmlNode* signature, std::string_view document) {
    if (document.starts_with("\xEF\xBB\xBF")) {
        document.remove_prefix(3);
    }
    if (!guard("xades.document-cost", is_cheap_to_parse(document))) {
        return not_for_us("E-SIGN-DIGEST", "the document is too costly to read as XML");
    }
    const auto ours = saml::Document::parse(document, saml::ByteScan::enclosure);
    if (!ours) {
        return not_for_us("E-SIGN-DIGEST", "the document is not XML that can be compared");
    }
    xmlDoc* const whole = signature->doc;
    xmlUnlinkNode(signature);
    xmlFreeNode(signature);
    const auto expected = canonical(ours->get());
    if (!guard("xades.same-document", expected && expected == canonical(whole))) {
        return other_document("signs another document");
    }
    return {};
}

// xs:dateTime: in UTC, or with an offset, as the signer of FIRe writes it.
std::optional<Time> moment(const std::string& text) {
    if (text.size() < 6 || text.ends_with('Z')) {
        return parse_utc(text);
    }
    const std::string offset = text.substr(text.size() - 6);
    const auto zone = parse_utc("1970-01-01T" + offset.substr(1) + ":00Z");
    if ((offset[0] != '+' && offset[0] != '-') || !zone) {
        return std::nullopt;
    }
    const auto local = parse_utc(text.substr(0, text.size() - 6) + "Z");
    if (!local) {
        return std::nullopt;
    }
    return offset[0] == '+' ? *local - zone->time_since_epoch() : *local + zone->time_since_epoch();
}

}  // namespace

Judged<Evidence> verify_xades(std::string_view signature, std::string_view document) {
    saml::initialise();
    const saml::Quiet quiet;
    if (document.size() > kMostXadesDocumentBytes) {
        return not_for_us("E-SIGN-DIGEST", "the document is too large for XAdES");
    }
    if (!guard("xades.cost", is_cheap_to_parse(signature))) {
        return not_a_signature("too costly to read as XML");
    }
    const auto parsed = saml::Document::parse(signature, saml::ByteScan::enclosure);
    if (!parsed) {
        return not_a_signature(parsed.error().detail);
    }
    const auto shape = find_shape(parsed->get());
    if (!shape) {
        return tl::unexpected(shape.error());
    }
    Judged<Evidence> evidence = signer_of(*shape);
    if (!evidence) {
        return evidence;
    }
    if (auto good = check_value(*shape, evidence->signer.get()); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    evidence->claimed_time = moment(saml::text_of(child(shape->properties, xades::kSigningTime)));
    if (shape->content == nullptr) {
        if (auto good = check_enveloped(shape->signature, document); !good) {
            return tl::unexpected(std::move(good.error()));
        }
    } else if (!guard("xades.content", xades::decoded(shape->content) == document)) {
        return other_document("holds something else than the document");
    }
    return evidence;
}

}  // namespace clave
