#include "xml_mutator.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/valid.h>
#include <xmlsec/xmlsec.h>

// Needs types of xmlsec.h without including it.
#include <xmlsec/openssl/crypto.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "clave/encoding.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/xmlsec.h"
#include "saml_world.h"

#if defined(__SANITIZE_ADDRESS__)
#define CLAVE_COUNTS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CLAVE_COUNTS_LEAKS 1
#endif
#endif
#ifdef CLAVE_COUNTS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace clave::fuzz {
namespace {

using Doc = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;
using Random = std::minstd_rand;
namespace element = saml::element;

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

// libxml2's names and text are UTF-8 in unsigned char, which may alias char.
const xmlChar* chars(const std::string& text) {
    return reinterpret_cast<const xmlChar*>(text.c_str());
}

// A mutated text that a tree can hold; the old one if it can hold none of the new.
std::string mutated(std::string text) {
    constexpr std::size_t kGrowth = 64;
    const std::string old = text;
    const std::size_t size = text.size();
    text.resize(size + kGrowth);
    // Bytes as libFuzzer counts them: unsigned char, which may alias char.
    text.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
    return is_valid_utf8(text) && text.find('\0') == std::string::npos ? text : old;
}

class Tree {
  public:
    Tree(xmlDoc* doc, Random& random) : doc_(doc), random_(random) { collect(); }

    void mutate() {
        // Texts and values more often: most other trees fail at the first look at their shape.
        switch (below(random_, 12)) {
            case 0:
                return copy();
            case 1:
                return remove();
            case 2:
                return rename();
            case 3:
                return swap_attributes();
            case 4:
            case 5:
            case 6:
            case 7:
                return change_attribute();
            default:
                return change_text();
        }
    }

  private:
    void collect() {
        elements_.clear();
        xmlNode* root = xmlDocGetRootElement(doc_);
        for (xmlNode* node = root; node != nullptr; node = saml::next_in_tree(node, root)) {
            if (node->type == XML_ELEMENT_NODE) {
                elements_.push_back(node);
            }
        }
    }

    xmlNode* any() { return elements_[below(random_, elements_.size())]; }

    xmlAttr* any_attribute() {
        std::vector<xmlAttr*> all;
        for (xmlNode* node : elements_) {
            for (xmlAttr* at = node->properties; at != nullptr; at = at->next) {
                all.push_back(at);
            }
        }
        return all.empty() ? nullptr : all[below(random_, all.size())];
    }

    void set_text(xmlNode* node, const std::string& text) {
        xmlNodeSetContent(node, nullptr);
        xmlAddChild(node, xmlNewDocText(doc_, chars(text)));
    }

    void change_text() {
        std::vector<xmlNode*> leaves;
        for (xmlNode* node : elements_) {
            if (saml::child_elements(node).empty()) {
                leaves.push_back(node);
            }
        }
        xmlNode* leaf = leaves[below(random_, leaves.size())];
        // Sometimes what stands elsewhere is more telling than noise.
        const xmlNode* source =
            below(random_, 3) == 0 ? leaves[below(random_, leaves.size())] : leaf;
        set_text(leaf, source == leaf ? mutated(saml::text_of(leaf)) : saml::text_of(source));
    }

    static void set(xmlAttr* attribute, const std::string& value) {
        xmlSetNsProp(attribute->parent, attribute->ns, attribute->name, chars(value));
    }

    void change_attribute() {
        if (xmlAttr* attribute = any_attribute()) {
            set(attribute, mutated(saml::value_of(attribute)));
        }
    }

    void swap_attributes() {
        xmlAttr* one = any_attribute();
        xmlAttr* other = any_attribute();
        if (one != nullptr && other != nullptr && one != other) {
            const std::string value = saml::value_of(one);
            set(one, saml::value_of(other));
            set(other, value);
        }
    }

    // A copy, so that wrapping attacks arise by themselves: into, before or behind another element.
    void copy() {
        xmlNode* target = any();
        xmlNode* made = xmlDocCopyNode(any(), doc_, 1);
        const bool is_root = target == xmlDocGetRootElement(doc_);
        const std::size_t where = is_root ? 0 : below(random_, 3);
        if (where == 0) {
            xmlAddChild(target, made);
        } else if (where == 1) {
            xmlAddPrevSibling(target, made);
        } else {
            xmlAddNextSibling(target, made);
        }
        collect();
    }

    void remove() {
        xmlNode* node = any();
        if (node == xmlDocGetRootElement(doc_)) {
            return;
        }
        xmlUnlinkNode(node);
        xmlFreeNode(node);
        collect();
    }

    void rename() {
        const std::string name(saml::view(any()->name));
        xmlNodeSetName(any(), chars(name));
    }

    xmlDoc* doc_;
    Random& random_;
    std::vector<xmlNode*> elements_;
};

// xmlSecTransformIOBufferClose() forgets its buffer where a transform after it fails, as
// enveloped-signature does behind a canonicalization. Our profile refuses that order; this signs
// it.
class LeaksUncounted {
  public:
    LeaksUncounted() noexcept { disable(); }
    ~LeaksUncounted() { enable(); }
    LeaksUncounted(const LeaksUncounted&) = delete;
    LeaksUncounted& operator=(const LeaksUncounted&) = delete;

  private:
#ifdef CLAVE_COUNTS_LEAKS
    static void disable() noexcept {
        __lsan_disable();
    }
    static void enable() noexcept {
        __lsan_enable();
    }
#else
    static void disable() noexcept {}
    static void enable() noexcept {}
#endif
};

// Only what our profile allows is ever transformed here.
void sign(xmlDoc* doc) {
    xmlNode* root = xmlDocGetRootElement(doc);
    xmlNode* signature = saml::child(root, element::kSignature);
    xmlNode* info = saml::child(signature, element::kSignedInfo);
    xmlNode* reference = saml::child(info, element::kReference);
    xmlAttr* id = saml::attribute_node(root, "ID");
    if (reference == nullptr || id == nullptr) {
        return;
    }
    xmlSetProp(reference, chars("URI"), chars("#" + saml::value_of(id)));
    xmlAddID(nullptr, doc, chars(saml::value_of(id)), id);
    const saml::SignatureContext context = saml::make_signature_context(gateway_key());
    for (const xmlSecTransformId allowed :
         {xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecOpenSSLTransformSha256Id,
          xmlSecOpenSSLTransformSha384Id, xmlSecOpenSSLTransformSha512Id}) {
        xmlSecDSigCtxEnableReferenceTransform(context.get(), allowed);
    }
    // xmlsec adds to what is there.
    for (xmlNode* value : {saml::child(reference, element::kDigestValue),
                           saml::child(signature, element::kSignatureValue)}) {
        xmlNodeSetContent(value, nullptr);
    }
    const LeaksUncounted uncounted;
    static_cast<void>(xmlSecDSigCtxSign(context.get(), signature));
}

std::string written(xmlDoc* doc) {
    xmlBuffer* buffer = xmlBufferCreate();
    xmlNodeDump(buffer, doc, xmlDocGetRootElement(doc), 0, 0);
    std::string text(saml::view(xmlBufferContent(buffer)));
    xmlBufferFree(buffer);
    return text;
}

}  // namespace

std::size_t mutate_xml(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed,
                       Signing signing) {
    Random random(seed);
    // Some noise all the same: scanner and parser are targets, too.
    if (below(random, 8) == 0) {
        return LLVMFuzzerMutate(data, size, most);
    }
    static const saml::Expectations& ready = expectations();  // libraries are set up
    static_cast<void>(ready);
    const saml::Quiet quiet;
    const Doc doc(
        xmlReadMemory(reinterpret_cast<const char*>(data), static_cast<int>(size), nullptr, "UTF-8",
                      XML_PARSE_NONET),  // bytes as char, which may alias
        &xmlFreeDoc);
    if (doc == nullptr || xmlDocGetRootElement(doc.get()) == nullptr) {
        return LLVMFuzzerMutate(data, size, most);
    }
    Tree tree(doc.get(), random);
    for (std::size_t times = 1 + below(random, 2); times > 0; --times) {
        tree.mutate();
    }
    if (signing == Signing::often && below(random, 4) != 0) {
        sign(doc.get());
    }
    const std::string text = written(doc.get());
    if (text.empty() || text.size() > most) {
        return LLVMFuzzerMutate(data, size, most);
    }
    std::copy(text.begin(), text.end(), data);
    return text.size();
}

}  // namespace clave::fuzz
