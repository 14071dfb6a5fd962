// find_cost SESSIONS LOOKUPS: fills a zone of just the right size and looks sessions up. Run by
// scripts/bench: under callgrind, which counts look_up_many only, and as it is, for what the
// processor's caches have no room for.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "clave/crypto.h"
#include "clave/zone.h"

namespace {

using namespace clave;

constexpr Time kNow{Seconds{1'800'000'000}};

struct NoMutex final : ZoneMutex {
    void lock() noexcept override {}
    void unlock() noexcept override {}
};

struct Silent final : Logger {
    void log(Severity, std::string_view) noexcept override {}
};

// The smallest zone, in steps of 64 KiB, that holds as many.
std::size_t zone_size_for(std::size_t sessions) {
    std::size_t size = Zone::kMinimumSize;
    while (Zone::capacity(size).sessions < sessions) {
        size += 64 * 1024;
    }
    return size;
}

Digest key_of(std::size_t number) {
    return sha256(std::as_bytes(std::span(&number, 1)));
}

}  // namespace

// Outside the namespace, and not inlined: callgrind knows it by name.
__attribute__((noinline)) std::size_t look_up_many(Zone& zone, const std::vector<Digest>& keys) {
    alignas(std::max_align_t) static std::byte memory[8192];
    std::size_t hits = 0;
    for (const Digest& key : keys) {
        std::pmr::monotonic_buffer_resource arena(memory, sizeof(memory));
        RecordBytes record(&arena);
        hits += zone.find(key, kNow, record) == Lookup::hit ? 1U : 0U;
    }
    return hits;
}

int main(int argc, char** argv) {
    const std::size_t sessions = argc == 3 ? std::strtoul(argv[1], nullptr, 10) : 0;
    const std::size_t lookups = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
    if (sessions == 0) {
        static_cast<void>(std::fputs("usage: find_cost SESSIONS LOOKUPS\n", stderr));
        return 2;
    }

    std::vector<std::byte> memory(zone_size_for(sessions));
    SystemRandom random;
    NoMutex mutex;
    Silent log;
    if (!Zone::format(memory, random)) {
        return 1;
    }
    Zone zone(memory, mutex, log);
    const std::vector<std::byte> record(300, std::byte{7});
    for (std::size_t i = 0; i < sessions; ++i) {
        auto putting = zone.put(key_of(i), record, {kNow + Seconds{28800}, Seconds{900}}, kNow);
        putting.start();
    }
    std::vector<Digest> keys;
    for (std::size_t i = 0; i < lookups; ++i) {
        keys.push_back(key_of(i * 7919 % sessions));
    }
    const auto begun = std::chrono::steady_clock::now();
    const std::size_t hits = look_up_many(zone, keys);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begun;
    std::printf("%zu of %zu found, %.1f bytes of zone per session, %.0f ns a lookup\n", hits,
                lookups, static_cast<double>(memory.size()) / static_cast<double>(sessions),
                took.count() / static_cast<double>(lookups));
    return hits == lookups ? 0 : 1;
}
