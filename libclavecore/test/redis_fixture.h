// A machine's view of a Redis: workers that share a cache, each with ears of its own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clave/poll_loop.h"
#include "store/cache_watch.h"
#include "store/redis_store.h"
#include "support/fake_redis.h"
#include "zone_fixture.h"

namespace clave::test {

struct Complaints final : Logger {
    std::vector<std::string> lines;
    void log(Severity, std::string_view line) noexcept override { lines.emplace_back(line); }
};

inline MasterKey master_key(unsigned char fill) {
    MasterKey key;
    std::fill(key.fill().begin(), key.fill().end(), std::byte{fill});
    return key;
}

struct Worker {
    Worker(FakeRedis& redis, std::span<std::byte> memory, ZoneMutex& mutex, Loop& loop,
           const KeyRing& keys, Random& random, Logger& log)
        : cache(memory, mutex, loop, std::chrono::milliseconds(1000)),
          watch(cache, RecordNames("clave:")),
          store(loop, redis, RecordNames("clave:"), keys, &cache, random, log) {}

    // 1: a session, and the right one; 0: none; -1: another's; -2: an error; 2: not known here.
    int find(std::uint64_t number, Time now = kNow) {
        RecordBytes out;
        return seen(store.find(key_of(number), now, out, Touch::if_due), out, number);
    }
    int load(std::uint64_t number, Time now = kNow, Touch touch = Touch::if_due) {
        RecordBytes out;
        const Digest key = key_of(number);
        const auto found = run(store.load(key, now, out, touch));
        return found ? seen(*found, out, number) : -2;
    }
    bool put(std::uint64_t number, Time now = kNow, std::optional<std::uint64_t> replaces = {},
             std::optional<std::uint64_t> person = {}, std::size_t limit = 10) {
        const Digest key = key_of(number);
        const Digest old = key_of(replaces.value_or(0));
        const auto record = record_of(number, 200);
        const SessionOwner owner{person_of(person.value_or(number)), limit};
        return run(store.put(key, record, {now + kAbsolute, kIdle}, now, replaces ? &old : nullptr,
                             &owner))
            .has_value();
    }
    bool erase(std::uint64_t number) {
        const Digest key = key_of(number);
        return run(store.erase(key)).has_value();
    }
    bool keep(std::uint64_t number, Time until = kNow + Seconds{60}) {
        const Digest key = key_of(number);
        const auto record = record_of(number, 600);
        return run(store.keep(key, record, until, kNow)).has_value();
    }
    int take(std::uint64_t number, Time now = kNow) {
        const Digest key = key_of(number);
        const auto taken = run(store.take(key, now));
        return !taken ? -2 : !*taken ? 0 : **taken == record_of(number, 600) ? 1 : -1;
    }
    int mark(std::uint64_t number) {
        const Digest key = key_of(number);
        const auto marked = run(store.mark(key, kNow + Seconds{60}, kNow));
        return !marked ? -2 : *marked ? 1 : 0;
    }

    static int seen(Lookup found, const RecordBytes& out, std::uint64_t number) {
        if (found != Lookup::hit) {
            return found == Lookup::miss ? 0 : found == Lookup::unread ? 2 : -2;
        }
        const auto expected = record_of(number, 200);
        return std::equal(out.begin(), out.end(), expected.begin(), expected.end()) ? 1 : -1;
    }

    SessionCache cache;
    CacheWatch watch;
    RedisStore store;
};

struct Machine {
    explicit Machine(const KeyRing& ring = KeyRing(master_key(1))) : keys(ring) {
        SessionCache::format(memory.bytes(), random);
        redis.told.resize(workers.size());
        loop.advance(std::chrono::milliseconds(1000));
        redis.departure = [this] { loop.run_once(std::chrono::milliseconds(0)); };
        for (auto& worker : workers) {
            worker.emplace(redis, memory.bytes(), mutex, loop, keys, random, log);
        }
    }
    void hear() {
        for (auto& worker : workers) {
            worker->watch.on_hearing();
        }
        loop.advance(std::chrono::milliseconds(10));
    }
    // The oldest change that this worker has not heard of.
    bool tell(std::size_t worker) {
        auto& changes = redis.told[worker];
        if (changes.empty()) {
            return false;
        }
        const std::string name = changes.front();
        changes.pop_front();
        workers[worker]->watch.on_changed(name);
        return true;
    }
    void tell_all() {
        for (std::size_t i = 0; i < workers.size(); ++i) {
            while (tell(i)) {
            }
        }
    }
    Worker& worker(std::size_t number = 0) { return *workers[number]; }

    std::string name(RecordKind kind, std::uint64_t number) const {
        return RecordNames("clave:").of(kind, key_of(number));
    }
    std::string& session(std::uint64_t number) {
        return redis.values[name(RecordKind::session, number)];
    }
    std::string& use(std::uint64_t number) {
        return redis.values[name(RecordKind::last_use, number)];
    }

    KeyRing keys;
    FakeRedis redis;
    SharedMemory memory{SessionCache::kMinimumSize};
    RobustMutex mutex;
    PollLoop loop;
    CountingRandom random;
    Complaints log;
    std::array<std::optional<Worker>, 2> workers;
};

}  // namespace clave::test
