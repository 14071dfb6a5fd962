#include "saml/quiet.h"

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <openssl/err.h>
#include <xmlsec/xmlsec.h>

// Needs types of xmlsec.h without including it.
#include <xmlsec/errors.h>
#include <xmlsec/openssl/crypto.h>

#include <mutex>

#include "clave/saml.h"

namespace clave::saml {
namespace {

// What the libraries say quotes the message: personal data. Our own error codes tell enough.
#if LIBXML_VERSION >= 21200
void discard(void*, const xmlError*) {}
#else
void discard(void*, xmlError*) {}
#endif

void discard_xmlsec(const char*, int, const char*, const char*, const char*, int, const char*) {}

}  // namespace

Quiet::Quiet() noexcept : handler_(xmlStructuredError), context_(xmlStructuredErrorContext) {
    xmlSetStructuredErrorFunc(nullptr, &discard);
    ERR_set_mark();
}

Quiet::~Quiet() {
    ERR_pop_to_mark();
    xmlResetLastError();
    xmlSetStructuredErrorFunc(context_, handler_);
}

void initialise() noexcept {
    static std::once_flag once;
    std::call_once(once, [] {
        xmlInitParser();
        xmlSecErrorsSetCallback(&discard_xmlsec);
        // A failure shows at the first signature, which is then refused.
        if (xmlSecInit() == 0) {
            xmlSecOpenSSLInit();
        }
        xmlSecErrorsSetCallback(&discard_xmlsec);
    });
}

}  // namespace clave::saml
