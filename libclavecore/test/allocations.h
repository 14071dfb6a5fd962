// Counts what the hot path must not do. For one test program: it replaces operator new and
// OpenSSL's allocator, so only one translation unit of a program may include it.
#pragma once

#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace clave {

inline std::atomic<long> allocations{0};

inline void* count_malloc(std::size_t size, const char*, int) {
    ++allocations;
    return std::malloc(size);
}
inline void* count_realloc(void* old, std::size_t size, const char*, int) {
    ++allocations;
    return std::realloc(old, size);
}
inline void count_free(void* old, const char*, int) {
    std::free(old);
}

// First thing in main(): OpenSSL refuses once it has allocated.
inline bool count_openssl_allocations() {
    return CRYPTO_set_mem_functions(count_malloc, count_realloc, count_free) == 1;
}

template <class Work>
long allocations_during(Work work) {
    const long before = allocations;
    work();
    return allocations - before;
}

}  // namespace clave

// Never inlined: a compiler that sees one of a pair without the other takes free() for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++clave::allocations;
    if (void* const memory = std::malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
