// A zone in memory that processes share, and what it needs of a host.
#pragma once

#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/zone.h"
#include "cmocka_cpp.h"

namespace clave::test {

template <class T>
T run(Task<T> task) {
    task.start();
    return task.result();
}

inline Digest key_of(std::uint64_t number) noexcept {
    Digest key{};
    std::uint64_t state = number;
    for (std::size_t i = 0; i < key.size(); i += sizeof state) {  // splitmix64
        state += 0x9e3779b97f4a7c15ULL;
        std::uint64_t mixed = state;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
        mixed ^= mixed >> 31U;
        std::memcpy(key.data() + i, &mixed, sizeof mixed);
    }
    return key;
}

// Nobody has two of the numbered sessions, unless a test says so.
inline Digest person_of(std::uint64_t number) noexcept {
    return key_of(number + (std::uint64_t{1} << 40U));
}

// Says to whom it belongs in every byte, so that a mixture of two records shows.
inline std::vector<std::byte> record_of(std::uint64_t number, std::size_t size) {
    std::vector<std::byte> record(size);
    for (std::size_t i = 0; i < size; ++i) {
        record[i] = static_cast<std::byte>((number * 131 + i * 7 + size) & 0xffU);
    }
    return record;
}

struct CountingRandom final : Random {
    bool works = true;
    unsigned next = 1;
    bool fill(std::span<std::byte> out) noexcept override {
        for (std::byte& byte : out) {
            byte = static_cast<std::byte>(next++ * 37 & 0xffU);
        }
        return works;
    }
};

struct Lines final : Logger {
    int warnings = 0;
    void log(Severity severity, std::string_view) noexcept override {
        warnings += severity == Severity::warn ? 1 : 0;
    }
};

// Memory that a forked child shares.
class SharedMemory {
  public:
    explicit SharedMemory(std::size_t size)
        : size_(size),
          start_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (start_ == MAP_FAILED) {
            throw std::bad_alloc();
        }
    }
    SharedMemory(const SharedMemory&) = delete;
    SharedMemory& operator=(const SharedMemory&) = delete;
    ~SharedMemory() { ::munmap(start_, size_); }
    std::span<std::byte> bytes() const noexcept { return {static_cast<std::byte*>(start_), size_}; }

  private:
    std::size_t size_;
    void* start_;
};

// Shared by processes; passes to the next one when its holder is killed, as the host's does.
class RobustMutex final : public ZoneMutex {
  public:
    RobustMutex() : memory_(sizeof(pthread_mutex_t)) {
        mutex_ = new (memory_.bytes().data()) pthread_mutex_t;
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
        pthread_mutex_init(mutex_, &attributes);
        pthread_mutexattr_destroy(&attributes);
    }
    void lock() noexcept override {
        if (pthread_mutex_lock(mutex_) == EOWNERDEAD) {
            pthread_mutex_consistent(mutex_);
            ++inherited;
        }
    }
    void unlock() noexcept override { pthread_mutex_unlock(mutex_); }
    int inherited = 0;  // from a holder that was killed

  private:
    SharedMemory memory_;
    pthread_mutex_t* mutex_;
};

inline constexpr Time kNow{Seconds{1'800'000'000}};
inline constexpr Seconds kIdle{15 * 60};
inline constexpr Seconds kAbsolute{8 * 3600};

struct Fixture {
    explicit Fixture(std::size_t size = Zone::kMinimumSize) : memory(size) {
        Zone::format(memory.bytes(), random);
    }
    bool put(std::uint64_t number, Time now = kNow, std::size_t size = 200, Seconds idle = kIdle,
             Seconds absolute = kAbsolute, std::optional<std::uint64_t> replaces = {},
             std::optional<std::uint64_t> person = {}, std::size_t limit = 10) {
        const Digest old = key_of(replaces.value_or(0));
        const SessionOwner owner{person_of(person.value_or(number)), limit};
        return run(zone.put(key_of(number), record_of(number, size), {now + absolute, idle}, now,
                            replaces ? &old : nullptr, &owner))
            .has_value();
    }
    // A session of a person who may have `limit` of them.
    bool put_of(std::uint64_t person, std::uint64_t number, Time now = kNow, std::size_t limit = 10,
                std::size_t size = 200) {
        return put(number, now, size, kIdle, kAbsolute, {}, person, limit);
    }
    std::vector<Digest> sessions_of(std::uint64_t person, Time now = kNow) {
        return run(zone.sessions_of(person_of(person), now)).value();
    }
    std::size_t end_all(std::uint64_t person, Time now = kNow) {
        return run(zone.end_all(person_of(person), now)).value();
    }
    // A hit whose record is not the right one is worse than a miss: -1.
    int find(std::uint64_t number, Time now = kNow, std::size_t size = 200,
             Touch touch = Touch::if_due) {
        RecordBytes out;
        if (zone.find(key_of(number), now, out, touch) != Lookup::hit) {
            return 0;
        }
        const std::vector<std::byte> expected = record_of(number, size);
        return std::equal(out.begin(), out.end(), expected.begin(), expected.end()) ? 1 : -1;
    }
    bool erase(std::uint64_t number) { return run(zone.erase(key_of(number))).has_value(); }
    bool keep(std::uint64_t number, Time until, Time now = kNow) {
        return run(zone.keep(key_of(number), record_of(number, 600), until, now)).has_value();
    }
    int take(std::uint64_t number, Time now = kNow) {
        const auto taken = run(zone.take(key_of(number), now));
        if (!taken || !*taken) {
            return 0;
        }
        return **taken == record_of(number, 600) ? 1 : -1;
    }
    // 1: first, 0: again, -1: an error that gives 503.
    int mark(std::uint64_t number, Time until, Time now = kNow) {
        const Result<bool> marked = run(zone.mark(key_of(number), until, now));
        return marked ? (*marked ? 1 : 0) : (marked.error().code == Code::store ? -1 : -2);
    }

    SharedMemory memory;
    CountingRandom random;
    RobustMutex mutex;
    Lines lines;
    Zone zone{memory.bytes(), mutex, lines};
};

// Each step gives one digit of the answer, so that a test body holds no object across an assert.
class Trace {
  public:
    Trace& operator<<(int seen) {
        text_ += seen < 0 ? "!" : std::to_string(seen);
        return *this;
    }
    std::string text() const { return text_; }

  private:
    std::string text_;
};

inline bool same(const Trace& seen, std::string_view expected) {
    if (seen.text() != expected) {
        print_error("saw %s, expected %.*s\n", seen.text().c_str(),
                    static_cast<int>(expected.size()), expected.data());
    }
    return seen.text() == expected;
}

}  // namespace clave::test
