// Forms that wait: whole or not at all, once, and never at the cost of another one; whatever
// happens to the memory or to the worker that writes it (product.md 8.12).
#include "clave/parcels.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cmocka_cpp.h"
#include "store/parcel_blocks.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::size_t kMegabyte = 1024 * 1024;
constexpr Seconds kWait{1200};

struct Shelf {
    explicit Shelf(std::size_t size = 4 * kMegabyte) : memory(size) {
        formatted = Parcels::format(memory.bytes());
    }
    bool put(std::uint64_t number, std::size_t size, std::uint64_t source = 0, Time now = kNow) {
        return parcels.put(key_of(number), key_of(source != 0 ? source : 1'000'000 + number),
                           record_of(number, size), now + kWait, now);
    }
    // 1: as it was put, 0: none, -1: something else.
    int take(std::uint64_t number, std::size_t size, Time now = kNow) {
        const auto taken = parcels.take(key_of(number), now);
        return !taken ? 0 : *taken == record_of(number, size) ? 1 : -1;
    }
    bool holds(std::uint64_t number, Time now = kNow) { return parcels.holds(key_of(number), now); }

    SharedMemory memory;
    bool formatted = false;
    RobustMutex mutex;
    Parcels parcels{memory.bytes(), mutex};
};

// --- whole, and once -----------------------------------------------------------------------------

int comes_back(std::size_t size) {
    Shelf shelf;
    return shelf.put(1, size) && shelf.holds(1) ? shelf.take(1, size) : -2;
}

void every_size_comes_back_as_it_was(void**) {
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097},
          std::size_t{64 * 1024}, kMegabyte, 3 * kMegabyte + 1}) {
        assert_int_equal(comes_back(size), 1);
    }
}

int second_take() {
    Shelf shelf;
    shelf.put(1, 5000);
    shelf.take(1, 5000);
    return shelf.take(1, 5000) + (shelf.holds(1) ? 10 : 0);
}

int take_of_another() {
    Shelf shelf;
    shelf.put(1, 5000);
    return shelf.take(2, 5000);
}

void a_parcel_is_taken_once_and_by_its_key(void**) {
    assert_int_equal(second_take(), 0);
    assert_int_equal(take_of_another(), 0);
}

// Four threads want each of the parcels: how many got one, and how many got something wrong.
struct Race {
    int taken = 0;
    int wrong = 0;
};

Race race_for(int parcels) {
    Shelf shelf(16 * kMegabyte);
    struct Lock final : ZoneMutex {
        std::mutex mutex;
        void lock() noexcept override { mutex.lock(); }
        void unlock() noexcept override { mutex.unlock(); }
    } lock;
    std::atomic<int> taken = 0;
    std::atomic<int> wrong = 0;
    for (int i = 0; i < parcels; ++i) {
        shelf.put(static_cast<std::uint64_t>(i), 9000);
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            Parcels view(shelf.memory.bytes(), lock);
            for (int i = 0; i < parcels; ++i) {
                const auto number = static_cast<std::uint64_t>(i);
                if (const auto got = view.take(key_of(number), kNow)) {
                    ++taken;
                    wrong += *got == record_of(number, 9000) ? 0 : 1;
                }
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return {taken, wrong};
}

void of_many_that_want_it_one_gets_it(void**) {
    const Race race = race_for(300);
    assert_int_equal(race.taken, 300);
    assert_int_equal(race.wrong, 0);
}

// --- time ----------------------------------------------------------------------------------------

int taken_after(Seconds wait) {
    Shelf shelf;
    shelf.put(1, 100);
    return shelf.take(1, 100, kNow + wait);
}

void a_parcel_waits_until_its_time_and_no_longer(void**) {
    assert_int_equal(taken_after(kWait - Seconds{1}), 1);
    assert_int_equal(taken_after(kWait), 0);
    assert_int_equal(taken_after(-Parcels::kMostTime), 0);  // the clock was set back
}

// --- room ----------------------------------------------------------------------------------------

struct Filled {
    std::size_t bytes = 0;
    bool one_more = false;
    int harmed = 0;
    bool room_again = false;
};

Filled fill_up(std::size_t size) {
    Shelf shelf;
    Filled seen;
    std::uint64_t count = 0;
    while (shelf.put(count, size)) {
        ++count;
    }
    seen.bytes = count * size;
    seen.one_more = shelf.put(count, size);
    for (std::uint64_t i = 1; i < count; ++i) {
        seen.harmed += shelf.take(i, size) == 1 ? 0 : 1;
    }
    seen.room_again = shelf.put(count, size);
    return seen;
}

void a_full_shelf_takes_no_more_and_gives_up_none(void**) {
    const std::size_t capacity = Parcels::capacity(4 * kMegabyte);
    assert_true(capacity > 38 * kMegabyte / 10);
    for (const std::size_t size : {std::size_t{4096}, std::size_t{40 * 1024}, kMegabyte}) {
        const Filled seen = fill_up(size);
        assert_true(seen.bytes + size > capacity);
        assert_false(seen.one_more);
        assert_int_equal(seen.harmed, 0);
        assert_true(seen.room_again);
    }
}

bool over_capacity() {
    Shelf shelf;
    const std::size_t most = Parcels::capacity(4 * kMegabyte);
    return shelf.put(1, most + 1) || !shelf.put(1, most) || shelf.take(1, most) != 1;
}

void what_is_larger_than_all_of_it_is_refused(void**) {
    assert_false(over_capacity());
}

struct Crowd {
    std::size_t of_one = 0;  // blocks that one source got
    bool others = false;
    bool large_first = false;
    bool after_large = true;
};

Crowd one_that_wants_all() {
    Crowd seen;
    Shelf shelf;
    while (shelf.put(seen.of_one, 4096, 7)) {
        ++seen.of_one;
    }
    seen.others = shelf.put(5000, 4096, 8);
    Shelf other;
    seen.large_first = other.put(1, 2 * kMegabyte, 7);
    seen.after_large = other.put(2, 1, 7);
    return seen;
}

void nobody_takes_more_than_a_share(void**) {
    const Crowd seen = one_that_wants_all();
    const std::size_t blocks = Parcels::capacity(4 * kMegabyte) / 4096;
    assert_int_equal(seen.of_one, blocks / 4);
    assert_true(seen.others);
    assert_true(seen.large_first);
    assert_false(seen.after_large);
}

bool room_after_time() {
    Shelf shelf;
    std::uint64_t count = 0;
    while (shelf.put(count, kMegabyte)) {
        ++count;
    }
    return shelf.put(count, kMegabyte, 0, kNow + kWait);
}

void what_is_over_makes_room(void**) {
    assert_true(room_after_time());
}

bool too_small() {
    std::vector<std::byte> memory(Parcels::kMinimumSize - 1);
    return Parcels::format(memory) || Parcels::capacity(memory.size()) != 0;
}

bool of_another_layout() {
    Shelf shelf(kMegabyte);
    const auto memory = shelf.memory.bytes();
    return !shelf.formatted || !Parcels::is_formatted(memory) ||
           Parcels::is_formatted(memory.first(memory.size() - 4096)) ||
           (memory[8] = std::byte{99}, Parcels::is_formatted(memory));
}

void only_a_formatted_zone_is_one(void**) {
    assert_false(too_small());
    assert_false(of_another_layout());
}

// --- damage --------------------------------------------------------------------------------------

struct Damage {
    int wrong = 0;   // something else than was put: the seal is there for changed content
    int harmed = 0;  // others
    int stuck = 0;
};

// Flips each byte of the slots and links, one after the other.
Damage flip_every_byte() {
    Damage seen;
    Shelf shelf(Parcels::kMinimumSize);
    const auto memory = shelf.memory.bytes();
    const parcel::Layout layout(memory.size());
    for (std::size_t at = sizeof(parcel::Header); at < layout.block_offset(); ++at) {
        Parcels::format(memory);
        shelf.put(1, 9000);
        memory[at] ^= std::byte{0x41};
        seen.wrong += shelf.take(1, 9000) < 0 ? 1 : 0;
        seen.stuck += shelf.put(3, 9000) && shelf.take(3, 9000) == 1 ? 0 : 1;
    }
    return seen;
}

void a_damaged_parcel_is_none_and_the_shelf_goes_on(void**) {
    const Damage seen = flip_every_byte();
    assert_int_equal(seen.wrong, 0);
    assert_int_equal(seen.stuck, 0);
}

Damage ruin(unsigned seed) {
    std::mt19937_64 random(seed);
    Damage seen;
    Shelf shelf(kMegabyte);
    const auto memory = shelf.memory.bytes();
    const parcel::Layout layout(memory.size());
    for (std::uint64_t i = 0; i < 10; ++i) {
        shelf.put(i, 9000);
    }
    for (int i = 0; i < 5000; ++i) {
        memory[sizeof(parcel::Header) +
               random() % (layout.block_offset() - sizeof(parcel::Header))] =
            static_cast<std::byte>(random());
    }
    for (std::uint64_t i = 0; i < 10; ++i) {
        seen.wrong += shelf.take(i, 9000) < 0 ? 1 : 0;
    }
    seen.stuck = shelf.put(100, 90000) && shelf.take(100, 90000) == 1 ? 0 : 1;
    return seen;
}

void a_ruined_shelf_gives_nothing_wrong(void**) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const Damage seen = ruin(seed);
        assert_int_equal(seen.wrong, 0);
        assert_int_equal(seen.stuck, 0);
    }
}

// --- killed workers ------------------------------------------------------------------------------

constexpr std::uint64_t kBystanders = 10;

[[noreturn]] void work_for_ever(Shelf& shelf, unsigned seed) {
    std::minstd_rand random(seed);
    for (;;) {
        const std::uint64_t number = 100 + random() % 10;
        shelf.put(number, number * 300);
        shelf.take(100 + random() % 10, 1);
    }
}

struct Killed {
    int in_the_mutex = 0;
    int wrong = 0;
    int lost_room = 0;
};

// A sample may miss the moments that matter: it goes on until it has met enough of them.
constexpr int kEnough = 5;

Killed kill_workers(unsigned times) {
    std::mt19937 random(20);
    Shelf shelf(2 * kMegabyte);
    Killed seen;
    for (std::uint64_t i = 0; i < kBystanders; ++i) {
        shelf.put(i, 20'000);
    }
    for (unsigned i = 0; i < times || (shelf.mutex.inherited < kEnough && i < 20 * times); ++i) {
        const pid_t worker = ::fork();
        if (worker == 0) {
            work_for_ever(shelf, i + 1);
        }
        const timespec moment{0, static_cast<long>(random() % 1'000'000 + 200'000)};
        ::nanosleep(&moment, nullptr);
        ::kill(worker, SIGKILL);
        ::waitpid(worker, nullptr, 0);
        // Takes the mutex over, and what the worker has left. It puts a number more than once.
        for (std::uint64_t number = 100; number < 110; ++number) {
            for (int taken = 1; taken != 0; seen.wrong += taken < 0 ? 1 : 0) {
                taken = shelf.take(number, number * 300);
            }
        }
    }
    seen.in_the_mutex = shelf.mutex.inherited;
    for (std::uint64_t i = 0; i < kBystanders; ++i) {
        seen.wrong += shelf.take(i, 20'000) == 1 ? 0 : 1;
    }
    const std::size_t most = Parcels::capacity(2 * kMegabyte);
    seen.lost_room = shelf.put(500, most) && shelf.take(500, most) == 1 ? 0 : 1;
    return seen;
}

void a_killed_worker_spoils_nothing_and_costs_no_room(void**) {
    const Killed seen = kill_workers(200);
    assert_true(seen.in_the_mutex >= kEnough);
    assert_int_equal(seen.wrong, 0);
    assert_int_equal(seen.lost_room, 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_size_comes_back_as_it_was),
        cmocka_unit_test(a_parcel_is_taken_once_and_by_its_key),
        cmocka_unit_test(of_many_that_want_it_one_gets_it),
        cmocka_unit_test(a_parcel_waits_until_its_time_and_no_longer),
        cmocka_unit_test(a_full_shelf_takes_no_more_and_gives_up_none),
        cmocka_unit_test(what_is_larger_than_all_of_it_is_refused),
        cmocka_unit_test(nobody_takes_more_than_a_share),
        cmocka_unit_test(what_is_over_makes_room),
        cmocka_unit_test(only_a_formatted_zone_is_one),
        cmocka_unit_test(a_damaged_parcel_is_none_and_the_shelf_goes_on),
        cmocka_unit_test(a_ruined_shelf_gives_nothing_wrong),
        cmocka_unit_test(a_killed_worker_spoils_nothing_and_costs_no_room),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
