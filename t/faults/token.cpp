// A PKCS#11 module: SoftHSM's, but C_Sign does not return while there is a file with the name in
// CLAVE_TOKEN_HANGS. The list of functions is that of PKCS #11 v2.40, section 3.6.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

using Function = void (*)();

// CK_FUNCTION_LIST: a version, and 68 functions in the order of the specification.
struct Functions {
    unsigned char major;
    unsigned char minor;
    Function functions[68];
};
constexpr int kGetFunctionList = 3;
constexpr int kSign = 43;
constexpr unsigned long kGeneralError = 5;

Functions ours;
Function real_sign;

using Sign = unsigned long (*)(unsigned long session, unsigned char* data, unsigned long size,
                               unsigned char* signature, unsigned long* signature_size);
using GetList = unsigned long (*)(Functions** list);

void* real(const char* name) {
    static void* const module = dlopen("/usr/lib/softhsm/libsofthsm2.so", RTLD_NOW | RTLD_LOCAL);
    return module == nullptr ? nullptr : dlsym(module, name);
}

unsigned long sign(unsigned long session, unsigned char* data, unsigned long size,
                   unsigned char* signature, unsigned long* signature_size) {
    const char* const order = std::getenv("CLAVE_TOKEN_HANGS");
    while (order != nullptr && access(order, F_OK) == 0) {
        usleep(10000);
    }
    // The list has all functions as one type.
    return reinterpret_cast<Sign>(real_sign)(session, data, size, signature, signature_size);
}

}  // namespace

extern "C" {

unsigned long C_GetFunctionList(Functions** list) {
    // dlsym's pointer to a function (POSIX).
    auto* const get = reinterpret_cast<GetList>(real("C_GetFunctionList"));
    Functions* theirs = nullptr;
    if (get == nullptr || get(&theirs) != 0) {
        return kGeneralError;
    }
    std::memcpy(&ours, theirs, sizeof ours);
    real_sign = ours.functions[kSign];
    // One type for all of them, as above.
    ours.functions[kSign] = reinterpret_cast<Function>(&sign);
    ours.functions[kGetFunctionList] = reinterpret_cast<Function>(&C_GetFunctionList);
    *list = &ours;
    return 0;
}

// What restarts a module asks it by name.
unsigned long C_Finalize(void* reserved) {
    using Finalize = unsigned long (*)(void*);
    // dlsym's pointer to a function (POSIX).
    auto* const finalize = reinterpret_cast<Finalize>(real("C_Finalize"));
    return finalize == nullptr ? kGeneralError : finalize(reserved);
}

}  // extern "C"
