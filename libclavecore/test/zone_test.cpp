// What a citizen, an operator and an attacker see of the store in shared memory.
#include "cmocka_cpp.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "seen.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr Seconds kSecond{1};

// --- records -------------------------------------------------------------------------------------

bool lives_and_ends() {
    Fixture f;
    Trace seen;
    seen << f.find(1) << f.put(1) << f.find(1) << f.find(2);
    seen << f.put(1, kNow, 300) << f.find(1, kNow, 300);  // written again
    seen << f.erase(1) << f.find(1) << f.erase(1);
    return same(seen, "011011101");
}

void record_lives_until_it_is_erased(void**) {
    assert_true(lives_and_ends());
}

int lengths_that_do_not_come_back() {
    int wrong = 0;
    Fixture f;
    for (const std::size_t size :
         {0U, 1U, 423U, 424U, 425U, 848U, 849U, 3816U, 3817U, 4095U, 4096U}) {
        wrong += f.put(7, kNow, size) && f.find(7, kNow, size) == 1 ? 0 : 1;
    }
    wrong += f.put(7, kNow, 4097) ? 1 : 0;        // refused
    wrong += f.find(7, kNow, 4096) == 1 ? 0 : 1;  // and the one before is still there
    return wrong;
}

void records_of_all_lengths_come_back(void**) {
    assert_int_equal(lengths_that_do_not_come_back(), 0);
}

int long_records_lost_after_many_rounds() {
    Fixture f;
    int lost = 0;
    for (std::uint64_t round = 0; round < 200; ++round) {  // 2000 slots, where there are 448
        lost += f.put(round, kNow, 4096) && f.find(round, kNow, 4096) == 1 ? 0 : 1;
        f.erase(round);
    }
    return lost + static_cast<int>(f.zone.counters().evicted);
}

void erased_records_give_all_their_slots_back(void**) {
    assert_int_equal(long_records_lost_after_many_rounds(), 0);
}

// Those who are in, as an operator sees it: neither who has left, nor outcomes that wait.
Seen counted_sessions() {
    Fixture f;
    const auto count = [&](Time now) { return std::to_string(f.zone.census(now).live) + " "; };
    std::string seen = count(kNow);
    for (std::uint64_t number = 0; number < 30; ++number) {
        f.put(number, kNow, number < 10 ? 2000 : 200);
    }
    f.keep(77, kNow + kSecond * 60);
    seen += count(kNow);
    f.erase(3);
    f.erase(20);
    seen += count(kNow) + count(kNow + kIdle);
    return seen + (f.zone.census(kNow).estimated ? "estimated" : "exact");
}

void sessions_are_counted(void**) {
    assert_string_equal(counted_sessions().c_str(), "0 30 28 0 exact");
}

// 128 MiB hold three times as many slots as are looked at.
bool counts_roughly() {
    Fixture f(std::size_t{128} * 1024 * 1024);
    for (std::uint64_t number = 0; number < 20000; ++number) {
        f.put(number);
    }
    const ZoneCensus census = f.zone.census(kNow);
    return census.estimated && census.live > 19000 && census.live < 21000;
}

void many_sessions_are_estimated(void**) {
    assert_true(counts_roughly());
}

bool personal_data_remains(bool by_erasing) {
    Fixture f;
    const std::string_view name = "Ana Garcia Lopez";
    const auto bytes = std::as_bytes(std::span(name.data(), name.size()));
    const bool put = run(f.zone.put(key_of(1), bytes, {kNow + kAbsolute, kIdle}, kNow)).has_value();
    if (by_erasing) {
        f.erase(1);
    } else {
        f.find(1, kNow + kAbsolute);
    }
    const auto memory = f.memory.bytes();
    return !put ||
           std::search(memory.begin(), memory.end(), bytes.begin(), bytes.end()) != memory.end();
}

void what_is_over_leaves_no_personal_data(void**) {
    assert_false(personal_data_remains(true));
    assert_false(personal_data_remains(false));
}

bool stepped_up() {
    Fixture f;
    Trace seen;
    seen << f.put(1) << f.put(2, kNow, 200, kIdle, kAbsolute, 1) << f.find(1) << f.find(2);
    seen << f.put(2, kNow, 200, kIdle, kAbsolute, 2) << f.find(2);  // not ended by itself
    return same(seen, "110111");
}

void replaced_session_ends_in_the_same_step(void**) {
    assert_true(stepped_up());
}

// --- outcomes ------------------------------------------------------------------------------------

bool outcomes() {
    Fixture f;
    Trace seen;
    seen << f.keep(1, kNow + Seconds{60}) << f.find(1, kNow, 600);  // no session
    seen << f.take(1) << f.take(1);
    f.keep(2, kNow + Seconds{60});
    f.keep(3, kNow + Seconds{60});
    seen << f.take(2, kNow + Seconds{59}) << f.take(3, kNow + Seconds{60});
    f.put(4, kNow, 600);
    seen << f.take(4) << f.find(4, kNow, 600);  // a session is no outcome
    seen << f.keep(5, kNow);                    // over before it begins: refused
    return same(seen, "101010010");
}

void outcome_is_taken_once_and_in_time(void**) {
    assert_true(outcomes());
}

struct Contest {
    int rounds_won_once = 0;
    int marks_first_once = 0;
};

Contest contest_of_8_threads(int rounds) {
    Fixture f;
    Contest contest;
    for (int round = 0; round < rounds; ++round) {
        const auto number = static_cast<std::uint64_t>(round);
        f.keep(number, kNow + Seconds{60});
        std::atomic<int> takers{0};
        std::atomic<int> markers{0};
        std::atomic<int> ready{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                ++ready;
                while (ready < 8) {
                    std::this_thread::yield();
                }
                takers += f.take(number) == 1 ? 1 : 0;
                markers += f.mark(number, kNow + Seconds{60}) == 1 ? 1 : 0;
            });
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        contest.rounds_won_once += takers == 1 ? 1 : 0;
        contest.marks_first_once += markers == 1 ? 1 : 0;
    }
    return contest;
}

void exactly_one_of_8_threads_takes_and_marks(void**) {
    const Contest contest = contest_of_8_threads(100);
    assert_int_equal(contest.rounds_won_once, 100);
    assert_int_equal(contest.marks_first_once, 100);
}

// --- marks ---------------------------------------------------------------------------------------

bool marks() {
    Fixture f;
    Trace seen;
    const Time until = kNow + Seconds{300};
    seen << f.mark(1, until) << f.mark(1, until) << f.mark(1, until, until - kSecond);
    seen << f.mark(2, until) << f.mark(1, until + Seconds{300}, until);  // over, so new
    seen << f.mark(3, kNow);                                             // protects nothing
    return same(seen, "10011!");
}

void mark_is_first_once_until_it_is_over(void**) {
    assert_true(marks());
}

struct FullMarks {
    std::uint64_t before_full = 0;
    std::uint64_t forgotten = 0;
    int when_over = 0;
    int warnings = 0;
    int sessions = 0;
};

FullMarks fill_with_marks() {
    Fixture f;
    FullMarks seen;
    f.put(1);
    const Time until = kNow + Seconds{300};
    while (f.mark(seen.before_full, until) == 1) {
        ++seen.before_full;
    }
    for (std::uint64_t i = 0; i < 1000; ++i) {  // more of them in the same second: one warning
        f.mark(100'000 + i, until);
    }
    for (std::uint64_t i = 0; i < seen.before_full; ++i) {
        seen.forgotten += f.mark(i, until, until - kSecond) == 0 ? 0 : 1;
    }
    seen.when_over = f.mark(seen.before_full, until + Seconds{300}, until);
    seen.warnings = f.lines.warnings;
    seen.sessions = f.find(1);
    return seen;
}

void full_store_of_marks_refuses_and_forgets_none(void**) {
    const FullMarks seen = fill_with_marks();
    assert_true(seen.before_full >= Zone::capacity(Zone::kMinimumSize).marks);
    assert_int_equal(seen.forgotten, 0);
    assert_int_equal(seen.when_over, 1);
    assert_int_equal(seen.warnings, 1);
    assert_int_equal(seen.sessions, 1);
}

// --- capacity ------------------------------------------------------------------------------------

struct Filled {
    std::uint64_t evicted = 0;
    std::uint64_t missing = 0;
};

Filled fill_to_capacity(std::size_t size, bool with_churn) {
    Fixture f(size);
    const std::uint64_t sessions = Zone::capacity(size).sessions;
    for (std::uint64_t i = 0; i < sessions; ++i) {
        f.put(i);
    }
    // As in a day: each new session comes when one has ended, by idling or by logging out.
    std::uint64_t first = 0;
    for (; with_churn && first < sessions * 2; ++first) {
        f.erase(first);
        f.put(first + sessions);
    }
    Filled filled;
    filled.evicted = f.zone.counters().evicted;
    for (std::uint64_t i = first; i < first + sessions; ++i) {
        filled.missing += f.find(i) == 1 ? 0 : 1;
    }
    return filled;
}

void capacity_is_what_is_promised(void**) {
    for (const std::size_t size : {Zone::kMinimumSize, std::size_t{1} << 20U}) {
        const Filled filled = fill_to_capacity(size, true);
        assert_int_equal(filled.evicted, 0);
        assert_int_equal(filled.missing, 0);
    }
    const std::size_t size = std::size_t{16} << 20U;
    const Filled filled = fill_to_capacity(size, false);
    assert_int_equal(filled.evicted, 0);
    assert_int_equal(filled.missing, 0);
    const ZoneCapacity capacity = Zone::capacity(size);
    assert_true(size / capacity.sessions <= 596);
    assert_true(capacity.marks >= capacity.sessions);
    assert_int_equal(Zone::capacity(Zone::kMinimumSize - 1).sessions, 0);
    assert_int_equal(Zone::capacity(Zone::kMinimumSize - 1).marks, 0);
}

std::uint64_t long_records_lost(std::size_t size) {
    Fixture f(size);
    const std::uint64_t records = Zone::capacity(size).long_records;
    for (std::uint64_t i = 0; i < records; ++i) {
        f.put(i, kNow, Zone::kMaxRecord);
    }
    std::uint64_t lost = f.zone.counters().evicted;
    for (std::uint64_t i = 0; i < records; ++i) {
        lost += f.find(i, kNow, Zone::kMaxRecord) == 1 ? 0 : 1;
    }
    return lost;
}

void capacity_for_long_records_too(void**) {
    assert_int_equal(long_records_lost(Zone::kMinimumSize), 0);
    assert_int_equal(long_records_lost(std::size_t{16} << 20U), 0);
}

struct Eviction {
    std::uint64_t used_lost = 0;
    std::uint64_t unused_lost = 0;
    std::uint64_t new_lost = 0;
    std::uint64_t evicted = 0;
    int warnings_at_once = 0;
    int warnings_later = 0;
};

Eviction overfill(std::size_t record) {
    Fixture f;
    Eviction seen;
    const std::uint64_t half = Zone::capacity(Zone::kMinimumSize).sessions / 2;
    const Time later = kNow + Seconds{120};
    for (std::uint64_t i = 0; i < 2 * half; ++i) {
        f.put(i, kNow);
    }
    for (std::uint64_t i = 0; i < half; ++i) {
        f.find(i, later);
    }
    const std::uint64_t more = record > 424 ? 10 : 150;
    for (std::uint64_t i = 0; i < more; ++i) {
        f.put(1000 + i, later + kSecond, record);
    }
    seen.warnings_at_once = f.lines.warnings;
    seen.evicted = f.zone.counters().evicted;
    for (std::uint64_t i = 0; i < half; ++i) {
        seen.used_lost += f.find(i, later + kSecond) == 1 ? 0 : 1;
        seen.unused_lost += f.find(half + i, later + kSecond) == 1 ? 0 : 1;
    }
    for (std::uint64_t i = 0; i < more; ++i) {
        seen.new_lost += f.find(1000 + i, later + kSecond, record) == 1 ? 0 : 1;
    }
    for (std::uint64_t i = 0; i < 60; ++i) {
        f.put(2000 + i, later + Seconds{61});
    }
    seen.warnings_later = f.lines.warnings;
    return seen;
}

void least_recently_used_session_goes_first(void**) {
    for (const std::size_t record : {200U, 3000U}) {
        const Eviction seen = overfill(record);
        assert_int_equal(seen.used_lost, 0);
        assert_int_equal(seen.new_lost, 0);
        assert_true(seen.evicted > 0);
        assert_int_equal(seen.unused_lost, seen.evicted);  // none without being counted
        assert_int_equal(seen.warnings_at_once, 1);
        assert_int_equal(seen.warnings_later, 2);
    }
}

int long_record_in_a_zone_full_of_this_second() {
    Fixture f;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        f.put(i);
    }
    return f.put(5000, kNow, Zone::kMaxRecord) ? f.find(5000, kNow, Zone::kMaxRecord) : 0;
}

void long_record_does_not_evict_its_own_parts(void**) {
    assert_int_equal(long_record_in_a_zone_full_of_this_second(), 1);
}

struct Reuse {
    std::uint64_t evicted = 0;
    std::uint64_t lost = 0;
};

Reuse refill_after_the_end_of_all(bool by_idling) {
    Fixture f;
    Reuse seen;
    const std::uint64_t sessions = Zone::capacity(Zone::kMinimumSize).sessions;
    Time now = kNow;
    for (std::uint64_t round = 0; round < 5; ++round) {
        for (std::uint64_t i = 0; i < sessions; ++i) {
            f.put(round * sessions + i, now, 200, by_idling ? kIdle : Seconds{0}, kIdle);
        }
        now += kIdle;
    }
    seen.evicted = f.zone.counters().evicted;
    for (std::uint64_t i = 0; i < sessions; ++i) {
        seen.lost += f.find(4 * sessions + i, now - kSecond) == 1 ? 0 : 1;
    }
    return seen;
}

void ended_sessions_make_room_before_live_ones(void**) {
    for (const bool by_idling : {false, true}) {
        const Reuse seen = refill_after_the_end_of_all(by_idling);
        assert_int_equal(seen.evicted, 0);
        assert_int_equal(seen.lost, 0);
    }
}

// --- format --------------------------------------------------------------------------------------

bool survives_a_reload() {
    Fixture f;
    f.put(1);
    f.put(2, kNow, 2000);
    const SharedMemory elsewhere(Zone::kMinimumSize);
    std::copy(f.memory.bytes().begin(), f.memory.bytes().end(), elsewhere.bytes().begin());
    Zone reloaded(elsewhere.bytes(), f.mutex, f.lines);
    RecordBytes out;
    const auto key = f.zone.master_key();
    return Zone::is_formatted(elsewhere.bytes()) &&
           reloaded.find(key_of(1), kNow, out) == Lookup::hit &&
           reloaded.find(key_of(2), kNow, out) == Lookup::hit &&
           equal_in_constant_time(key.reveal(), reloaded.master_key().reveal()) &&
           !equal_in_constant_time(key.reveal(), MasterKey().reveal());
}

void zone_survives_a_reload_at_another_address(void**) {
    assert_true(survives_a_reload());
}

bool format_works(std::size_t size, std::size_t offset, bool with_randomness) {
    const SharedMemory memory(size + offset + 1);
    CountingRandom random;
    random.works = with_randomness;
    const auto bytes = memory.bytes().subspan(offset, size);
    const bool formatted = Zone::format(bytes, random);
    return formatted == Zone::is_formatted(bytes) ? formatted : throw std::bad_alloc();
}

void format_needs_room_alignment_and_randomness(void**) {
    assert_true(format_works(Zone::kMinimumSize, 0, true));
    assert_true(format_works(Zone::kMinimumSize + 12345, 64, true));
    assert_false(format_works(Zone::kMinimumSize - 1, 0, true));
    assert_false(format_works(0, 0, true));
    assert_false(format_works(Zone::kMinimumSize, 3, true));
    assert_false(format_works(Zone::kMinimumSize, 0, false));
}

bool recognises_as_other(std::size_t byte_of_the_header) {
    const Fixture f;
    f.memory.bytes()[byte_of_the_header] ^= std::byte{0x40};
    return !Zone::is_formatted(f.memory.bytes());
}

void zone_of_another_version_or_size_is_not_taken(void**) {
    // magic, version, size, master key, checksum
    for (std::size_t byte = 0; byte < 64; ++byte) {
        assert_true(recognises_as_other(byte));
    }
    const Fixture f(2 * Zone::kMinimumSize);
    const auto bytes = f.memory.bytes();
    const bool whole = Zone::is_formatted(bytes);
    const bool half = Zone::is_formatted(bytes.first(Zone::kMinimumSize));
    const bool none = Zone::is_formatted(bytes.first(0));
    assert_true(whole);
    assert_false(half);
    assert_false(none);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(record_lives_until_it_is_erased),
        cmocka_unit_test(records_of_all_lengths_come_back),
        cmocka_unit_test(erased_records_give_all_their_slots_back),
        cmocka_unit_test(sessions_are_counted),
        cmocka_unit_test(many_sessions_are_estimated),
        cmocka_unit_test(what_is_over_leaves_no_personal_data),
        cmocka_unit_test(replaced_session_ends_in_the_same_step),
        cmocka_unit_test(outcome_is_taken_once_and_in_time),
        cmocka_unit_test(exactly_one_of_8_threads_takes_and_marks),
        cmocka_unit_test(mark_is_first_once_until_it_is_over),
        cmocka_unit_test(full_store_of_marks_refuses_and_forgets_none),
        cmocka_unit_test(capacity_is_what_is_promised),
        cmocka_unit_test(capacity_for_long_records_too),
        cmocka_unit_test(least_recently_used_session_goes_first),
        cmocka_unit_test(long_record_does_not_evict_its_own_parts),
        cmocka_unit_test(ended_sessions_make_room_before_live_ones),
        cmocka_unit_test(zone_survives_a_reload_at_another_address),
        cmocka_unit_test(format_needs_room_alignment_and_randomness),
        cmocka_unit_test(zone_of_another_version_or_size_is_not_taken),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
