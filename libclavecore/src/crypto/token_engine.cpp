// OpenSSL 3 calls ENGINEs deprecated, but Debian 12 has nothing else for PKCS#11 (product.md 8.10).
#define OPENSSL_SUPPRESS_DEPRECATED

#include <dlfcn.h>
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/ui.h>

#include <map>
#include <string>

#include "crypto/token.h"

namespace clave {
namespace {

constexpr const char* kEngine = "pkcs11";  // of libengine-pkcs11-openssl

bool command(ENGINE* engine, const char* name, const char* value) {
    return ENGINE_ctrl_cmd_string(engine, name, value, 0) == 1;
}

// Not ENGINE_by_id: that one is the process's, with whatever module and PIN others gave it.
ENGINE* load_engine(const std::string& module_path) {
    ENGINE_load_dynamic();
    ENGINE* const engine = ENGINE_by_id("dynamic");
    const bool loaded =
        engine != nullptr && command(engine, "ID", kEngine) && command(engine, "DIR_LOAD", "2") &&
        command(engine, "DIR_ADD", OPENSSL_info(OPENSSL_INFO_ENGINES_DIR)) &&
        command(engine, "LIST_ADD", "0") && command(engine, "LOAD", nullptr) &&
        command(engine, "QUIET", nullptr) &&
        (module_path.empty() || command(engine, "MODULE_PATH", module_path.c_str()));
    if (!loaded) {
        ENGINE_free(engine);
        return nullptr;
    }
    return engine;
}

// One for each module, and never unloaded: methods of keys and texts of errors are in its code.
ENGINE* engine_for(const std::string& module_path) {
    static std::map<std::string, ENGINE*> loaded;
    ENGINE*& engine = loaded[module_path];
    if (engine == nullptr) {
        engine = load_engine(module_path);
    }
    return engine;
}

}  // namespace

OpenedKey open_with_engine(const TokenUri& uri, const Pin& pin) {
    ENGINE* const engine = engine_for(uri.module_path);
    OpenedKey out;
    if (engine == nullptr || ENGINE_init(engine) != 1) {
        return out;
    }
    out.token =
        TokenOwner(engine, [](void* used) noexcept { ENGINE_finish(static_cast<ENGINE*>(used)); });
    if (!pin.empty() && !command(engine, "PIN", pin.reveal().data())) {
        return out;
    }
    // Without a PIN the engine would ask the terminal for one. Its parameter is not const, and it
    // does not change it.
    auto* const no_terminal = const_cast<UI_METHOD*>(UI_null());
    out.key.reset(ENGINE_load_private_key(engine, uri.key.c_str(), no_terminal, nullptr));
    return out;
}

// The engine never does this by itself, since others might use the module, too.
void restart_module(const TokenUri& uri) noexcept {
    if (has_token_provider() || uri.module_path.empty()) {
        return;
    }
    void* const module = ::dlopen(uri.module_path.c_str(), RTLD_NOW | RTLD_NOLOAD);
    if (module == nullptr) {
        return;
    }
    // POSIX: what dlsym gives for a function is a pointer to it. CK_RV and CK_ULONG are unsigned
    // long (PKCS #11, section 5.4).
    using Finalize = unsigned long (*)(void*);
    if (auto* const finalize = reinterpret_cast<Finalize>(::dlsym(module, "C_Finalize"))) {
        static_cast<void>(finalize(nullptr));
    }
    ::dlclose(module);
}

}  // namespace clave
