#include "saml/message.h"

#include "base/guard.h"
#include "clave/saml.h"
#include "saml/node.h"
#include "saml/structure.h"

namespace clave::saml {

Result<Document> read_message(std::string_view message, const Name& root) {
    if (!guard("message.size", message.size() <= kMaxMessage)) {
        return fail(Code::too_large, "the message is too large");
    }
    Result<Document> document = Document::parse(message, ByteScan::message);
    if (!document) {
        return document;
    }
    if (auto good = check_tree(document->get()); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    // Another message of the gateway, however genuine, is no answer (S-27).
    if (!guard("message.root", is(document->root(), root))) {
        return fail(Code::structure, "not a " + std::string(root.local));
    }
    if (!guard("message.version", attribute(document->root(), "Version") == "2.0")) {
        return fail(Code::structure, "not SAML 2.0");
    }
    if (auto good = check_shape(document->root()); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    return document;
}

}  // namespace clave::saml
