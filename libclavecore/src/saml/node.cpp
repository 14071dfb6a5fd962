#include "saml/node.h"

namespace clave::saml {
namespace {

std::string concatenated(const xmlNode* first) {
    std::string text;
    for (const xmlNode* node = first; node != nullptr; node = node->next) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            text += view(node->content);
        }
    }
    return text;
}

}  // namespace

Name name_of(const xmlNode* node) noexcept {
    if (node == nullptr || node->type != XML_ELEMENT_NODE) {
        return {};
    }
    return {node->ns == nullptr ? std::string_view{} : view(node->ns->href), view(node->name)};
}

bool is(const xmlNode* node, const Name& name) noexcept {
    const Name own = name_of(node);
    return own.local == name.local && own.space == name.space;
}

std::vector<xmlNode*> child_elements(const xmlNode* node) {
    std::vector<xmlNode*> found;
    if (node == nullptr) {
        return found;
    }
    for (xmlNode* at = node->children; at != nullptr; at = at->next) {
        if (at->type == XML_ELEMENT_NODE) {
            found.push_back(at);
        }
    }
    return found;
}

std::vector<xmlNode*> children(const xmlNode* node, const Name& name) {
    std::vector<xmlNode*> found;
    if (node == nullptr) {
        return found;
    }
    for (xmlNode* at = node->children; at != nullptr; at = at->next) {
        if (is(at, name)) {
            found.push_back(at);
        }
    }
    return found;
}

xmlNode* child(const xmlNode* node, const Name& name) noexcept {
    if (node == nullptr) {
        return nullptr;
    }
    for (xmlNode* at = node->children; at != nullptr; at = at->next) {
        if (is(at, name)) {
            return at;
        }
    }
    return nullptr;
}

xmlNode* next_in_tree(xmlNode* node, const xmlNode* top) noexcept {
    if (node->type == XML_ELEMENT_NODE && node->children != nullptr) {
        return node->children;
    }
    while (node != top) {
        if (node->next != nullptr) {
            return node->next;
        }
        node = node->parent;
    }
    return nullptr;
}

std::string text_of(const xmlNode* node) {
    return node == nullptr ? std::string{} : concatenated(node->children);
}

xmlAttr* attribute_node(const xmlNode* node, std::string_view local,
                        std::string_view space) noexcept {
    if (node == nullptr) {
        return nullptr;
    }
    for (xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        const std::string_view own = at->ns == nullptr ? std::string_view{} : view(at->ns->href);
        if (view(at->name) == local && own == space) {
            return at;
        }
    }
    return nullptr;
}

std::string value_of(const xmlAttr* attribute) {
    return attribute == nullptr ? std::string{} : concatenated(attribute->children);
}

std::optional<std::string> attribute(const xmlNode* node, std::string_view local,
                                     std::string_view space) {
    const xmlAttr* found = attribute_node(node, local, space);
    if (found == nullptr) {
        return std::nullopt;
    }
    return value_of(found);
}

}  // namespace clave::saml
