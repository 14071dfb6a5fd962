#include "saml/xml_document.h"

#include <libxml/globals.h>
#include <libxml/parser.h>

#include <utility>

#include "base/guard.h"
#include "saml/node.h"
#include "saml/quiet.h"

namespace clave::saml {
namespace {

constexpr int kParseFlags = XML_PARSE_NONET | XML_PARSE_NODICT
#if LIBXML_VERSION >= 21300
                            | XML_PARSE_NO_XXE
#endif
    ;

struct FreeContext {
    void operator()(xmlParserCtxt* context) const noexcept { xmlFreeParserCtxt(context); }
};

// xmlParseInNodeContext() tells of what is not well-formed, and keeps to itself what is wrong with
// the namespaces only.
class NamespaceErrors {
  public:
    NamespaceErrors() noexcept : handler_(xmlStructuredError), context_(xmlStructuredErrorContext) {
        xmlSetStructuredErrorFunc(this, &note);
    }
    ~NamespaceErrors() { xmlSetStructuredErrorFunc(context_, handler_); }
    NamespaceErrors(const NamespaceErrors&) = delete;
    NamespaceErrors& operator=(const NamespaceErrors&) = delete;

    bool any() const noexcept { return any_; }

  private:
#if LIBXML_VERSION >= 21200
    using ErrorPtr = const xmlError*;
#else
    using ErrorPtr = xmlError*;
#endif

    static void note(void* self, ErrorPtr error) {
        if (error->domain == XML_FROM_NAMESPACE && error->level >= XML_ERR_ERROR) {
            static_cast<NamespaceErrors*>(self)->any_ = true;
        }
    }

    const xmlStructuredErrorFunc handler_;
    void* const context_;
    bool any_ = false;
};

}  // namespace

Result<Document> Document::parse(std::string_view bytes, ByteScan kind) {
    if (!Quiet::is_here()) {
        return fail(Code::internal, "out of memory");
    }
    if (auto scanned = scan_bytes(bytes, kind); !scanned) {
        return tl::unexpected(std::move(scanned.error()));
    }
    const std::unique_ptr<xmlParserCtxt, FreeContext> context(xmlNewParserCtxt());
    if (context == nullptr) {
        return fail(Code::internal, "out of memory");
    }
    // No encoding: the scan has left UTF-8 only, and the decoder for a named one crashes
    // libxml2 2.9 if there is no memory for it.
    Document document(xmlCtxtReadMemory(context.get(), bytes.data(), static_cast<int>(bytes.size()),
                                        nullptr, nullptr, kParseFlags));
    if (document.root() == nullptr) {
        return fail(Code::format, "not well-formed XML");
    }
    if (!guard("document.namespaces", context->nsWellFormed == 1)) {
        return fail(Code::structure, "namespaces are not well-formed");
    }
    if (!guard("document.dtd", document.get()->intSubset == nullptr)) {
        return fail(Code::format, "a document type");
    }
    return document;
}

Result<xmlNode*> Document::replace_content(xmlNode* place, std::string_view bytes) {
    if (auto scanned = scan_bytes(bytes, ByteScan::fragment); !scanned) {
        return tl::unexpected(std::move(scanned.error()));
    }
    xmlNode* list = nullptr;
    const NamespaceErrors namespace_errors;
    const xmlChar* encoding = std::exchange(place->doc->encoding, nullptr);  // as above
    const int error = xmlParseInNodeContext(place, bytes.data(), static_cast<int>(bytes.size()),
                                            kParseFlags, &list);
    place->doc->encoding = encoding;
    if (error != XML_ERR_OK || list == nullptr) {
        xmlFreeNodeList(list);
        return fail(Code::format, "decrypted content is not well-formed XML");
    }
    if (!guard("document.namespaces-inside", !namespace_errors.any())) {
        xmlFreeNodeList(list);
        return fail(Code::structure, "namespaces of decrypted content are not well-formed");
    }
    if (!guard("document.one-node", list->next == nullptr && list->type == XML_ELEMENT_NODE)) {
        xmlFreeNodeList(list);
        return fail(Code::structure, "decrypted content is not one element");
    }
    while (place->children != nullptr) {
        xmlNode* old = place->children;
        xmlUnlinkNode(old);
        xmlFreeNode(old);
    }
    xmlAddChildList(place, list);
    return list;
}

}  // namespace clave::saml
