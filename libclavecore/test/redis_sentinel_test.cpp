// One primary, two replicas, three sentinels: who the primary is, and that another one is found
//
#include "cmocka_cpp.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "seen.h"
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
using test::shown;
using test::time_of;

std::string at(const RedisProcess& server) {
    return "127.0.0.1 " + std::to_string(server.port());
}

class Sentinel {
  public:
    explicit Sentinel(const RedisProcess& primary, int epoch = 0) : port_(test::free_port()) {
        const std::string conf = place_.write(
            "sentinel.conf", "port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " +
                                 (place_ / "") + "\nsentinel monitor sessions " + at(primary) +
                                 " 2\nsentinel down-after-milliseconds sessions 500\n"
                                 "sentinel failover-timeout sessions 3000\n"
                                 "sentinel config-epoch sessions " +
                                 std::to_string(epoch) + "\n");
        process_ = std::make_unique<test::Process>(
            std::vector<std::string>{"redis-server", conf, "--sentinel"}, place_ / "log");
    }
    std::uint16_t port() const noexcept { return port_; }
    void stop() const { process_->signal(SIGSTOP); }
    void go_on() const { process_->signal(SIGCONT); }

  private:
    std::uint16_t port_;
    test::Scratch place_;
    std::unique_ptr<test::Process> process_;
};

struct Household {
    Household() {
        // A sentinel asks its primary for replicas at once, and then every ten seconds.
        RedisClient first(settings_of("redis://127.0.0.1:" + std::to_string(primary.port())));
        first.bench.until([&] {
            const auto info = first.run({"INFO", "replication"});
            return info && info->text.find("slave1:") != std::string::npos &&
                   info->text.find("state=wait") == std::string::npos;
        });
        for (int i = 0; i < 3; ++i) {
            sentinels.push_back(std::make_unique<Sentinel>(primary));
        }
        // All know each other before anything happens.
        RedisClient client(
            settings_of("redis://127.0.0.1:" + std::to_string(sentinels[0]->port())));
        client.bench.until(
            [&] {
                const auto reply = client.run({"SENTINEL", "MASTER", "sessions"});
                return reply && field(*reply, "num-slaves") == "2" &&
                       field(*reply, "num-other-sentinels") == "2";
            },
            std::chrono::seconds(20));
    }
    static std::string field(const redis::Value& reply, std::string_view name) {
        for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
            if (reply.elements[i].text == name) {
                return reply.elements[i + 1].text;
            }
        }
        return {};
    }
    std::string url() const {
        std::string text = "redis+sentinel://";
        for (const auto& one : sentinels) {
            text +=
                (text.ends_with('/') ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(one->port());
        }
        return text + "/sessions";
    }

    RedisProcess primary{std::vector<std::string>{"--repl-diskless-sync-delay", "0"}};
    std::array<RedisProcess, 2> replicas{RedisProcess({"--replicaof", at(primary)}),
                                         RedisProcess({"--replicaof", at(primary)})};
    std::vector<std::unique_ptr<Sentinel>> sentinels;
};

struct Failover {
    Seen first{""};
    long outage = 0;
    Seen heard{""};
    bool other_epoch = false;
    int stale = 0;  // answers of the old primary after the new one was known
    Seen late{""};  // to one who comes when a sentinel sleeps
};

Failover fail_over(bool stop_only) {
    Household house;
    RedisSettings settings = settings_of(house.url());
    RedisClient client(settings, {"s:"});
    Failover seen;
    seen.first = Seen(client.say({"SET", "s:a", "1"}));
    client.bench.until([&] { return client.hearsay.hears; });
    client.bench.linger(milliseconds(200));  // copied
    const auto epoch = [&client] {
        return client.bench.finish(client.commands->epoch("k")).value_or(0);
    };
    const std::uint64_t before = epoch();
    client.hearsay.said.clear();
    if (stop_only) {
        house.primary.stop();
    } else {
        house.primary.kill();
    }
    client.say({"SET", "s:a", "2"});
    seen.outage = time_of([&] {
                      client.bench.until(
                          [&] {
                              return client.say({"SET", "s:b", "2"}) == "OK";
                          },
                          std::chrono::seconds(15));
                  }).count();
    client.bench.until([&] { return client.hearsay.hears; });
    seen.heard = Seen(client.hearsay.said);
    const std::uint64_t after = epoch();
    seen.other_epoch = before != 0 && after != 0 && before != after;
    if (stop_only) {
        house.primary.go_on();  // back from its sleep it still thinks it is the primary
    }
    for (int i = 0; i < 50; ++i) {
        client.bench.linger(milliseconds(20));
        seen.stale += client.say({"GET", "s:b"}) == "2" ? 0 : 1;
    }
    house.sentinels[0]->stop();
    RedisClient latecomer(settings);
    std::string said;
    latecomer.bench.until([&] {
        said = latecomer.say({"GET", "s:b"});
        return said == "2";
    });
    seen.late = Seen(said);
    return seen;
}

void check(const Failover& seen) {
    assert_string_equal(seen.first.c_str(), "OK");
    assert_in_range(seen.outage, 100, 14000);  // votes may be split, and are cast again
    assert_true(Seen(seen.heard.c_str()).c_str()[0] == 'd');  // deaf, before anything else
    assert_true(seen.other_epoch);
    assert_int_equal(seen.stale, 0);
    assert_string_equal(seen.late.c_str(), "2");  // it cost him time, and nothing else
}

void primary_that_dies_is_replaced(void**) {
    check(fail_over(false));
}

void primary_that_stops_is_replaced_and_not_believed_later(void**) {
    check(fail_over(true));
}

// A sentinel that lies: it names a replica.
Seen with_a_lying_sentinel() {
    const RedisProcess primary;
    const RedisProcess replica({"--replicaof", at(primary)});
    const Sentinel liar(replica);
    RedisClient client(
        settings_of("redis+sentinel://127.0.0.1:" + std::to_string(liar.port()) + "/sessions"));
    client.bench.linger(milliseconds(800));
    const std::string said = client.say({"GET", "a"});
    return said.substr(said.rfind(": ") + 2);
}

void replica_is_no_primary_whoever_says_so(void**) {
    assert_string_equal(with_a_lying_sentinel().c_str(), "not a primary");
}

Seen without_the_role() {
    return without_guard("redis role", [] { return with_a_lying_sentinel(); });
}

void without_the_guard_it_would_be(void**) {
    assert_string_not_equal(without_the_role().c_str(), "not a primary");
}

Seen unknown_name() {
    const RedisProcess primary;
    const Sentinel sentinel(primary);
    RedisClient client(
        settings_of("redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port()) + "/others"));
    client.bench.until([&] { return client.bench.logged("knows no primary"); });
    const std::string said = client.say({"GET", "a"});
    return said + (client.bench.logged("knows no primary \"others\"") ? ", logged" : "");
}

void unknown_name_is_said(void**) {
    assert_string_equal(unknown_name().c_str(), "E-STORE: no sentinel knows the primary, logged");
}

// A replica that sleeps, as far as its primary knows: what it has not got could come back.
struct Lasting {
    Seen alone{""};  // nobody could take over
    Seen copied{""};
    Seen sleeping{""};  // and how long it took to know
    long took = 0;
    Seen others{""};  // what does not have to last
    Seen awake{""};
};

Lasting what_lasts() {
    const RedisProcess primary({"--repl-diskless-sync-delay", "0"});
    const Sentinel sentinel(primary);
    RedisClient client(
        settings_of("redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port()) + "/sessions"));
    client.until_answered();
    const auto for_good = [&client](redis::Command command) {
        return shown(client.bench.finish(client.commands->run_for_good("k", std::move(command))));
    };
    Lasting seen;
    seen.alone = Seen(for_good({"DEL", "a"}));
    const RedisProcess replica({"--replicaof", at(primary)});
    // Called online, it still has to read what it was sent; on a busy machine that takes a while.
    const auto sooner_or_later = [&](const std::string& key) {
        std::string answer;
        client.bench.until([&] {
            client.say({"SET", key, "1"});
            answer = for_good({"DEL", key});
            return answer == "(1)";
        });
        return Seen(answer);
    };
    client.bench.until([&] {
        return client.say({"INFO", "replication"}).find("state=online") != std::string::npos;
    });
    seen.copied = sooner_or_later("a");
    replica.stop();
    seen.took = time_of([&] { seen.sleeping = Seen(for_good({"DEL", "a"})); }).count();
    seen.others = Seen(client.say({"SET", "b", "1"}));
    replica.go_on();
    seen.awake = sooner_or_later("b");
    return seen;
}

void what_has_to_last_is_copied(void**) {
    const Lasting seen = what_lasts();
    assert_string_equal(seen.alone.c_str(), "(0)");
    assert_string_equal(seen.copied.c_str(), "(1)");
    assert_string_equal(seen.sleeping.c_str(), "E-STORE: no replica has it yet");
    assert_in_range(seen.took, 100, 2000);
    assert_string_equal(seen.others.c_str(), "OK");
    assert_string_equal(seen.awake.c_str(), "(1)");
}

// A replica that hangs and still counts as connected holds up whoever has to wait for it, and
// nobody else: Redis carries out nothing more of a connection that is in WAIT.
struct Held {
    int refused = 0;  // of those who had to wait
    int left = 0;     // of what they deleted
    int reads = 0;
    int failed = 0;  // of these
    bool condemned = false;
};

Held held_up() {
    const RedisProcess primary({"--repl-diskless-sync-delay", "0"});
    const RedisProcess replica({"--replicaof", at(primary)});
    const Sentinel sentinel(primary);
    RedisClient client(
        settings_of("redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port()) + "/sessions"));
    client.until_answered();
    client.bench.until([&] {
        return client.say({"INFO", "replication"}).find("state=online") != std::string::npos;
    });
    constexpr int kMany = 12;
    for (int i = 0; i < kMany; ++i) {
        client.say({"SET", "k" + std::to_string(i), "1"});
    }
    replica.stop();
    Held held;
    std::vector<Task<Result<redis::Value>>> tasks;
    const auto all_done = [&tasks] {
        return std::ranges::all_of(tasks, [](const auto& task) { return task.done(); });
    };
    for (int i = 0; i < kMany || !all_done(); ++i) {
        if (i < kMany) {
            tasks.push_back(client.commands->run_for_good("k", {"DEL", "k" + std::to_string(i)}));
            tasks.back().start();
        }
        held.failed += client.say({"GET", "other"}) == "(nil)" ? 0 : 1;
        ++held.reads;
        client.bench.linger(milliseconds(5));
    }
    for (auto& task : tasks) {
        held.refused += task.result() ? 0 : 1;
    }
    for (int i = 0; i < kMany; ++i) {
        held.left += client.say({"EXISTS", "k" + std::to_string(i)}) == "(0)" ? 0 : 1;
    }
    held.condemned = client.bench.logged("is down");
    return held;
}

void replica_that_hangs_holds_up_nobody_else(void**) {
    const Held held = held_up();
    assert_int_equal(held.refused, 12);
    assert_int_equal(held.left, 0);
    assert_true(held.reads > 12);
    assert_int_equal(held.failed, 0);
    assert_false(held.condemned);
}

// A primary that has lost a replica which the sentinels see: they may be about to replace it, and
// what it is told now would be forgotten.
struct Bereft {
    Seen at_first{""};
    Seen in_the_end{""};  // when the sentinels know that the replica is gone
};

Bereft bereft() {
    const RedisProcess primary({"--repl-diskless-sync-delay", "0"});
    const RedisProcess replica({"--replicaof", at(primary)});
    RedisClient admin(settings_of("redis://127.0.0.1:" + std::to_string(primary.port())));
    admin.bench.until([&] {
        return admin.say({"INFO", "replication"}).find("state=online") != std::string::npos;
    });
    const Sentinel sentinel(primary);
    const std::string place = "127.0.0.1:" + std::to_string(sentinel.port());
    RedisClient watcher(settings_of("redis://" + place));
    watcher.bench.until([&] {
        const auto known = watcher.run({"SENTINEL", "SLAVES", "sessions"});
        return known && known->elements.size() == 1 &&
               Household::field(known->elements[0], "flags") == "slave";
    });
    RedisClient client(settings_of("redis+sentinel://" + place + "/sessions"));
    client.until_answered();
    replica.stop();
    admin.say({"CLIENT", "KILL", "TYPE", "replica"});
    admin.bench.until([&] {
        return admin.say({"INFO", "replication"}).find("connected_slaves:0") != std::string::npos;
    });
    const auto end = [&] {
        return Seen(shown(client.bench.finish(client.commands->run_for_good("k", {"DEL", "a"}))));
    };
    Bereft seen;
    seen.at_first = end();
    client.bench.until([&] { return end().is("(0)"); }, std::chrono::seconds(20));
    seen.in_the_end = end();
    return seen;
}

void primary_that_has_lost_its_replicas_promises_nothing(void**) {
    const Bereft seen = bereft();
    assert_string_equal(seen.at_first.c_str(),
                        "E-STORE: the primary has lost its replicas, and may be replaced");
    assert_string_equal(seen.in_the_end.c_str(), "(0)");
}

Seen bereft_without_the_guard() {
    return without_guard("redis replicas", [] { return bereft().at_first; });
}

void without_the_guard_it_would_promise(void**) {
    assert_string_equal(bereft_without_the_guard().c_str(), "(0)");
}

// It dies and is back, empty, before anybody else has noticed.
struct Restart {
    Seen unseen{""};  // while no sentinel says anything
    Seen seen{""};
};

Restart after_a_restart() {
    RedisProcess primary;
    const Sentinel sentinel(primary);
    RedisClient client(
        settings_of("redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port()) + "/sessions"));
    client.until_answered();
    client.say({"SET", "a", "1"});
    sentinel.stop();
    primary.kill();
    client.bench.until([&] { return client.say({"GET", "a"}) != "1"; });
    primary.start();
    client.bench.until([&] { return client.bench.logged("is back"); });
    Restart restart;
    restart.unseen = Seen(client.say({"GET", "a"}));
    sentinel.go_on();
    client.bench.until([&] { return !client.say({"GET", "a"}).starts_with("E-"); });
    restart.seen = Seen(client.say({"GET", "a"}));
    return restart;
}

void who_was_away_has_to_be_named_again(void**) {
    const Restart restart = after_a_restart();
    assert_non_null(std::strstr(restart.unseen.c_str(), "was away, and may not be the primary"));
    assert_string_equal(restart.seen.c_str(), "(nil)");
}

Seen without_confirmation() {
    return without_guard("redis primary confirmed", [] { return after_a_restart().unseen; });
}

void without_the_guard_it_answers(void**) {
    assert_string_equal(without_confirmation().c_str(), "(nil)");
}

// A partition: who has seen the last election is on the other side, with the primary.
struct Behind {
    Seen few{""};   // one of three names the primary of before
    Seen most{""};  // two of them do: they have been set up anew
};

Behind behind() {
    RedisProcess now;
    const RedisProcess before;
    const std::array<Sentinel, 2> informed{Sentinel(now, 5), Sentinel(now, 5)};
    const Sentinel late(before, 4);
    std::string url = "redis+sentinel://127.0.0.1:" + std::to_string(informed[0].port());
    url += ",127.0.0.1:" + std::to_string(informed[1].port());
    url += ",127.0.0.1:" + std::to_string(late.port()) + "/sessions";
    RedisClient admin(settings_of("redis://127.0.0.1:" + std::to_string(before.port())));
    admin.until_answered();
    admin.say({"SET", "a", "before"});
    RedisClient client(settings_of(url));
    client.until_answered();
    client.say({"SET", "a", "now"});
    for (const Sentinel& one : informed) {
        one.stop();
    }
    now.kill();
    client.bench.until([&] { return client.bench.logged("is down"); });
    client.bench.linger(milliseconds(2500));  // longer than they are waited for, and asked again
    Behind seen;
    seen.few = Seen(client.say({"GET", "a"}));
    RedisClient sentinel(settings_of("redis://127.0.0.1:" + std::to_string(informed[0].port())));
    informed[0].go_on();
    sentinel.until_answered();
    sentinel.say({"SENTINEL", "REMOVE", "sessions"});
    sentinel.say(
        {"SENTINEL", "MONITOR", "sessions", "127.0.0.1", std::to_string(before.port()), "2"});
    client.bench.until([&] { return client.say({"GET", "a"}) == "before"; });
    seen.most = Seen(client.say({"GET", "a"}));
    return seen;
}

void who_has_not_heard_of_the_last_election_is_not_believed(void**) {
    const Behind seen = behind();
    assert_non_null(std::strstr(seen.few.c_str(), "E-STORE: 127.0.0.1:"));
    assert_string_equal(seen.most.c_str(), "before");
}

Seen behind_without_the_guard() {
    return without_guard("redis epoch", [] { return behind().few; });
}

void without_the_guard_it_would_be_believed(void**) {
    assert_string_equal(behind_without_the_guard().c_str(), "before");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(who_was_away_has_to_be_named_again),
        cmocka_unit_test(without_the_guard_it_answers),
        cmocka_unit_test(what_has_to_last_is_copied),
        cmocka_unit_test(replica_that_hangs_holds_up_nobody_else),
        cmocka_unit_test(primary_that_has_lost_its_replicas_promises_nothing),
        cmocka_unit_test(without_the_guard_it_would_promise),
        cmocka_unit_test(primary_that_dies_is_replaced),
        cmocka_unit_test(primary_that_stops_is_replaced_and_not_believed_later),
        cmocka_unit_test(replica_is_no_primary_whoever_says_so),
        cmocka_unit_test(without_the_guard_it_would_be),
        cmocka_unit_test(unknown_name_is_said),
        cmocka_unit_test(who_has_not_heard_of_the_last_election_is_not_believed),
        cmocka_unit_test(without_the_guard_it_would_be_believed),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
