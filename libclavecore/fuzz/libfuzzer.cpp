#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "target.h"

void clave::fuzz::finding(const char* what) {
    std::fprintf(stderr, "finding: %s\n", what);
    std::abort();  // libFuzzer keeps the input
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Bytes as text: char may alias anything.
    clave::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
