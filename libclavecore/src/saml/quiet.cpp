#include "saml/quiet.h"

#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/threads.h>
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

bool has_thread_data() noexcept {
#if LIBXML_VERSION >= 21200
    return xmlCheckThreadLocalStorage() == 0;
#else
    return xmlIsMainThread() == 1 || xmlGetGlobalState() != nullptr;
#endif
}

}  // namespace

Quiet::Quiet() noexcept : possible_(has_thread_data()) {
    ERR_set_mark();
    if (possible_) {
        handler_ = xmlStructuredError;
        context_ = xmlStructuredErrorContext;
        xmlSetStructuredErrorFunc(nullptr, &discard);
    }
}

Quiet::~Quiet() {
    if (possible_) {
        xmlResetLastError();
        xmlSetStructuredErrorFunc(context_, handler_);
    }
    ERR_pop_to_mark();
}

bool Quiet::is_here() noexcept {
    return has_thread_data() && xmlStructuredError == &discard;
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
