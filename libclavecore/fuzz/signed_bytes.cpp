#include "signed_bytes.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <memory>
#include <vector>

#include "clave/encoding.h"
#include "saml/node.h"

namespace clave::fuzz {
namespace {

using saml::child;
using Doc = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;
namespace element = saml::element;

bool is_within(const xmlNode* node, const xmlNode* top) {
    while (node != nullptr && node != top) {
        node = node->parent;
    }
    return node == top;
}

struct Selection {
    const xmlNode* top;
    const xmlNode* without;
};

int is_selected(void* data, xmlNode* node, xmlNode* parent) {
    const auto& selection = *static_cast<const Selection*>(data);
    // A namespace node has no parent of its own.
    const xmlNode* at = node->type == XML_NAMESPACE_DECL ? parent : node;
    return is_within(at, selection.top) &&
                   (selection.without == nullptr || !is_within(at, selection.without))
               ? 1
               : 0;
}

// The words of InclusiveNamespaces below `method`, cut apart in place.
std::vector<xmlChar*> prefix_list(std::string& words, const xmlNode* method) {
    words =
        saml::attribute(child(method, element::kInclusiveNamespaces), "PrefixList").value_or("");
    std::vector<xmlChar*> list;
    bool inside = false;
    for (char& c : words) {
        const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (space) {
            c = '\0';
        } else if (!inside) {
            list.push_back(reinterpret_cast<xmlChar*>(&c));  // UTF-8 as char, which may alias
        }
        inside = !space;
    }
    list.push_back(nullptr);
    return list;
}

std::optional<std::string> canonical(xmlDoc* doc, Selection selection, const xmlNode* method) {
    std::string words;
    std::vector<xmlChar*> prefixes = prefix_list(words, method);
    xmlOutputBuffer* out = xmlAllocOutputBuffer(nullptr);
    const int written = xmlC14NExecute(doc, &is_selected, &selection, XML_C14N_EXCLUSIVE_1_0,
                                       prefixes.data(), 0, out);
    std::optional<std::string> text;
    if (written >= 0) {
        text.emplace(
            saml::view(xmlOutputBufferGetContent(out)).substr(0, xmlOutputBufferGetSize(out)));
    }
    xmlOutputBufferClose(out);
    return text;
}

// "…#sha256", "…#ecdsa-sha384" and so on.
const EVP_MD* digest_of(const xmlNode* method) {
    const std::string uri = saml::attribute(method, "Algorithm").value_or("");
    if (uri.ends_with("sha256")) {
        return EVP_sha256();
    }
    return uri.ends_with("sha384")   ? EVP_sha384()
           : uri.ends_with("sha512") ? EVP_sha512()
                                     : nullptr;
}

std::string digest(const EVP_MD* kind, const std::string& text) {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    // OpenSSL's bytes are unsigned char, which may alias char.
    auto* bytes = reinterpret_cast<unsigned char*>(out.data());
    EVP_Digest(text.data(), text.size(), bytes, &size, kind, nullptr);
    out.resize(size);
    return out;
}

const unsigned char* octets(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // as above
}

// XML writes r ‖ s, OpenSSL reads DER.
bool is_signed_by(EVP_PKEY* key, const std::string& digested, const std::string& value) {
    if (value.empty() || value.size() % 2 != 0) {
        return false;
    }
    const int half = static_cast<int>(value.size() / 2);
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(ECDSA_SIG_new(),
                                                                      &ECDSA_SIG_free);
    ECDSA_SIG_set0(parts.get(), BN_bin2bn(octets(value), half, nullptr),
                   BN_bin2bn(octets(value) + half, half, nullptr));
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(parts.get(), &der);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free);
    const bool good = size > 0 && EVP_PKEY_verify_init(context.get()) == 1 &&
                      EVP_PKEY_verify(context.get(), der, static_cast<std::size_t>(size),
                                      octets(digested), digested.size()) == 1;
    OPENSSL_free(der);
    return good;
}

}  // namespace

std::optional<std::string> signed_bytes(std::string_view message, const Certificate& key) {
    const Doc doc(xmlReadMemory(message.data(), static_cast<int>(message.size()), nullptr, nullptr,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
                  &xmlFreeDoc);
    const xmlNode* root = xmlDocGetRootElement(doc.get());
    if (root == nullptr || saml::children(root, element::kSignature).size() != 1) {
        return std::nullopt;
    }
    const xmlNode* signature = child(root, element::kSignature);
    const xmlNode* info = child(signature, element::kSignedInfo);
    if (saml::children(info, element::kReference).size() != 1) {
        return std::nullopt;
    }
    const xmlNode* reference = child(info, element::kReference);
    const auto transforms =
        saml::children(child(reference, element::kTransforms), element::kTransform);
    const EVP_MD* content_digest = digest_of(child(reference, element::kDigestMethod));
    const EVP_MD* info_digest = digest_of(child(info, element::kSignatureMethod));
    const auto id = saml::attribute(root, "ID");
    if (!id || saml::attribute(reference, "URI") != "#" + *id || transforms.size() != 2 ||
        content_digest == nullptr || info_digest == nullptr) {
        return std::nullopt;
    }
    auto content = canonical(doc.get(), {root, signature}, transforms[1]);
    const auto signed_info =
        canonical(doc.get(), {info, nullptr}, child(info, element::kCanonicalizationMethod));
    const auto claimed = base64_decode(saml::text_of(child(reference, element::kDigestValue)));
    const auto value = base64_decode(saml::text_of(child(signature, element::kSignatureValue)));
    if (!content || !signed_info || !claimed || !value ||
        digest(content_digest, *content) != *claimed ||
        !is_signed_by(key.public_key(), digest(info_digest, *signed_info), *value)) {
        return std::nullopt;
    }
    return content;
}

std::string with_some_signature(std::string_view canonical) {
    static const std::string signature =
        R"(<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>)"
        R"(<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>)"
        R"(<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"/>)"
        R"(<ds:Reference URI="#@"><ds:Transforms>)"
        R"(<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>)"
        R"(<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>)"
        R"(<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>)"
        R"(<ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>)"
        R"(<ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>)";
    // Canonical XML quotes with '"' and has no '>' inside attributes' values that is not one.
    const std::size_t id = canonical.find(" ID=\"") + 5;
    std::string one = signature;
    one.replace(one.find('@'), 1, canonical.substr(id, canonical.find('"', id) - id));
    std::string whole(canonical);
    return whole.insert(whole.rfind("</"), one);
}

}  // namespace clave::fuzz
