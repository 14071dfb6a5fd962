// Preloaded into nginx: a wall clock that goes wrong by as many seconds as the file says that is
// mapped here (Clave::Faults). Monotonic time goes on as it does when an operator sets the clock.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <ctime>

namespace {

std::atomic<long>* error_in_seconds;

[[gnu::constructor]] void read_orders() {
    const char* path = std::getenv("CLAVE_FAULTS");
    const int file = path ? open(path, O_RDWR) : -1;
    if (file >= 0) {
        void* mapped = mmap(nullptr, sizeof *error_in_seconds, PROT_READ, MAP_SHARED, file, 0);
        error_in_seconds = mapped == MAP_FAILED ? nullptr : static_cast<std::atomic<long>*>(mapped);
        close(file);
    }
}

}  // namespace

extern "C" {

// Past the C library, as dlsym(3) allocates.
int clock_gettime(clockid_t clock, timespec* out) noexcept {
    const long done = syscall(SYS_clock_gettime, clock, out);
    const bool wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    if (done == 0 && wall && error_in_seconds != nullptr) {
        out->tv_sec += error_in_seconds->load();
    }
    return static_cast<int>(done);
}

int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
    timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t* out) noexcept {
    timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) {
        return -1;
    }
    if (out != nullptr) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

}  // extern "C"
