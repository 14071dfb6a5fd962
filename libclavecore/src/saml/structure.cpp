#include "saml/structure.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/guard.h"
#include "saml/node.h"
#include "saml/shape.h"

namespace clave::saml {
namespace {

// S-33. A good answer has depth 7, some 150 nodes and 25 declarations.
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 4000;
constexpr std::size_t kMaxAttributes = 32;
constexpr std::size_t kMaxDeclarations = 64;

bool is_absolute_uri(std::string_view uri) noexcept {
    const std::size_t colon = uri.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return false;
    }
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return letter(uri[0]) && std::ranges::all_of(uri.substr(0, colon), [letter](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
           });
}

// `ID`, `Id`, `id`, `xml:id`, `x:ID`: whatever some library might take for an ID (S-09, S-19).
bool spells_id(const xmlAttr* attribute) noexcept {
    std::string_view name = view(attribute->name);
    name.remove_prefix(std::min(name.rfind(':') + 1, name.size()));  // an undeclared prefix stays
    return name.size() == 2 && (name[0] | 0x20) == 'i' && (name[1] | 0x20) == 'd';
}

class TreeCheck {
  public:
    Result<void> run(xmlDoc* doc) {
        std::size_t depth = 0;
        for (xmlNode* node = doc->children; node != nullptr; node = step(node, depth)) {
            if (!guard("tree.depth", depth < kMaxDepth)) {
                return fail(Code::structure, "too deep");
            }
            if (!guard("tree.nodes", ++nodes_ <= kMaxNodes)) {
                return fail(Code::structure, "too many nodes");
            }
            if (node->type == XML_TEXT_NODE) {
                continue;
            }
            if (!guard("tree.node-kind", node->type == XML_ELEMENT_NODE)) {
                return fail(Code::structure, "a node that is neither element nor text");
            }
            if (node->type != XML_ELEMENT_NODE) {
                continue;
            }
            if (auto good = declarations(node); !good) {
                return good;
            }
            if (auto good = attributes(node); !good) {
                return good;
            }
        }
        return {};
    }

  private:
    static xmlNode* step(xmlNode* node, std::size_t& depth) noexcept {
        if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
            ++depth;
            return node->children;
        }
        while (node->next == nullptr) {
            node = node->parent;
            if (node == nullptr || node->type != XML_ELEMENT_NODE) {
                return nullptr;
            }
            --depth;
        }
        return node->next;
    }

    Result<void> declarations(const xmlNode* node) {
        for (const xmlNs* ns = node->nsDef; ns != nullptr; ns = ns->next) {
            if (!guard("tree.declarations", ++declarations_ <= kMaxDeclarations)) {
                return fail(Code::structure, "too many namespace declarations");
            }
            // Canonicalization gives up on them: an empty digest input (CVE-2025-66568, S-18).
            const std::string_view uri = view(ns->href);
            const bool undeclared = uri.empty() && ns->prefix == nullptr;
            if (!guard("tree.relative-namespace", undeclared || is_absolute_uri(uri))) {
                return fail(Code::structure, "a relative namespace name");
            }
        }
        return {};
    }

    Result<void> attributes(const xmlNode* node) {
        std::size_t count = 0;
        std::size_t id_spellings = 0;
        for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
            if (!guard("tree.attributes", ++count <= kMaxAttributes)) {
                return fail(Code::structure, "too many attributes");
            }
            if (!spells_id(at)) {
                continue;
            }
            if (!guard("tree.id-once", ++id_spellings == 1)) {
                return fail(Code::structure, "an element with two IDs");
            }
            // libxml2 registers xml:id as an ID by itself, behind our back.
            if (!guard("tree.xml-id", at->ns == nullptr || view(at->ns->prefix) != "xml")) {
                return fail(Code::structure, "an xml:id");
            }
            if (!guard("tree.id-unique", ids_.insert(value_of(at)).second)) {
                return fail(Code::id_duplicate, "two elements with one ID");
            }
        }
        return {};
    }

    std::size_t nodes_ = 0;
    std::size_t declarations_ = 0;
    std::set<std::string> ids_;
};

bool is_blank(std::string_view text) noexcept {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool is_answer(const xmlNode* node) noexcept {
    return is(node, element::kResponse) || is(node, element::kLogoutResponse);
}

// Signature wrapping moves these (S-01, S-02, S-10); anything else is merely out of place.
Code misplaced(const xmlNode* node) noexcept {
    return is_answer(node) || is(node, element::kSignature) ? Code::signature_binding
                                                            : Code::structure;
}

Result<void> check_opaque(xmlNode* top) {
    for (xmlNode* node = top; node != nullptr; node = next_in_tree(node, top)) {
        const Name name = name_of(node);
        if (!guard("shape.no-saml-inside", name.space != kProtocol && name.space != kAssertion)) {
            return fail(Code::structure, "SAML inside a signature or encrypted data");
        }
        if (!guard("shape.no-object", !is(node, element::kObject))) {
            return fail(Code::structure, "a ds:Object");
        }
    }
    return {};
}

Result<void> check_element(xmlNode* node, const Shape& shape) {
    if (shape.opaque) {
        return check_opaque(node);
    }
    for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        const Name name{at->ns == nullptr ? std::string_view{} : view(at->ns->href),
                        view(at->name)};
        if (!guard("shape.attribute", shape.has_attribute(name))) {
            return fail(Code::structure, "an attribute where none of that name belongs");
        }
    }
    if (!guard("shape.text", shape.text || is_blank(text_of(node)))) {
        return fail(Code::structure, "text between elements");
    }
    for (const Child& allowed : shape.children) {
        if (!guard("shape.once", !allowed.once || children(node, allowed.name).size() <= 1)) {
            return fail(Code::structure, "an element that may be there only once is repeated");
        }
    }
    for (xmlNode* inner : child_elements(node)) {
        const Name name = name_of(inner);
        const Shape* next = shape.has_child(name) ? find_shape(name) : nullptr;
        if (!guard("shape.position", next != nullptr)) {
            return fail(misplaced(inner), "an element where it does not belong");
        }
        if (next == nullptr) {
            continue;
        }
        if (auto good = check_element(inner, *next); !good) {
            return good;
        }
    }
    return {};
}

}  // namespace

bool is_identifier(std::string_view text) noexcept {
    const auto first = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !text.empty() && text.size() <= 256 && first(text[0]) &&
           std::ranges::all_of(text, [first](char c) {
               return first(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
           });
}

Result<void> check_tree(xmlDoc* doc) {
    return TreeCheck{}.run(doc);
}

Result<void> check_shape(xmlNode* top) {
    if (is_answer(top)) {
        // Before anything else, since this is how a genuine answer is hidden in a forged one.
        for (xmlNode* node = top->children; node != nullptr; node = next_in_tree(node, top)) {
            if (!guard("shape.one-response", !is_answer(node))) {
                return fail(Code::signature_binding, "an answer inside the answer");
            }
        }
        const std::size_t assertions = children(top, element::kAssertion).size() +
                                       children(top, element::kEncryptedAssertion).size();
        if (!guard("shape.one-assertion", assertions <= 1)) {
            return fail(Code::structure, "more than one assertion");
        }
    }
    const Shape* shape = find_shape(name_of(top));
    if (shape == nullptr) {
        return fail(Code::structure, "an unknown element");
    }
    return check_element(top, *shape);
}

}  // namespace clave::saml
