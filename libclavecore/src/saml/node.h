// Reading the one tree there is. All functions take a null node for one that is absent.
#pragma once

#include <libxml/tree.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "saml/names.h"

namespace clave::saml {

// xmlChar is unsigned char holding UTF-8: the same bytes as char, which may alias anything.
inline std::string_view view(const xmlChar* text) noexcept {
    return text == nullptr ? std::string_view{} : reinterpret_cast<const char*>(text);
}
inline const xmlChar* xml(const char* text) noexcept {
    return reinterpret_cast<const xmlChar*>(text);
}

Name name_of(const xmlNode* node) noexcept;
bool is(const xmlNode* node, const Name& name) noexcept;

// Child elements, text between them left out.
std::vector<xmlNode*> child_elements(const xmlNode* node);
std::vector<xmlNode*> children(const xmlNode* node, const Name& name);
// The first of them, or null.
xmlNode* child(const xmlNode* node, const Name& name) noexcept;

// Document order, the node itself first; null behind the last one below `top`.
xmlNode* next_in_tree(xmlNode* node, const xmlNode* top) noexcept;

// All text directly inside, never only the first text node (CVE-2017-11427).
std::string text_of(const xmlNode* node);

// An attribute in no namespace (`space` empty) or in that one; nullopt if absent.
std::optional<std::string> attribute(const xmlNode* node, std::string_view local,
                                     std::string_view space = {});
xmlAttr* attribute_node(const xmlNode* node, std::string_view local,
                        std::string_view space = {}) noexcept;
std::string value_of(const xmlAttr* attribute);

}  // namespace clave::saml
