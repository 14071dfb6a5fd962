// Preloaded into nginx: lets allocations of one process fail, one after another or all from some
// point on. The test says which by writing into a file that is mapped here (Clave::Faults).
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <new>

extern "C" {
// The allocator below: AddressSanitizer's where there is one, else that of glibc. Called by name,
// as dlsym(3) allocates.
[[gnu::weak]] void* __interceptor_malloc(std::size_t size);
[[gnu::weak]] void* __interceptor_calloc(std::size_t count, std::size_t size);
[[gnu::weak]] void* __interceptor_realloc(void* old, std::size_t size);
[[gnu::weak]] void* __interceptor_memalign(std::size_t alignment, std::size_t size);
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

struct Orders {
    std::atomic<long> process;   // whose allocations
    std::atomic<long> spared;    // so many still succeed
    std::atomic<long> failures;  // so many fail then
    std::atomic<long> failed;    // so many have
};
Orders* orders;

[[gnu::constructor]] void read_orders() {
    const char* path = std::getenv("CLAVE_FAULTS");
    const int file = path ? open(path, O_RDWR) : -1;
    if (file >= 0) {
        void* mapped = mmap(nullptr, sizeof(Orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        orders = mapped == MAP_FAILED ? nullptr : static_cast<Orders*>(mapped);
        close(file);
    }
}

bool fails() noexcept {
    if (orders == nullptr || orders->failures <= 0 || orders->process != getpid() ||
        orders->spared.fetch_sub(1) > 0 || orders->failures.fetch_sub(1) <= 0) {
        return false;
    }
    ++orders->failed;
    errno = ENOMEM;
    return true;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
    return fails()                ? nullptr
           : __interceptor_malloc ? __interceptor_malloc(size)
                                  : __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
    return fails()                ? nullptr
           : __interceptor_calloc ? __interceptor_calloc(count, size)
                                  : __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
    return fails()                 ? nullptr
           : __interceptor_realloc ? __interceptor_realloc(old, size)
                                   : __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    return fails()                  ? nullptr
           : __interceptor_memalign ? __interceptor_memalign(alignment, size)
                                    : __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    void* memory = memalign(alignment, size);
    if (memory == nullptr) {
        return ENOMEM;
    }
    *out = memory;
    return 0;
}

}  // extern "C"

// AddressSanitizer has its own, which do not call malloc.

void* operator new(std::size_t size) {
    if (void* memory = malloc(size)) {
        return memory;
    }
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return malloc(size);
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return malloc(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
