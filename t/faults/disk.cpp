// Preloaded into nginx: a disk that takes its time, beside a clock that goes wrong. What is to be
// on the disk waits for as long as the second number says that is mapped here (Clave::Faults); the
// third counts who has had to.
#include "clock.cpp"

namespace {

struct Orders {
    std::atomic<long> error_in_seconds;  // the clock's
    std::atomic<long> held;
    std::atomic<long> waited;
};
Orders* orders;

[[gnu::constructor]] void read_orders_of_disk() {
    const char* path = std::getenv("CLAVE_FAULTS");
    const int file = path ? open(path, O_RDWR) : -1;
    if (file >= 0) {
        void* mapped = mmap(nullptr, sizeof(Orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        orders = mapped == MAP_FAILED ? nullptr : static_cast<Orders*>(mapped);
        close(file);
    }
}

}  // namespace

extern "C" int fsync(int file) {
    if (orders != nullptr && orders->held != 0) {
        ++orders->waited;
        while (orders->held != 0) {
            const timespec moment{0, 5'000'000};
            nanosleep(&moment, nullptr);
        }
    }
    return static_cast<int>(syscall(SYS_fsync, file));
}
