// Owning handles for the few things of xmlsec that we touch.
#pragma once

#include <openssl/evp.h>
#include <xmlsec/keys.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlsec.h>

#include <memory>

namespace clave::saml {

struct FreeKey {
    void operator()(xmlSecKey* key) const noexcept { xmlSecKeyDestroy(key); }
};
struct FreeSignatureContext {
    void operator()(xmlSecDSigCtx* context) const noexcept { xmlSecDSigCtxDestroy(context); }
};
using Key = std::unique_ptr<xmlSecKey, FreeKey>;
using SignatureContext = std::unique_ptr<xmlSecDSigCtx, FreeSignatureContext>;

// Shares `key`. Null if it is of a kind that xmlsec cannot use, or without memory.
inline Key make_key(EVP_PKEY* key) noexcept {
    if (key == nullptr || EVP_PKEY_up_ref(key) != 1) {
        return nullptr;
    }
    xmlSecKeyData* data = xmlSecOpenSSLEvpKeyAdopt(key);
    if (data == nullptr) {
        EVP_PKEY_free(key);
        return nullptr;
    }
    Key made(xmlSecKeyCreate());
    if (made == nullptr || xmlSecKeySetValue(made.get(), data) != 0) {
        xmlSecKeyDataDestroy(data);
        return nullptr;
    }
    return made;
}

// A context that holds exactly this key. There is no keys manager: with one, xmlsec takes a
// KeyValue out of the message for trusted (checklist 1.1). No URI but `#…` is ever opened: xmlsec
// reads references before it checks the signature.
inline SignatureContext make_signature_context(EVP_PKEY* key) noexcept {
    SignatureContext context(xmlSecDSigCtxCreate(nullptr));
    Key own = make_key(key);
    if (context == nullptr || own == nullptr) {
        return nullptr;
    }
    context->signKey = own.release();
    context->enabledReferenceUris = xmlSecTransformUriTypeSameDocument;
    context->keyInfoReadCtx.retrievalMethodCtx.enabledUris = xmlSecTransformUriTypeNone;
    return context;
}

}  // namespace clave::saml
