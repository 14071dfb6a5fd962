// One message, parsed once (S-23): whatever is read later is read from this tree.
#pragma once

#include <libxml/tree.h>

#include <memory>
#include <string_view>

#include "clave/error.h"
#include "saml/byte_scan.h"

namespace clave::saml {

class Document {
  public:
    // No DTD, no network, no entity substitution, no recovery, and none of libxml2's limits lifted.
    // Code::format for what is not well-formed, Code::structure for names that mean nothing
    // (undeclared prefixes, redefinition of `xml`), and what scan_bytes finds. Only while a Quiet
    // lives on this thread: Code::internal, if it found no memory.
    static Result<Document> parse(std::string_view bytes, ByteScan kind);

    xmlDoc* get() const noexcept { return doc_.get(); }
    xmlNode* root() const noexcept { return xmlDocGetRootElement(doc_.get()); }

    // Replaces the content of `place` by the one element that `bytes` hold, parsed where `place`
    // stands, so that prefixes declared only further out keep their meaning. Same errors as parse;
    // Code::structure if there is not exactly one node.
    Result<xmlNode*> replace_content(xmlNode* place, std::string_view bytes);

  private:
    struct Free {
        void operator()(xmlDoc* doc) const noexcept { xmlFreeDoc(doc); }
    };
    explicit Document(xmlDoc* doc) : doc_(doc) {}
    std::unique_ptr<xmlDoc, Free> doc_;
};

}  // namespace clave::saml
