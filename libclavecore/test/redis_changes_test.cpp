// What is heard of changes, and when it is said that perhaps not all was heard.
#include "cmocka_cpp.h"

#include <atomic>

#include "seen.h"
#include "store/sealed_records.h"
#include "support/hostile_server.h"
#include "support/redis_client.h"
#include "support/redis_process.h"
#include "without_guard.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;
using test::RedisClient;
using test::RedisProcess;
using test::Seen;
using test::settings_of;
using test::time_of;

std::string url_of(const RedisProcess& server) {
    return "redis://127.0.0.1:" + std::to_string(server.port());
}

// Redis looks for what has ended ten times a second.
constexpr milliseconds kMoment{250};

// Hears of s:… and t:…; the other one makes changes.
struct Pair {
    Pair() : ear(settings_of(url_of(server)), {"s:", "t:"}), mouth(settings_of(url_of(server))) {
        mouth.until_answered();
        ear.bench.until([this] { return ear.hearsay.hears; });
    }
    // What is heard of it within a moment.
    std::string heard_of(const redis::Command& command) {
        ear.hearsay.said.clear();
        mouth.say(command);
        ear.bench.linger(kMoment);
        return ear.hearsay.said;
    }

    RedisProcess server;
    RedisClient ear;
    RedisClient mouth;
};

Seen what_is_heard(const std::vector<redis::Command>& commands) {
    Pair pair;
    std::string all = pair.ear.hearsay.said;
    for (const redis::Command& command : commands) {
        all += "| " + pair.heard_of(command);
    }
    return all;
}

void changes_of_the_prefixes_are_heard(void**) {
    assert_string_equal(what_is_heard({{"SET", "s:1", "a"},
                                       {"SET", "x:1", "a"},
                                       {"MSET", "t:1", "a", "t:2", "b"},
                                       {"DEL", "s:1"},
                                       {"GET", "t:1"}})
                            .c_str(),
                        "hearing | s:1 | | t:1 t:2 | s:1 | ");
}

void flush_puts_everything_in_doubt(void**) {
    assert_string_equal(what_is_heard({{"FLUSHALL"}}).c_str(), "hearing | deaf hearing ");
}

void end_of_a_key_is_heard(void**) {
    assert_string_equal(what_is_heard({{"SET", "s:1", "a", "PX", "5"}}).c_str(),
                        "hearing | s:1 s:1 ");
}

// The own writes are heard as well: the one who writes has an old copy as everyone else.
Seen own_writes() {
    Pair pair;
    pair.ear.hearsay.said.clear();
    pair.ear.say({"SET", "s:1", "a"});
    pair.ear.bench.linger(kMoment);
    return pair.ear.hearsay.said;
}

void own_changes_are_heard(void**) {
    assert_string_equal(own_writes().c_str(), "s:1 ");
}

struct Deafness {
    long noticed = 0;
    Seen said{""};
};

Deafness after_a_kill() {
    Pair pair;
    pair.ear.hearsay.said.clear();
    pair.server.kill();
    Deafness seen;
    seen.noticed =
        time_of([&] { pair.ear.bench.until([&] { return !pair.ear.hearsay.hears; }); }).count();
    pair.server.start();
    pair.ear.bench.until([&] { return pair.ear.hearsay.hears; });
    pair.mouth.until_answered();
    const std::string before = pair.ear.hearsay.said;
    seen.said = Seen(before + "| " + pair.heard_of({"SET", "s:1", "a"}));
    return seen;
}

void lost_channel_is_deaf_until_it_is_back(void**) {
    const Deafness seen = after_a_kill();
    assert_in_range(seen.noticed, 0, 100);
    assert_string_equal(seen.said.c_str(), "deaf hearing | s:1 ");
}

Deafness after_a_stop() {
    Pair pair;
    pair.server.stop();
    Deafness seen;
    seen.noticed =
        time_of([&] {
            pair.ear.bench.until([&] { return !pair.ear.hearsay.hears; }, milliseconds(3000));
        }).count();
    pair.server.go_on();
    pair.ear.bench.until([&] { return pair.ear.hearsay.hears; });
    return seen;
}

void silent_channel_is_not_trusted(void**) {
    assert_in_range(after_a_stop().noticed, 500, 2900);
}

long noticed_without_guard() {
    return without_guard("redis silence", [] { return after_a_stop().noticed; });
}

void without_the_guard_silence_is_trusted(void**) {
    assert_true(noticed_without_guard() >= 2900);
}

// By the names that records have: of a session everybody hears, of its last use nobody does.
Seen heard_by_name() {
    const RecordNames names("clave:");
    const Digest key{};
    const RedisProcess server;
    RedisClient ear(settings_of(url_of(server)), {names.sessions()});
    ear.bench.until([&] { return ear.hearsay.hears; });
    ear.until_answered();
    ear.hearsay.said.clear();
    for (const RecordKind kind : {RecordKind::last_use, RecordKind::outcome, RecordKind::mark,
                                  RecordKind::person, RecordKind::entry, RecordKind::session}) {
        ear.say({"SET", names.of(kind, key), "1"});
    }
    const std::string session = names.of(RecordKind::session, key) + " ";
    ear.bench.until([&] { return ear.hearsay.said.ends_with(session); });
    return ear.hearsay.said == session ? "the session" : ear.hearsay.said;
}

void only_sessions_are_heard_of(void**) {
    assert_string_equal(heard_by_name().c_str(), "the session");
}

// A network that swallows what the channel says, and nothing else.
struct Swallowed {
    bool doubted = false;   // by one who believes for 300 ms
    bool believed = false;  // then still, by one who believes for a minute
    Seen data{""};
};

Swallowed swallowed_channel() {
    std::atomic<bool> swallows{false};
    const test::HostileServer server([&swallows](test::HostileServer::Peer& peer) {
        bool channel = false;
        for (std::string words = peer.greet(); !words.empty();
             words = channel ? peer.command() : peer.greet()) {
            if (words == "CLIENT ID") {
                peer.send(":7\r\n");
            } else if (words.starts_with("CLIENT TRACKING")) {
                peer.send("+OK\r\n");
            } else if (words.starts_with("SUBSCRIBE")) {
                channel = true;
                peer.send("*3\r\n$9\r\nsubscribe\r\n$20\r\n__redis__:invalidate\r\n:1\r\n");
            } else if (!channel) {
                peer.send("+here\r\n");
            } else if (!swallows) {
                peer.send("*2\r\n$4\r\npong\r\n$0\r\n\r\n");
            }
        }
    });
    const auto believing = [&server](milliseconds time) {
        RedisSettings settings = settings_of(server.url());
        settings.silence = time;
        return settings;
    };
    RedisClient strict(believing(milliseconds(300)), {"s:"});
    RedisClient patient(believing(std::chrono::minutes(1)), {"s:"});
    strict.bench.until([&] { return strict.hearsay.hears; });
    patient.bench.until([&] { return patient.hearsay.hears; });
    swallows = true;
    Swallowed seen;
    seen.doubted = strict.bench.until([&] { return !strict.hearsay.hears; });
    patient.bench.linger(milliseconds(20));
    seen.believed = patient.hearsay.hears;
    seen.data = Seen(strict.say({"GET", "s:a"}));
    return seen;
}

void swallowed_channel_is_believed_as_long_as_was_said(void**) {
    const Swallowed seen = swallowed_channel();
    assert_true(seen.doubted);
    assert_true(seen.believed);
    assert_string_equal(seen.data.c_str(), "here");
}

// Who is killed on the server alone, without the data connections.
Deafness after_a_client_kill() {
    Pair pair;
    pair.ear.hearsay.said.clear();
    pair.mouth.say({"CLIENT", "KILL", "TYPE", "pubsub"});
    pair.ear.bench.until([&] { return !pair.ear.hearsay.hears; });
    pair.ear.bench.until([&] { return pair.ear.hearsay.hears; });
    Deafness seen;
    const std::string before = pair.ear.hearsay.said;
    seen.said = Seen(before + "| " + pair.heard_of({"SET", "s:1", "a"}));
    return seen;
}

void killed_channel_begins_anew(void**) {
    assert_string_equal(after_a_client_kill().said.c_str(), "deaf hearing | s:1 ");
}

// A user who lacks the channel: said to the operator, and nobody believes that he hears.
Seen without_the_channel() {
    const test::Scratch place;
    const RedisProcess server(
        {"--aclfile", place.write("acl", "user default on nopass ~* +@all resetchannels\n")});
    RedisClient client(settings_of(url_of(server)), {"s:"});
    client.until_answered();
    client.bench.linger(milliseconds(300));
    return client.hearsay.said +
           (client.bench.logged("+subscribe and &__redis__:invalidate") ? "told" : "not told");
}

void missing_right_to_hear_is_said(void**) {
    assert_string_equal(without_the_channel().c_str(), "told");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(changes_of_the_prefixes_are_heard),
        cmocka_unit_test(flush_puts_everything_in_doubt),
        cmocka_unit_test(end_of_a_key_is_heard),
        cmocka_unit_test(own_changes_are_heard),
        cmocka_unit_test(lost_channel_is_deaf_until_it_is_back),
        cmocka_unit_test(silent_channel_is_not_trusted),
        cmocka_unit_test(without_the_guard_silence_is_trusted),
        cmocka_unit_test(only_sessions_are_heard_of),
        cmocka_unit_test(swallowed_channel_is_believed_as_long_as_was_said),
        cmocka_unit_test(killed_channel_begins_anew),
        cmocka_unit_test(missing_right_to_hear_is_said),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
