// What passes the scan of the bytes is the same XML to a parser that would do anything it is asked:
// no document type, entity, comment, instruction or CDATA (S-23, S-25, S-30).
#include <libxml/parser.h>

#include <memory>

#include "clave/encoding.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/structure.h"
#include "saml/xml_document.h"
#include "target.h"

namespace clave::fuzz {
namespace {

using saml::ByteScan;
using saml::Document;
using Doc = std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)>;

// Compares names and text, walking both trees at once.
bool is_same(xmlNode* a, xmlNode* b) {
    for (; a != nullptr && b != nullptr; a = a->next, b = b->next) {
        if (a->type != b->type || saml::view(a->name) != saml::view(b->name)) {
            return false;
        }
        if (a->type == XML_TEXT_NODE ? saml::view(a->content) != saml::view(b->content)
                                     : !is_same(a->children, b->children)) {
            return false;
        }
    }
    return a == nullptr && b == nullptr;
}

bool holds_only_elements_and_text(xmlNode* top) {
    for (xmlNode* node = top; node != nullptr; node = saml::next_in_tree(node, top)) {
        if (node->type != XML_ELEMENT_NODE && node->type != XML_TEXT_NODE) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool run(std::string_view input) {
    const saml::Quiet quiet;
    // Both kinds that may come from strangers or from an attribute; the third only adds refusals.
    static_cast<void>(Document::parse(input, ByteScan::enclosure));
    const auto fragment = saml::scan_bytes(input, ByteScan::fragment);
    const auto document = Document::parse(input, ByteScan::message);
    if (!document) {
        return false;
    }
    require(fragment.has_value() || input.starts_with("<?xml"), "a fragment is a document");
    require(is_valid_utf8(input), "a message is UTF-8");
    require(document->get()->intSubset == nullptr, "no document type");
    require(holds_only_elements_and_text(document->root()), "elements and text only");

    const Doc liberal(xmlReadMemory(input.data(), static_cast<int>(input.size()), nullptr, nullptr,
                                    XML_PARSE_NOENT | XML_PARSE_NOCDATA | XML_PARSE_NONET),
                      &xmlFreeDoc);
    require(liberal != nullptr, "a liberal parser reads it as well");
    require(is_same(document->root(), xmlDocGetRootElement(liberal.get())),
            "a liberal parser reads the same");
    return saml::check_tree(document->get()).has_value();
}

}  // namespace clave::fuzz
