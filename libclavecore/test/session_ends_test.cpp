// Sessions that end without anybody asking for it are told of: each once, with the reason, by
// whoever takes it away; those that somebody has ended are not.
#include "clave/session_end.h"

#include <string>
#include <vector>

#include "clave/session.h"
#include "cmocka_cpp.h"
#include "redis_fixture.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::uint64_t kAna = 1000;
constexpr std::uint64_t kBenito = 1001;
constexpr Seconds kLater = kIdle + Seconds{30};

// "3 idle+900": session 3, that many seconds after kNow, if it was before anybody noticed.
struct Witness final : SessionWitness {
    std::string seen;
    int wrong = 0;
    void session_ended(const UnaskedEnd& end) noexcept override {
        std::uint64_t number = 0;
        while (number < 10'000 && key_of(number) != end.key) {
            ++number;
        }
        seen += (seen.empty() ? "" : ", ") + std::to_string(number) + " ";
        seen += word(end.why);
        if (end.at) {
            seen += "+" + std::to_string((*end.at - kNow).count());
        }
        const auto record = record_of(number, size);
        const std::size_t known = end.record.size();
        wrong += known != std::min<std::size_t>(size, 424) ||
                         !std::equal(end.record.begin(), end.record.end(), record.begin())
                     ? 1
                     : 0;
    }
    std::size_t size = 200;

    std::string take() {
        const std::string told = seen.empty() ? "-" : seen;
        seen.clear();
        return wrong == 0 ? told : "another's record";
    }
};

// Two workers of one zone.
struct Workers : Fixture {
    Witness witness;
    Zone one{memory.bytes(), mutex, lines, &witness};
    Zone other{memory.bytes(), mutex, lines, &witness};

    void look(Zone& worker, std::uint64_t number, Time now) {
        RecordBytes out;
        static_cast<void>(worker.find(key_of(number), now, out));
    }
    void log_in(std::uint64_t person, std::uint64_t number, Time now = kNow,
                std::optional<std::uint64_t> replaces = {}, std::size_t limit = 10) {
        const Digest key = key_of(number);
        const Digest old = key_of(replaces.value_or(0));
        const auto record = record_of(number, witness.size);
        const SessionOwner owner{person_of(person), limit};
        static_cast<void>(run(one.put(key, record, {now + kAbsolute, kIdle}, now,
                                      replaces ? &old : nullptr, &owner)));
    }
};

Seen by_time() {
    Workers w;
    w.log_in(kAna, 1);
    w.look(w.one, 1, kNow + kLater);
    w.look(w.other, 1, kNow + kLater);
    std::string seen = w.witness.take();
    const auto record = record_of(2, 200);
    const Digest key = key_of(2);
    static_cast<void>(run(w.one.put(key, record, {kNow + Seconds{60}, kIdle}, kNow)));
    static_cast<void>(run(w.other.time_left(key, kNow + Seconds{61})));
    static_cast<void>(run(w.one.time_left(key, kNow + Seconds{61})));
    seen += "; " + w.witness.take();
    w.log_in(kAna, 3);
    static_cast<void>(run(w.other.sessions_of(person_of(kAna), kNow + kLater)));
    w.look(w.one, 3, kNow + kLater);
    return seen + "; " + w.witness.take();
}

void time_is_told_once(void**) {
    assert_string_equal(by_time().c_str(), "1 idle+900; 2 absolute+60; 3 idle+900");
}

Seen by_limit() {
    Workers w;
    for (std::uint64_t i = 1; i < 6; ++i) {
        w.log_in(kAna, i, kNow + Seconds{i}, {}, 3);
    }
    std::string seen = w.witness.take();
    // One of the three is over when the next comes.
    w.look(w.one, 4, kNow + Seconds{600});
    w.look(w.one, 5, kNow + Seconds{600});
    w.log_in(kAna, 6, kNow + Seconds{910}, {}, 3);
    return seen + "; " + w.witness.take();
}

void the_limit_is_told(void**) {
    assert_string_equal(by_limit().c_str(), "1 limit, 2 limit; 3 idle+903");
}

Seen asked_for() {
    Workers w;
    w.log_in(kAna, 1);
    w.log_in(kAna, 2, kNow, 1);
    static_cast<void>(run(w.one.erase(key_of(2))));
    w.log_in(kBenito, 3);
    static_cast<void>(run(w.other.end_all(person_of(kBenito), kNow)));
    for (std::uint64_t i = 1; i < 4; ++i) {
        w.look(w.one, i, kNow + kLater);
    }
    return w.witness.take();
}

void what_was_asked_for_is_not_told(void**) {
    assert_string_equal(asked_for().c_str(), "-");
}

// As many records as the zone has room for, and half as many again: what lives must go.
bool evictions() {
    Workers w;
    const std::size_t capacity = Zone::capacity(Zone::kMinimumSize).sessions;
    for (std::uint64_t i = 0; i < capacity * 3 / 2; ++i) {
        w.log_in(kAna + i, i);
    }
    const std::string told = w.witness.take();
    std::size_t count = 0;
    for (std::size_t at = told.find("evicted"); at != std::string::npos;
         at = told.find("evicted", at + 1)) {
        ++count;
    }
    return count > 0 && count == w.one.counters().evicted && told.find("idle") == std::string::npos;
}

void evictions_are_told(void**) {
    assert_true(evictions());
}

// Long records, over, whose parts are taken for new ones in any order.
Seen room() {
    Workers w;
    w.witness.size = 1500;
    for (std::uint64_t i = 0; i < 40; ++i) {
        w.log_in(kAna + i, i);
    }
    for (std::uint64_t i = 100; i < 700; ++i) {
        w.log_in(kAna + i, i, kNow + kLater);
    }
    const std::string told = w.witness.take();
    std::string seen;
    for (std::uint64_t i = 0; i < 40; ++i) {
        const std::string line = std::to_string(i) + " idle+900";
        const std::size_t at = told.find(" " + line);
        const bool first = told.starts_with(line) || at != std::string::npos;
        const bool again = at != std::string::npos && told.find(" " + line, at + 1) != at &&
                           told.find(" " + line, at + 1) != std::string::npos;
        seen += first && !again ? "" : std::to_string(i) + "? ";
    }
    return seen + (told.find("another") == std::string::npos ? "each once" : told.c_str());
}

void room_that_is_needed_is_told_of(void**) {
    assert_string_equal(room().c_str(), "each once");
}

Seen swept() {
    Workers w;
    w.log_in(kAna, 1);
    w.log_in(kBenito, 2, kNow + Seconds{600});
    w.one.sweep(kNow + kLater);
    w.other.sweep(kNow + kLater);
    std::string seen = w.witness.take();
    w.one.sweep(kNow + Seconds{600} + kLater);
    return seen + "; " + w.witness.take() + "; " + std::to_string(w.one.census(kNow).live);
}

void what_nobody_asks_for_is_swept(void**) {
    assert_string_equal(swept().c_str(), "1 idle+900; 2 idle+1500; 0");
}

Seen holder(std::size_t left, std::string_view nif, std::string_view id) {
    Session session;
    session.service = "E1_E2;Sede@https://sede.example.gob.es";
    session.level = "permanente";
    session.credential.method = Method::permanente;
    session.credential.loa = Loa::substantial;
    session.identity.nif = nif;
    session.identity.id = id;
    session.identity.given_name = std::string(600, 'A');
    const auto record = encode(session).value();
    const auto ended = ended_session({key_of(1), EndReason::limit, std::nullopt,
                                      std::span(record).first(std::min(left, record.size()))});
    const Concerned& who = ended.event.who;
    return ended.service + " " + who.level + " " +
           std::string(who.method ? name(*who.method) : "-") + " " +
           std::string(who.loa ? name(*who.loa) : "-") + " " + who.nif + " " +
           event_line(ended.event);
}

void whose_it_was(void**) {
    assert_string_equal(holder(424, "00000000T", "").c_str(),
                        "E1_E2;Sede@https://sede.example.gob.es permanente permanente substantial "
                        "00000000T session ended session=c15c0289ec2d0a91 reason=limit");
    assert_string_equal(holder(9999, "", "DE/ES/1").c_str(),
                        "E1_E2;Sede@https://sede.example.gob.es permanente permanente substantial "
                        "DE/ES/1 session ended session=c15c0289ec2d0a91 reason=limit");
    assert_string_equal(holder(40, "00000000T", "").c_str(),
                        "  - -  session ended session=c15c0289ec2d0a91 reason=limit");
}

// ---- Redis

struct RedisWorkers : Machine {
    Witness witness;
    PollLoop loop;
    RedisStore one{loop, redis, RecordNames("clave:"), keys, nullptr, random, log, &witness};
    RedisStore other{loop, redis, RecordNames("clave:"), keys, nullptr, random, log, &witness};

    void look(RedisStore& worker, std::uint64_t number, Time now = kNow) {
        RecordBytes out;
        const Digest key = key_of(number);
        static_cast<void>(run(worker.load(key, now, out, Touch::if_due)));
    }
    void log_in(std::uint64_t number, std::size_t limit, Seconds idle = kIdle) {
        const Digest key = key_of(number);
        const auto record = record_of(number, 200);
        const SessionOwner owner{person_of(kAna), limit};
        static_cast<void>(
            run(one.put(key, record, {kNow + kAbsolute, idle}, kNow, nullptr, &owner)));
    }
};

Seen over_by_redis() {
    RedisWorkers w;
    w.log_in(1, 10);
    w.log_in(2, 10, Seconds{0});
    for (const std::uint64_t number : {1U, 2U}) {
        w.redis.values.erase(w.name(RecordKind::last_use, number));  // as Redis does
        w.look(w.one, number);
        w.look(w.other, number);
    }
    return w.witness.take();
}

void redis_own_end_is_told_by_who_meets_it(void**) {
    assert_string_equal(over_by_redis().c_str(), "1 idle, 2 absolute");
}

// Both have read the record, and each believes to be the one who ends it.
Seen met_at_once() {
    RedisWorkers w;
    w.log_in(1, 10);
    w.redis.values.erase(w.name(RecordKind::last_use, 1));
    w.redis.slow = true;
    RecordBytes first;
    RecordBytes second;
    const Digest key = key_of(1);
    auto here = w.one.load(key, kNow, first, Touch::if_due);
    auto there = w.other.load(key, kNow, second, Touch::if_due);
    here.start();
    there.start();
    while (w.redis.carry_out(0)) {
    }
    while (w.redis.deliver(0) || w.redis.carry_out(0)) {
    }
    return w.witness.take() + (here.done() && there.done() ? "" : " unfinished");
}

void of_two_that_meet_it_one_tells(void**) {
    assert_string_equal(met_at_once().c_str(), "1 idle");
}

Seen over_the_limit() {
    RedisWorkers w;
    for (std::uint64_t i = 1; i < 5; ++i) {
        w.log_in(i, 2);
    }
    std::string seen = w.witness.take();
    const Digest key = key_of(4);
    static_cast<void>(run(w.one.erase(key)));
    w.look(w.other, 4);
    return seen + "; " + w.witness.take();
}

void the_limit_is_told_with_redis(void**) {
    assert_string_equal(over_the_limit().c_str(), "1 limit, 2 limit; -");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(time_is_told_once),
        cmocka_unit_test(the_limit_is_told),
        cmocka_unit_test(what_was_asked_for_is_not_told),
        cmocka_unit_test(evictions_are_told),
        cmocka_unit_test(room_that_is_needed_is_told_of),
        cmocka_unit_test(what_nobody_asks_for_is_swept),
        cmocka_unit_test(whose_it_was),
        cmocka_unit_test(redis_own_end_is_told_by_who_meets_it),
        cmocka_unit_test(of_two_that_meet_it_one_tells),
        cmocka_unit_test(the_limit_is_told_with_redis),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
