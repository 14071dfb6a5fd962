// The frames of coroutines, thread by thread.
//
// A question to Redis is some ten frames, of one size each time, and many are under way at once:
// more than malloc keeps at hand for a thread. What is given back here waits for the next of its
// size, up to a limit; the rest, and all of it when a thread ends, goes back to malloc.
#include <array>
#include <new>
#include <utility>

#include "clave/task.h"

// AddressSanitizer would not see who uses a frame that is gone, and what looks for leaks dies of
// the thread_local variables of a module that nginx has loaded and unloaded.
#if defined(__SANITIZE_ADDRESS__)
#define CLAVE_FRAMES_OF_MALLOC
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CLAVE_FRAMES_OF_MALLOC
#endif
#endif

namespace clave {

#ifdef CLAVE_FRAMES_OF_MALLOC

void* take_frame(std::size_t size) {
    return ::operator new(size);
}

void give_frame_back(void* frame, std::size_t) noexcept {
    ::operator delete(frame);
}

#else

namespace {

constexpr std::size_t kGrain = 64;
constexpr std::size_t kLargest = 2048;
constexpr std::size_t kMostKept = 1024 * 1024;  // bytes

struct Free {
    Free* next;
};

// No destructor of its own: frames may come back until the very end of a thread.
struct Kept {
    std::array<Free*, kLargest / kGrain + 1> lists;  // by grains
    std::size_t bytes;
    bool closed;
};
thread_local Kept kept{};

struct AtThreadEnd {
    ~AtThreadEnd() {
        kept.closed = true;
        for (Free*& list : kept.lists) {
            while (list != nullptr) {
                ::operator delete(std::exchange(list, list->next));
            }
        }
    }
};

std::size_t grains(std::size_t size) noexcept {
    return (size + kGrain - 1) / kGrain;
}

}  // namespace

void* take_frame(std::size_t size) {
    static thread_local const AtThreadEnd at_thread_end;
    static_cast<void>(at_thread_end);
    if (size > kLargest) {
        return ::operator new(size);
    }
    Free*& list = kept.lists[grains(size)];
    if (list == nullptr) {
        return ::operator new(grains(size) * kGrain);
    }
    kept.bytes -= grains(size) * kGrain;
    return std::exchange(list, list->next);
}

void give_frame_back(void* frame, std::size_t size) noexcept {
    const std::size_t whole = grains(size) * kGrain;
    if (size > kLargest || kept.closed || kept.bytes + whole > kMostKept) {
        return ::operator delete(frame);
    }
    Free*& list = kept.lists[grains(size)];
    list = new (frame) Free{list};
    kept.bytes += whole;
}

#endif

}  // namespace clave
