// A cluster of three primaries and three replicas: each key is found, also while its slot moves and
// after its node has died.
#include "cmocka_cpp.h"

#include <algorithm>
#include <array>
#include <set>

#include "redis/slot.h"
#include "redis/slot_map.h"
#include "seen.h"
#include "support/redis_client.h"
#include "support/redis_process.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;
using test::RedisClient;
using test::RedisProcess;
using test::Seen;
using test::settings_of;
using test::shown;
using test::time_of;

// --- the slots -----------------------------------------------------------------------------------

// The first one is the check value of CRC-16/XMODEM, the others are those of redis-cli.
void keys_have_their_slots(void**) {
    assert_int_equal(redis::slot_of("123456789"), 0x31C3 % 16384);
    assert_int_equal(redis::slot_of(""), 0);
    assert_int_equal(redis::slot_of("foo"), 12182);
    assert_int_equal(redis::slot_of("{foo}bar"), 12182);
    assert_int_equal(redis::slot_of("a{foo}b{bar}"), 12182);
    assert_int_not_equal(redis::slot_of("{}foo"), redis::slot_of(""));
    assert_int_equal(redis::slot_of("{foo"), redis::slot_of("{foo"));
    assert_int_not_equal(redis::slot_of("{foo"), 12182);
}

Seen redirected(const std::string& text) {
    redis::Value error;
    error.kind = redis::Value::Kind::error;
    error.text = text;
    const auto where = redis::read_redirection(error, 5, {"asked", 1});
    return where ? where->shown() : "nowhere";
}

void redirection_is_read_with_care(void**) {
    assert_string_equal(redirected("MOVED 5 10.0.0.1:6381").c_str(), "10.0.0.1:6381");
    assert_string_equal(redirected("ASK 5 2001:db8::1:6381").c_str(), "[2001:db8::1]:6381");
    assert_string_equal(redirected("MOVED 5 :6381").c_str(), "asked:6381");
    assert_string_equal(redirected("MOVED 6 10.0.0.1:6381").c_str(), "nowhere");
    assert_string_equal(redirected("MOVED 5 10.0.0.1:0").c_str(), "nowhere");
    assert_string_equal(redirected("MOVED 5 10.0.0.1:65536").c_str(), "nowhere");
    assert_string_equal(redirected("MOVED 5 10.0.0.1").c_str(), "nowhere");
    assert_string_equal(redirected("MOVED 5").c_str(), "nowhere");
    assert_string_equal(redirected("MOVED").c_str(), "nowhere");
}

// --- a real one ----------------------------------------------------------------------------------

class TestCluster {
  public:
    TestCluster() {
        std::vector<std::string> create{"redis-cli", "--cluster", "create"};
        for (auto& node : nodes_) {
            node = std::make_unique<RedisProcess>(
                std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-node-timeout",
                                         "1000", "--cluster-replica-validity-factor", "0"});
            create.push_back("127.0.0.1:" + std::to_string(node->port()));
        }
        for (auto& node : nodes_) {
            admins_.push_back(std::make_unique<RedisClient>(
                settings_of("redis://127.0.0.1:" + std::to_string(node->port()))));
            admins_.back()->until_answered();
        }
        create.insert(create.end(), {"--cluster-replicas", "1", "--cluster-yes"});
        test::run(create);
        for (auto& admin : admins_) {
            admin->bench.until(
                [&] {
                    return admin->say({"CLUSTER", "INFO"}).find("cluster_state:ok") !=
                           std::string::npos;
                },
                std::chrono::seconds(10));
        }
    }

    std::string url() const {
        return "redis+cluster://127.0.0.1:" + std::to_string(nodes_[0]->port()) +
               ",127.0.0.1:" + std::to_string(nodes_[1]->port());
    }
    RedisProcess& node(std::size_t number) noexcept { return *nodes_[number]; }
    std::string say(std::size_t number, redis::Command command) {
        return admins_[number]->say(std::move(command));
    }
    // Every node has a replica that could take over.
    bool is_copied() {
        const auto reply = admins_[0]->run({"CLUSTER", "SLOTS"});
        const auto ranges = redis::read_slots(*reply, {"127.0.0.1", 0});
        return std::ranges::all_of(*ranges,
                                   [](const redis::SlotRange& range) { return range.replicas; });
    }
    std::string id(std::size_t number) { return say(number, {"CLUSTER", "MYID"}); }
    // Which node has the slot; of the first three, that redis-cli made primaries.
    std::size_t owner(std::uint16_t slot) {
        const auto reply = admins_[0]->run({"CLUSTER", "SLOTS"});
        const auto ranges = redis::read_slots(*reply, {"127.0.0.1", 0});
        for (const redis::SlotRange& range : *ranges) {
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                if (range.first <= slot && slot <= range.last &&
                    range.primary.port == nodes_[i]->port()) {
                    return i;
                }
            }
        }
        return 0;
    }

    // Until every node knows that `id` has it.
    void give(std::uint16_t slot, const std::string& id) {
        for (std::size_t i = 0; i < 3; ++i) {
            say(i, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id});
        }
    }

  private:
    std::array<std::unique_ptr<RedisProcess>, 6> nodes_;
    std::vector<std::unique_ptr<RedisClient>> admins_;
};

// Made once; the tests take it as it is left, and the one that kills comes last.
std::unique_ptr<TestCluster>& cluster() {
    static std::unique_ptr<TestCluster> instance;
    return instance;
}

int make_cluster(void** /*state*/) {
    cluster() = std::make_unique<TestCluster>();
    return 0;
}
int end_cluster(void** /*state*/) {
    cluster().reset();
    return 0;
}

struct Counts {
    int right = 0;
    int wrong = 0;
};

Counts keys_everywhere() {
    RedisClient client(settings_of(cluster()->url()));
    Counts counts;
    for (int i = 0; i < 200; ++i) {
        const std::string key = "key:" + std::to_string(i);
        const bool set = client.say({"SET", key, std::to_string(i)}, key) == "OK";
        const bool got = client.say({"GET", key}, key) == std::to_string(i);
        ++(set && got ? counts.right : counts.wrong);
    }
    return counts;
}

// By way of all nodes, and nothing but what matches.
Seen walked() {
    RedisClient client(settings_of(cluster()->url()));
    for (int i = 0; i < 300; ++i) {
        const std::string key = "walk[" + std::to_string(i);
        client.say({"SET", key, "1"}, key);
    }
    std::set<std::string> found;
    std::string cursor;
    int pages = 0;
    do {
        auto page = client.bench.finish(client.commands->scan(cursor, "walk\\[*"));
        if (!page) {
            return page.error().detail;
        }
        found.insert(page->keys.begin(), page->keys.end());
        cursor = page->next;
    } while (!cursor.empty() && ++pages < 1000);
    std::string seen = std::to_string(found.size());
    for (const char* none : {"x", "1.x", "99999.0", "1.2.3", "-1.0"}) {
        const auto page = client.bench.finish(client.commands->scan(none, "*"));
        seen += page ? " a page" : page.error().code == Code::format ? " no" : " failed";
    }
    return seen;
}

void walk_finds_the_keys_of_all_nodes(void**) {
    assert_string_equal(walked().c_str(), "300 no no no no no");
}

void keys_of_all_slots_are_found(void**) {
    const Counts counts = keys_everywhere();
    assert_int_equal(counts.right, 200);
    assert_int_equal(counts.wrong, 0);
}

Seen transaction_in_a_slot() {
    RedisClient client(settings_of(cluster()->url()));
    const auto transact = [&client](std::vector<redis::Command> commands) {
        return shown(client.bench.finish(client.commands->transact("{t}a", std::move(commands))));
    };
    const std::string said = transact({{"SET", "{t}a", "1"}, {"INCR", "{t}a"}, {"DEL", "{t}b"}});
    return said + ", " + transact({{"SET", "{t}a", "1"}, {"SET", "{u}a", "1"}});
}

void transaction_stays_in_its_slot(void**) {
    assert_string_equal(transaction_in_a_slot().c_str(), "[OK (2) (0)], !CROSSSLOT");
}

// A slot moves from one node to another, key by key, and all of them are read all the time.
Counts move_a_slot(std::string& heard) {
    constexpr int kKeys = 40;
    TestCluster& all = *cluster();
    const std::uint16_t slot = redis::slot_of("{moving}");
    const std::size_t from = all.owner(slot);
    const std::size_t to = (from + 1) % 3;
    RedisClient client(settings_of(all.url()), {"{moving}"});
    const auto key = [](int i) { return "{moving}" + std::to_string(i); };
    for (int i = 0; i < kKeys; ++i) {
        client.say({"SET", key(i), std::to_string(i)}, key(i));
    }
    client.bench.until([&] { return client.hearsay.hears; });
    Counts counts;
    const auto read_all = [&] {
        std::vector<Task<Result<redis::Value>>> tasks;
        for (int i = 0; i < kKeys; ++i) {
            tasks.push_back(client.commands->run(key(i), {"GET", key(i)}));
            tasks.back().start();
        }
        client.bench.until([&] {
            return std::ranges::all_of(tasks, [](const auto& task) { return task.done(); });
        });
        for (int i = 0; i < kKeys; ++i) {
            const bool right =
                shown(tasks[static_cast<std::size_t>(i)].result()) == std::to_string(i);
            ++(right ? counts.right : counts.wrong);
        }
    };
    const std::string number = std::to_string(slot);
    const std::string from_id = all.id(from);
    const std::string to_id = all.id(to);
    all.say(to, {"CLUSTER", "SETSLOT", number, "IMPORTING", from_id});
    all.say(from, {"CLUSTER", "SETSLOT", number, "MIGRATING", to_id});
    for (int i = 0; i < kKeys; ++i) {
        all.say(from,
                {"MIGRATE", "127.0.0.1", std::to_string(all.node(to).port()), key(i), "0", "1000"});
        if (i % 8 == 0) {
            read_all();
        }
    }
    read_all();
    all.say(to, {"CLUSTER", "SETSLOT", number, "NODE", to_id});
    all.say(from, {"CLUSTER", "SETSLOT", number, "NODE", to_id});
    read_all();
    client.hearsay.said.clear();
    client.say({"SET", key(0), "0"}, key(0));
    client.bench.linger(milliseconds(50));
    heard = client.hearsay.said;
    return counts;
}

struct Move {
    Counts counts;
    Seen heard{""};
};

Move moved() {
    Move seen;
    std::string heard;
    seen.counts = move_a_slot(heard);
    seen.heard = Seen(heard);
    return seen;
}

void slot_that_moves_loses_nothing(void**) {
    const Move seen = moved();
    assert_int_equal(seen.counts.wrong, 0);
    assert_int_equal(seen.counts.right, 7 * 40);
    assert_string_equal(seen.heard.c_str(), "{moving}0 ");
}

// A slot moves to a node that has none yet: nobody listens there before it has arrived. Then it
// goes back, and what the node was about to say is never read.
struct NewNode {
    bool on_its_way = false;  // its answers are known to be unheard
    bool arrived = true;
    Seen heard_of_arrival{""};
    Seen heard_of_leaving{""};
};

NewNode slot_for_a_new_node() {
    TestCluster& all = *cluster();
    const RedisProcess node(std::vector<std::string>{"--cluster-enabled", "yes",
                                                     "--cluster-allow-replica-migration", "no"});
    RedisClient admin(settings_of("redis://127.0.0.1:" + std::to_string(node.port())));
    admin.until_answered();
    admin.say({"CLUSTER", "MEET", "127.0.0.1", std::to_string(all.node(0).port())});
    const std::string id = admin.say({"CLUSTER", "MYID"});
    const auto all_know = [&] {
        for (std::size_t i = 0; i < 3; ++i) {
            if (all.say(i, {"CLUSTER", "NODES"}).find(id) == std::string::npos) {
                return false;
            }
        }
        return admin.say({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
    };
    admin.bench.until(all_know, std::chrono::seconds(20));

    const std::uint16_t slot = redis::slot_of("{new}");
    const std::string number = std::to_string(slot);
    const std::size_t from = all.owner(slot);
    const std::string from_id = all.id(from);
    RedisClient client(settings_of(all.url()), {"{new}"});
    client.say({"SET", "{new}", "1"}, "{new}");
    client.bench.until([&] { return client.hearsay.hears; });
    admin.say({"CLUSTER", "SETSLOT", number, "IMPORTING", from_id});
    all.say(from, {"CLUSTER", "SETSLOT", number, "MIGRATING", id});
    all.say(from, {"MIGRATE", "127.0.0.1", std::to_string(node.port()), "{new}", "0", "1000"});
    const auto unheard = [&client] {
        const auto reply = client.run({"GET", "{new}"}, "{new}");
        return reply && reply->text == "1" && reply->unheard;
    };
    NewNode seen;
    seen.on_its_way = unheard();
    client.hearsay.said.clear();
    admin.say({"CLUSTER", "SETSLOT", number, "NODE", id});
    all.give(slot, id);
    seen.arrived = !unheard();
    client.bench.until([&] { return client.hearsay.hears && !client.hearsay.said.empty(); });
    seen.heard_of_arrival = Seen(client.hearsay.said);

    client.say({"DEL", "{new}"}, "{new}");
    client.bench.until([&] { return client.hearsay.said.ends_with("{new} "); });
    client.hearsay.said.clear();
    all.give(slot, from_id);
    admin.say({"CLUSTER", "SETSLOT", number, "NODE", from_id});
    client.bench.until([&] { return client.hearsay.said.ends_with("hearing "); },
                       std::chrono::seconds(20));
    seen.heard_of_leaving = Seen(client.hearsay.said);
    return seen;
}

void new_node_is_listened_to_when_it_has_a_slot(void**) {
    const NewNode seen = slot_for_a_new_node();
    assert_true(seen.on_its_way);
    assert_true(seen.arrived);
    assert_string_equal(seen.heard_of_arrival.c_str(), "deaf hearing ");
    assert_string_equal(seen.heard_of_leaving.c_str(), "deaf hearing ");
}

// A slot without keys moves, and one machine has not heard of it when the next login begins.
bool same_epoch_for_all() {
    TestCluster& all = *cluster();
    const std::uint16_t slot = redis::slot_of("{era}");
    const std::size_t from = all.owner(slot);
    const std::size_t to = (from + 1) % 3;
    RedisClient knows(settings_of(all.url()));
    RedisClient behind(settings_of(all.url()));
    const auto epoch = [](RedisClient& client) {
        return client.bench.finish(client.commands->epoch("{era}")).value_or(0);
    };
    const std::uint64_t before = epoch(behind);
    const bool agreed = epoch(knows) == before;
    const std::string to_id = all.id(to);
    for (const std::size_t node : {to, from}) {
        all.say(node, {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", to_id});
    }
    knows.say({"GET", "{era}"}, "{era}");
    const std::uint64_t after = epoch(behind);
    return agreed && after != before && after == epoch(knows);
}

void slot_that_moved_has_one_epoch(void**) {
    assert_true(same_epoch_for_all());
}

// Two keys of a slot on its way: neither node has both of them.
Seen torn_apart() {
    TestCluster& all = *cluster();
    const std::uint16_t slot = redis::slot_of("{torn}");
    const std::size_t from = all.owner(slot);
    const std::size_t to = (from + 1) % 3;
    RedisClient client(settings_of(all.url()));
    client.say({"MSET", "{torn}1", "a", "{torn}2", "b"}, "{torn}");
    const std::string number = std::to_string(slot);
    const std::string from_id = all.id(from);
    const std::string to_id = all.id(to);
    all.say(to, {"CLUSTER", "SETSLOT", number, "IMPORTING", from_id});
    all.say(from, {"CLUSTER", "SETSLOT", number, "MIGRATING", to_id});
    const auto migrate = [&](const std::string& key) {
        all.say(from,
                {"MIGRATE", "127.0.0.1", std::to_string(all.node(to).port()), key, "0", "1000"});
    };
    migrate("{torn}1");
    Task<Result<redis::Value>> both =
        client.commands->run("{torn}", {"MGET", "{torn}1", "{torn}2"});
    both.start();
    client.bench.linger(milliseconds(100));
    const bool waited = !both.done();
    migrate("{torn}2");
    client.bench.until([&both] { return both.done(); });
    const std::string said = both.done() ? shown(both.result()) : "it never ended";
    all.say(to, {"CLUSTER", "SETSLOT", number, "NODE", to_id});
    all.say(from, {"CLUSTER", "SETSLOT", number, "NODE", to_id});
    return (waited ? "waited, " : "") + said;
}

void command_between_two_nodes_waits(void**) {
    assert_string_equal(torn_apart().c_str(), "waited, [a b]");
}

struct Failover {
    long outage = 0;
    Seen heard{""};
    bool others_served = false;
    bool other_epoch = false;
};

Failover fail_over() {
    TestCluster& all = *cluster();
    const std::size_t victim = all.owner(redis::slot_of("{lost}"));
    const std::size_t other = (victim + 1) % 3;
    std::string elsewhere = "elsewhere";
    while (all.owner(redis::slot_of(elsewhere)) != other) {
        elsewhere += "x";
    }
    RedisClient client(settings_of(all.url()), {"s:"});
    client.say({"SET", "{lost}", "1"}, "{lost}");
    client.say({"SET", elsewhere, "1"}, elsewhere);
    client.bench.until([&] { return client.hearsay.hears; });
    const auto epoch = [&client] {
        return client.bench.finish(client.commands->epoch("{lost}")).value_or(0);
    };
    const std::uint64_t before = epoch();
    client.hearsay.said.clear();
    all.node(victim).kill();
    client.say({"GET", "{lost}"}, "{lost}");
    Failover seen;
    seen.others_served = client.say({"GET", elsewhere}, elsewhere) == "1";
    seen.outage = time_of([&] {
                      client.bench.until(
                          [&] {
                              return client.say({"SET", "{lost}", "2"}, "{lost}") == "OK";
                          },
                          std::chrono::seconds(15));
                  }).count();
    client.bench.until([&] { return client.hearsay.hears; });
    seen.heard = Seen(client.hearsay.said);
    const std::uint64_t after = epoch();
    seen.other_epoch = before != 0 && after != 0 && before != after;
    return seen;
}

void node_that_dies_is_replaced(void**) {
    const Failover seen = fail_over();
    assert_in_range(seen.outage, 100, 6000);
    assert_true(seen.others_served);
    assert_string_equal(seen.heard.c_str(), "deaf hearing ");
    assert_true(seen.other_epoch);
}

// A node that has lost its replica while the others still count on it may be replaced by it.
struct Bereft {
    Seen at_first{""};
    Seen in_the_end{""};  // when all know that the replica is gone
};

Bereft bereft() {
    TestCluster& all = *cluster();
    const std::size_t primary = all.owner(redis::slot_of("{kept}"));
    const std::string its_port = "master_port:" + std::to_string(all.node(primary).port()) + "\r";
    std::size_t replica = 3;
    while (all.say(replica, {"INFO", "replication"}).find(its_port) == std::string::npos) {
        replica = replica == 5 ? 3 : replica + 1;
    }
    RedisClient waiting(settings_of(all.url()));
    waiting.bench.until([&] { return all.is_copied(); }, std::chrono::seconds(20));
    RedisClient client(settings_of(all.url()));
    const auto end = [&] {
        return Seen(
            shown(client.bench.finish(client.commands->run_for_good("{kept}", {"DEL", "{kept}"}))));
    };
    client.bench.until([&] { return end().is("(0)"); });  // copied
    all.node(replica).stop();
    all.say(primary, {"CLIENT", "KILL", "TYPE", "replica"});
    client.bench.until([&] {
        return all.say(primary, {"INFO", "replication"}).find("connected_slaves:0") !=
               std::string::npos;
    });
    Bereft seen;
    const std::string said = end().c_str();
    seen.at_first = Seen(said.substr(said.rfind("has lost") == said.npos ? 0 : said.rfind("has")));
    client.bench.until([&] { return end().is("(0)"); }, std::chrono::seconds(20));
    seen.in_the_end = end();
    all.node(replica).go_on();
    return seen;
}

void node_that_has_lost_its_replica_promises_nothing(void**) {
    const Bereft seen = bereft();
    assert_string_equal(seen.at_first.c_str(), "has lost its replicas, and may be replaced");
    assert_string_equal(seen.in_the_end.c_str(), "(0)");
}

// A cluster, spoken to as if it were one server: an error that says so, not one login in three.
Seen as_one_server() {
    std::string url = cluster()->url();
    url = "redis://" + url.substr(url.rfind(',') + 1);
    RedisClient client(settings_of(url));
    client.until_answered();
    int moved = 0;
    for (int i = 0; i < 20; ++i) {
        moved += client.say({"GET", std::to_string(i)}).find("MOVED") != std::string::npos ? 1 : 0;
    }
    return (moved > 0 ? "moved" : "not moved") + std::string(", logged ") +
           std::to_string(client.bench.count_logged("use redis+cluster://"));
}

void cluster_is_no_server(void**) {
    assert_string_equal(as_one_server().c_str(), "moved, logged 1");
}

Seen server_as_a_cluster(std::vector<std::string> options, const char* line) {
    const RedisProcess server(std::move(options));
    RedisClient client(settings_of("redis+cluster://127.0.0.1:" + std::to_string(server.port())));
    client.bench.until([&] { return client.bench.logged(line); });
    const std::string said = client.say({"GET", "a"});
    return said + (client.bench.logged(line) ? ", logged" : "");
}

void server_is_no_cluster(void**) {
    assert_string_equal(server_as_a_cluster({}, "is no node of a cluster").c_str(),
                        "E-STORE: no node of the cluster tells who has which slots, logged");
}

// A user who may not ask for the map.
void missing_right_is_named(void**) {
    assert_string_equal(
        server_as_a_cluster({"--user", "default", "on", "nopass", "~*", "&*", "+@all", "-cluster"},
                            "(NOPERM): it takes the right password, and a user with "
                            "+cluster|slots")
            .c_str(),
        "E-STORE: no node of the cluster tells who has which slots, logged");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_have_their_slots),
        cmocka_unit_test(redirection_is_read_with_care),
        cmocka_unit_test(keys_of_all_slots_are_found),
        cmocka_unit_test(walk_finds_the_keys_of_all_nodes),
        cmocka_unit_test(transaction_stays_in_its_slot),
        cmocka_unit_test(slot_that_moves_loses_nothing),
        cmocka_unit_test(new_node_is_listened_to_when_it_has_a_slot),
        cmocka_unit_test(slot_that_moved_has_one_epoch),
        cmocka_unit_test(command_between_two_nodes_waits),
        cmocka_unit_test(cluster_is_no_server),
        cmocka_unit_test(server_is_no_cluster),
        cmocka_unit_test(missing_right_is_named),
        cmocka_unit_test(node_that_has_lost_its_replica_promises_nothing),
        cmocka_unit_test(node_that_dies_is_replaced),
    };
    return cmocka_run_group_tests(tests, make_cluster, end_cluster);
}
