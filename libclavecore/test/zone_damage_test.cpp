// What must not happen to other sessions, whatever happens to one (checklist H-30): a worker killed
// at any instruction of a change, and memory that is not what it was.
#include "cmocka_cpp.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "store/zone_layout.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::uint64_t kBystanders = 150;

void admit_bystanders(Fixture& f) {
    for (std::uint64_t i = 0; i < kBystanders; ++i) {
        f.put(i, kNow, 100 + i * 5);  // some of two and three slots
    }
}

// Those that are missing or, worse, not themselves.
int harmed_bystanders(Fixture& f) {
    int harmed = 0;
    for (std::uint64_t i = 0; i < kBystanders; ++i) {
        harmed += f.find(i, kNow, 100 + i * 5) == 1 ? 0 : 1;
    }
    return harmed;
}

// --- damage --------------------------------------------------------------------------------------

std::size_t offset_of_slot(const Fixture& f, std::uint64_t number) {
    const Digest key = key_of(number);
    const auto memory = f.memory.bytes();
    const auto found = std::search(memory.begin(), memory.end(), key.begin(), key.end());
    return static_cast<std::size_t>(found - memory.begin()) - offsetof(zone::Slot, key);
}

struct Flips {
    int not_a_miss = 0;
    int harmed = 0;
    std::uint64_t discarded = 0;
};

Flips flip_every_byte_of_a_slot(std::byte bits) {
    Fixture f;
    Flips seen;
    admit_bystanders(f);
    for (std::size_t byte = 0; byte < zone::kSlotSize; ++byte) {
        f.put(1000);
        f.memory.bytes()[offset_of_slot(f, 1000) + byte] ^= bits;
        seen.not_a_miss += f.find(1000) == 0 ? 0 : 1;
    }
    seen.harmed = harmed_bystanders(f);
    seen.discarded = f.zone.counters().discarded;
    return seen;
}

void any_byte_changed_in_a_slot_is_a_miss_for_that_one(void**) {
    for (const std::byte bits : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
        const Flips seen = flip_every_byte_of_a_slot(bits);
        assert_int_equal(seen.not_a_miss, 0);
        assert_int_equal(seen.harmed, 0);
        assert_int_equal(seen.discarded, zone::kSlotSize);
    }
}

// A record of three slots, one of which is of an older record of the same key, or gone.
bool mixes_generations(bool gone) {
    Fixture f;
    f.put(1, kNow, 1000);
    const std::vector<std::byte> before(f.memory.bytes().begin(), f.memory.bytes().end());
    f.put(1, kNow, 1001);
    const zone::Layout layout(before.size());
    const auto slots =
        zone::region<zone::Slot>(f.memory.bytes(), layout.slot_offset(), layout.slots());
    std::vector<std::byte> older(before);
    const auto old = zone::region<zone::Slot>(older, layout.slot_offset(), layout.slots());
    for (std::size_t i = 0; i < slots.size(); ++i) {
        if (slots[i].key == key_of(1) && slots[i].part == 1) {
            slots[i] = gone ? zone::Slot{} : old[i];
        }
    }
    return f.find(1, kNow, 1001) != 0 || f.zone.counters().discarded == 0;
}

void record_with_a_part_of_another_is_a_miss(void**) {
    assert_false(mixes_generations(false));
    assert_false(mixes_generations(true));
}

struct Ruin {
    int wrong = 0;
    int unusable = 0;
};

Ruin ruin_everything_but_the_header(unsigned seed) {
    std::mt19937_64 random(seed);
    Fixture f;
    Ruin seen;
    admit_bystanders(f);
    const auto ruined = f.memory.bytes().subspan(512);
    for (int i = 0; i < 20'000; ++i) {
        ruined[random() % ruined.size()] = static_cast<std::byte>(random());
    }
    for (std::uint64_t i = 0; i < kBystanders; ++i) {
        seen.wrong += f.find(i, kNow, 100 + i * 5) < 0 ? 1 : 0;
    }
    for (std::uint64_t i = 0; i < 100; ++i) {
        seen.unusable += f.put(5000 + i) && f.find(5000 + i) == 1 ? 0 : 1;
        seen.unusable += f.keep(6000 + i, kNow + Seconds{60}) && f.take(6000 + i) == 1 ? 0 : 1;
        f.mark(7000 + i, kNow + Seconds{60});  // may be refused, for ruined marks are for ever
    }
    return seen;
}

void ruined_zone_gives_no_wrong_record_and_goes_on(void**) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const Ruin seen = ruin_everything_but_the_header(seed);
        assert_int_equal(seen.wrong, 0);
        assert_int_equal(seen.unusable, 0);
    }
}

// --- killed workers ------------------------------------------------------------------------------

// The work of a busy process, until it is killed. Records of its sessions are of two sizes.
constexpr std::uint64_t kBusy = 1000;
constexpr std::size_t kShort = 300;
constexpr std::size_t kLong = 1500;

// Four persons have five sessions each, or as many as they may.
constexpr std::size_t kLimit = 4;
constexpr std::uint64_t person_with(std::uint64_t number) {
    return kBusy + number % 4;
}

[[noreturn]] void work_for_ever(Fixture& f, unsigned seed) {
    std::minstd_rand random(seed);
    for (;;) {
        const std::uint64_t number = kBusy + random() % 20;
        const std::uint64_t person = person_with(number);
        switch (random() % 7) {
            case 0:
                f.put_of(person, number, kNow, kLimit, kShort);
                break;
            case 1:
                f.put_of(person, number, kNow, kLimit, kLong);
                break;
            case 2:
                f.put(number, kNow, kShort, kIdle, kAbsolute, kBusy + random() % 20, person,
                      kLimit);
                break;
            case 6:
                f.end_all(person);
                break;
            case 3:
                f.keep(number, kNow + Seconds{60});
                break;
            case 4:
                f.take(number);
                break;
            default:
                f.erase(number);
                break;
        }
        f.mark(random() % 100, kNow + Seconds{60});
    }
}

struct Killed {
    int in_the_mutex = 0;
    int harmed = 0;
    int mixed = 0;
    int indexed_wrongly = 0;
    std::uint64_t evicted = 0;
    std::uint64_t discarded = 0;
};

int mixed_records(Fixture& f) {
    int mixed = 0;
    for (std::uint64_t i = kBusy; i < kBusy + 20; ++i) {
        // Each is the short record, the long one, or none.
        mixed += f.find(i, kNow, kShort) < 0 && f.find(i, kNow, kLong) < 0 ? 1 : 0;
    }
    return mixed;
}

// Living sessions that their owner's index lacks, sessions in it that are not the owner's or twice
// there, and owners with more than they may have.
int indexed_wrongly(Fixture& f) {
    int wrong = 0;
    for (std::uint64_t person = kBusy; person < kBusy + 4; ++person) {
        std::vector<Digest> indexed = f.sessions_of(person);
        wrong += indexed.size() > kLimit ? 1 : 0;
        for (std::uint64_t i = kBusy; i < kBusy + 20; ++i) {
            const auto here = std::count(indexed.begin(), indexed.end(), key_of(i));
            const bool lives = f.find(i, kNow, kShort) != 0 && person_with(i) == person;
            wrong += here == (lives ? 1 : 0) ? 0 : 1;
        }
    }
    return wrong;
}

Killed kill_workers(unsigned times) {
    std::mt19937 random(20);
    Fixture f;
    Killed seen;
    admit_bystanders(f);
    for (unsigned i = 0; i < times; ++i) {
        const pid_t worker = ::fork();
        if (worker == 0) {
            work_for_ever(f, i + 1);
        }
        const timespec moment{0, static_cast<long>(random() % 1'000'000 + 200'000)};
        ::nanosleep(&moment, nullptr);
        ::kill(worker, SIGKILL);
        ::waitpid(worker, nullptr, 0);
        seen.mixed += mixed_records(f);
        seen.indexed_wrongly += indexed_wrongly(f);
        seen.harmed += i % 10 == 0 ? harmed_bystanders(f) : 0;
    }
    seen.harmed += harmed_bystanders(f);
    seen.in_the_mutex = f.mutex.inherited;
    seen.evicted = f.zone.counters().evicted;
    seen.discarded = f.zone.counters().discarded;
    return seen;
}

// CLAVE_KILLS=10000 for the full count; a sample otherwise.
unsigned number_of_kills() {
    const char* kills = std::getenv("CLAVE_KILLS");
    return kills == nullptr ? 200 : static_cast<unsigned>(std::strtoul(kills, nullptr, 10));
}

void killed_worker_harms_no_other_session(void**) {
    const Killed seen = kill_workers(number_of_kills());
    print_message("killed %u times, %d of them holding the mutex\n", number_of_kills(),
                  seen.in_the_mutex);
    assert_true(seen.in_the_mutex > 0);
    assert_int_equal(seen.harmed, 0);
    assert_int_equal(seen.mixed, 0);
    assert_int_equal(seen.indexed_wrongly, 0);
    assert_int_equal(seen.evicted, 0);
    assert_int_equal(seen.discarded, 0);  // the order of the stores is enough
}

// One change, stopped after every instruction: what others would find had it been killed there.
enum class Change {
    put_new,
    put_again,
    put_evicting,
    put_over_limit,
    step_up,
    erase,
    end_all,
    take,
    mark
};

void prepare(Fixture& f, Change change) {
    if (change == Change::put_evicting) {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            f.put(10'000 + i, kNow - Seconds{300}, kShort);
        }
    }
    admit_bystanders(f);
    for (std::uint64_t i = 0; i < kLimit; ++i) {
        f.put_of(person_with(kBusy), kBusy + 4 * i, kNow, kLimit, kLong);
    }
    f.keep(kBusy, kNow + Seconds{60});
    f.mark(0, kNow + Seconds{60});
}

void carry_out(Fixture& f, Change change) {
    switch (change) {
        case Change::put_new:
            f.put_of(person_with(kBusy + 1), kBusy + 1, kNow, kLimit, kLong);
            break;
        case Change::put_again:
            f.put_of(person_with(kBusy), kBusy, kNow, kLimit, kShort);
            break;
        case Change::put_evicting:
            f.put_of(person_with(kBusy + 1), kBusy + 1, kNow, kLimit, kShort);
            break;
        case Change::put_over_limit:
            f.put_of(person_with(kBusy), kBusy + 4 * kLimit, kNow, kLimit, kShort);
            break;
        case Change::step_up:
            f.put(kBusy + 4 * kLimit, kNow, kShort, kIdle, kAbsolute, kBusy, person_with(kBusy),
                  kLimit);
            break;
        case Change::end_all:
            f.end_all(person_with(kBusy));
            break;
        case Change::erase:
            f.erase(kBusy);
            break;
        case Change::take:
            f.take(kBusy);
            break;
        case Change::mark:
            f.mark(1, kNow + Seconds{60});
            break;
    }
}

struct Steps {
    long instructions = 0;
    long states = 0;
    int harmed = 0;
    int mixed = 0;
    int indexed_wrongly = 0;
    std::uint64_t discarded = 0;
};

// The zone as it is at this instant, looked at by somebody else.
void look_at(const Fixture& changing, Fixture& other, Steps& steps) {
    const auto now = changing.memory.bytes();
    std::copy(now.begin(), now.end(), other.memory.bytes().begin());
    ++steps.states;
    steps.harmed += harmed_bystanders(other);
    steps.harmed += other.mark(0, kNow + Seconds{60}) == 0 ? 0 : 1;
    steps.mixed += mixed_records(other);
    steps.indexed_wrongly += indexed_wrongly(other);
    steps.discarded = std::max(steps.discarded, other.zone.counters().discarded);
}

Steps step_through(Change change) {
    Fixture f;
    Fixture other;
    Steps steps;
    prepare(f, change);
    const pid_t worker = ::fork();
    if (worker == 0) {
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
            ::_exit(1);
        }
        ::raise(SIGSTOP);
        carry_out(f, change);
        ::_exit(0);
    }
    std::vector<std::byte> last(f.memory.bytes().begin(), f.memory.bytes().end());
    int status = 0;
    while (::waitpid(worker, &status, 0) == worker && WIFSTOPPED(status)) {
        const auto now = f.memory.bytes();
        if (std::memcmp(last.data(), now.data(), now.size()) != 0) {
            std::copy(now.begin(), now.end(), last.begin());
            look_at(f, other, steps);
        }
        ++steps.instructions;
        if (::ptrace(PTRACE_SINGLESTEP, worker, nullptr, nullptr) != 0) {
            ::kill(worker, SIGKILL);
        }
    }
    return steps;
}

void change_stopped_at_any_instruction_harms_no_other_session(void**) {
    for (const Change change :
         {Change::put_new, Change::put_again, Change::put_evicting, Change::put_over_limit,
          Change::step_up, Change::erase, Change::end_all, Change::take, Change::mark}) {
        const Steps seen = step_through(change);
        print_message("%ld instructions, %ld states\n", seen.instructions, seen.states);
        assert_true(seen.states > 1);
        assert_int_equal(seen.harmed, 0);
        assert_int_equal(seen.mixed, 0);
        assert_int_equal(seen.indexed_wrongly, 0);
        assert_int_equal(seen.discarded, 0);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(any_byte_changed_in_a_slot_is_a_miss_for_that_one),
        cmocka_unit_test(record_with_a_part_of_another_is_a_miss),
        cmocka_unit_test(ruined_zone_gives_no_wrong_record_and_goes_on),
        cmocka_unit_test(killed_worker_harms_no_other_session),
        cmocka_unit_test(change_stopped_at_any_instruction_harms_no_other_session),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
