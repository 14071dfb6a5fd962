// The way of OpenSSL 3: a provider, as Debian 13's pkcs11-provider. OpenSSL's configuration loads
// it and says which module it uses; `module-path` of the URI has no meaning to it.
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include <cstring>

#include "crypto/token.h"

namespace clave {
namespace {

constexpr const char* kProvider = "pkcs11";

using Store = std::unique_ptr<OSSL_STORE_CTX, OpenSslFree<OSSL_STORE_close>>;
using StoreInfo = std::unique_ptr<OSSL_STORE_INFO, OpenSslFree<OSSL_STORE_INFO_free>>;
using PinPrompt = std::unique_ptr<UI_METHOD, OpenSslFree<UI_destroy_method>>;

int give_pin(char* buffer, int size, int, void* pin) {
    const std::string_view text = static_cast<const Pin*>(pin)->reveal();
    if (text.empty() || size < 0 || text.size() > static_cast<std::size_t>(size)) {
        return -1;
    }
    std::memcpy(buffer, text.data(), text.size());
    return static_cast<int>(text.size());
}

}  // namespace

bool has_token_provider() noexcept {
    return OSSL_PROVIDER_available(nullptr, kProvider) == 1;
}

OpenedKey open_with_provider(const TokenUri& uri, const Pin& pin) {
    OpenedKey out;
    const PinPrompt prompt(UI_UTIL_wrap_read_pem_callback(give_pin, 0));
    // The prompt's data is not const, and give_pin does not change it.
    const Store store(OSSL_STORE_open_ex(uri.key.c_str(), nullptr, "provider=pkcs11", prompt.get(),
                                         const_cast<Pin*>(&pin), nullptr, nullptr, nullptr));
    while (store && !out.key && OSSL_STORE_eof(store.get()) == 0) {
        const StoreInfo found(OSSL_STORE_load(store.get()));
        if (found && OSSL_STORE_INFO_get_type(found.get()) == OSSL_STORE_INFO_PKEY) {
            out.key.reset(OSSL_STORE_INFO_get1_PKEY(found.get()));
        }
    }
    return out;
}

}  // namespace clave
