// The client and one real server: what it answers, what it refuses, that it goes, and comes back
//
#include "cmocka_cpp.h"

#include <algorithm>

#include "seen.h"
#include "support/redis_client.h"
#include "support/redis_process.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_literals;
using std::chrono::milliseconds;
using test::RedisClient;
using test::RedisProcess;
using test::Seen;
using test::settings_of;
using test::shown;
using test::time_of;

std::string url_of(const RedisProcess& server) {
    return "redis://127.0.0.1:" + std::to_string(server.port());
}

std::string reason(const std::string& text) {
    return text.substr(text.rfind(": ") == text.npos ? 0 : text.rfind(": ") + 2);
}

// --- answers -------------------------------------------------------------------------------------

std::string say_all(RedisClient& client, const std::vector<redis::Command>& commands) {
    client.until_answered();
    std::string all;
    for (const redis::Command& command : commands) {
        all += (all.empty() ? "" : ", ") + client.say(command);
    }
    return all;
}

Seen answers(const std::vector<redis::Command>& commands, std::vector<std::string> options = {}) {
    const RedisProcess server(std::move(options));
    RedisClient client(settings_of(url_of(server)));
    return say_all(client, commands);
}

void commands_are_answered(void**) {
    assert_string_equal(answers({{"SET", "a", "1"},
                                 {"GET", "a"},
                                 {"GET", "b"},
                                 {"INCR", "a"},
                                 {"MGET", "a", "b"},
                                 {"LPUSH", "a", "x"},
                                 {"CLIENT", "GETNAME"}})
                            .c_str(),
                        "OK, 1, (nil), (2), [2 (nil)], !WRONGTYPE, clave");
}

// nor is it any other command's business.
void value_that_is_too_long_is_an_error_of_its_own(void**) {
    assert_string_equal(answers({{"SETRANGE", "long", "9999999", "x"},
                                 {"SET", "a", "1"},
                                 {"MGET", "long", "a"},
                                 {"GETDEL", "long"},
                                 {"MGET", "long", "a"}})
                            .c_str(),
                        "(10000000), OK, [!TOOLONG 1], !TOOLONG, [(nil) 1]");
}

// whatever octets they have, they are arguments.
void arguments_are_octets(void**) {
    static const std::string octets = "a b\r\n*1\r\n$8\r\nFLUSHALL\r\n\0{t}\xff"s;
    assert_string_equal(
        answers({{"SET", octets, octets}, {"DBSIZE"}, {"STRLEN", octets}, {"EXISTS", octets}})
            .c_str(),
        "OK, (1), (28), (1)");
}

Seen transactions() {
    const RedisProcess server;
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    const auto transact = [&client](std::vector<redis::Command> commands) {
        return shown(client.bench.finish(client.commands->transact("k", std::move(commands))));
    };
    std::string all = transact({{"SET", "a", "1"}, {"INCR", "a"}, {"LPUSH", "a", "x"}});
    all += ", " + transact({{"SET", "a", "5"}, {"SET", "a"}});
    return all + ", " + client.say({"GET", "a"});
}

void transaction_is_all_or_nothing(void**) {
    assert_string_equal(transactions().c_str(), "[OK (2) !WRONGTYPE], !ERR, 2");
}

bool has_ipv6() {
    const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the sockets API has it
    const bool bound = fd >= 0 && ::bind(fd, any, sizeof address) == 0;
    if (fd >= 0) {
        ::close(fd);
    }
    return bound;
}

Seen over_ipv6() {
    const RedisProcess server({"--bind", "::1"});
    RedisClient client(settings_of("redis://[::1]:" + std::to_string(server.port())));
    return say_all(client, {{"SET", "a", "1"}, {"GET", "a"}});
}

// R-13; a machine may have none.
void ipv6_is_spoken(void**) {
    if (!has_ipv6()) {
        skip();
    }
    assert_string_equal(over_ipv6().c_str(), "OK, 1");
}

Seen through_a_socket() {
    const test::Scratch place;
    const RedisProcess server({"--unixsocket", place / "s"});
    RedisClient client(settings_of("unix:" + (place / "s")));
    return say_all(client, {{"SET", "a", "1"}, {"GET", "a"}});
}

void unix_socket_is_as_good(void**) {
    assert_string_equal(through_a_socket().c_str(), "OK, 1");
}

Seen by_name() {
    const RedisProcess server;
    RedisClient client(settings_of("redis://localhost:" + std::to_string(server.port()) + "/3"));
    const std::string said = say_all(client, {{"SET", "a", "1"}});
    const std::string about = client.say({"CLIENT", "INFO"});
    return said + (about.find(" db=3 ") != std::string::npos ? ", in 3" : ", elsewhere");
}

void name_is_resolved_and_database_selected(void**) {
    assert_string_equal(by_name().c_str(), "OK, in 3");
}

Seen name_that_is_none() {
    RedisClient client(settings_of("redis://no-such-host.invalid"));
    const std::string said = client.say({"GET", "a"});
    return said.substr(0, said.find("no-such-host.invalid: ") + 21);
}

void name_that_is_none_is_an_error(void**) {
    assert_string_equal(name_that_is_none().c_str(),
                        "E-STORE: no-such-host.invalid:6379: cannot resolve no-such-host.invalid:");
}

// --- it goes, and comes back ---------------------------------------------------------------------

struct Outage {
    long to_fail = 0;
    long to_come_back = 0;
    int errors = 0;
    Seen said{""};
};

Outage down_at_start() {
    RedisProcess server;
    server.kill();
    RedisClient client(settings_of(url_of(server)));
    Outage seen;
    seen.to_fail = time_of([&] { seen.said = Seen(client.say({"GET", "a"})); }).count();
    client.bench.linger(std::chrono::seconds(2));  // until it looks as rarely as it will
    server.start();
    seen.to_come_back = time_of([&] { client.until_answered(); }).count();
    return seen;
}

void server_that_is_down_at_start_is_found(void**) {
    const Outage seen = down_at_start();
    assert_in_range(seen.to_fail, 0, 300);
    assert_in_range(seen.to_come_back, 0, 2000);
}

Outage killed_with_commands_under_way() {
    RedisProcess server;
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    std::vector<Task<Result<redis::Value>>> tasks;
    server.stop();
    for (int i = 0; i < 100; ++i) {
        tasks.push_back(client.commands->run("k", {"INCR", "k"}));
        tasks.back().start();
    }
    server.kill();
    Outage seen;
    seen.to_fail =
        time_of([&] {
            client.bench.until([&] {
                return std::ranges::all_of(tasks, [](const auto& task) { return task.done(); });
            });
        }).count();
    for (auto& task : tasks) {
        seen.errors += task.result() ? 0 : 1;
    }
    server.start();
    seen.to_come_back = time_of([&] { client.until_answered(); }).count();
    seen.said = Seen(client.say({"GET", "k"}));
    return seen;
}

void commands_under_way_fail_once_and_at_once(void**) {
    const Outage seen = killed_with_commands_under_way();
    assert_in_range(seen.to_fail, 0, 300);
    assert_int_equal(seen.errors, 100);
    assert_in_range(seen.to_come_back, 0, 2000);
    assert_string_equal(seen.said.c_str(), "(nil)");  // none was sent a second time
}

Outage stopped() {
    const RedisProcess server;
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    server.stop();
    Outage seen;
    seen.to_fail = time_of([&] { seen.said = Seen(client.say({"GET", "a"})); }).count();
    const long second = time_of([&] { client.say({"GET", "a"}); }).count();
    seen.errors = second < 50 ? 0 : 1;
    client.bench.linger(std::chrono::seconds(1));
    server.go_on();
    seen.to_come_back = time_of([&] { client.until_answered(); }).count();
    return seen;
}

void server_that_stops_is_noticed_and_found_again(void**) {
    const Outage seen = stopped();
    assert_in_range(seen.to_fail, 400, 650);
    assert_int_equal(seen.errors, 0);
    assert_in_range(seen.to_come_back, 0, 2000);
}

// A connection that went while nobody used it costs nobody anything.
Seen idle_connection_lost() {
    const RedisProcess server;
    RedisClient client(settings_of(url_of(server)));
    RedisClient other(settings_of(url_of(server)));
    client.until_answered();
    other.until_answered();
    other.say({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
    client.bench.linger(milliseconds(20));
    return client.say({"PING"});
}

void idle_connection_that_went_is_made_anew(void**) {
    assert_string_equal(idle_connection_lost().c_str(), "PONG");
}

// --- what it refuses -----------------------------------------------------------------------------

// Its greeting says so already: no command is sent at all.
Seen answers_of_an_orphan() {
    const RedisProcess server({"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no"});
    RedisClient client(settings_of(url_of(server)));
    client.bench.until([&] {
        return client.say({"GET", "a"}).find("refused") == std::string::npos;
    });
    return reason(client.say({"GET", "a"}));
}

void server_that_is_not_fit_is_as_good_as_down(void**) {
    assert_string_equal(answers_of_an_orphan().c_str(), "MASTERDOWN");
}

Seen answers_of_a_replica() {
    const RedisProcess server({"--replicaof", "127.0.0.1 1"});
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    return reason(client.say({"SET", "a", "1"}));
}

void replica_takes_no_writes(void**) {
    assert_string_equal(answers_of_a_replica().c_str(), "READONLY");
}

Seen answers_without_replicas() {
    const RedisProcess server({"--min-replicas-to-write", "1"});
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    const std::string said = reason(client.say({"SET", "a", "1"}));
    return said + ", " + client.say({"GET", "a"});
}

void write_that_nobody_would_copy_is_refused(void**) {
    assert_string_equal(answers_without_replicas().c_str(), "NOREPLICAS, (nil)");
}

void full_server_says_so(void**) {
    assert_string_equal(answers({{"CONFIG", "SET", "maxmemory", "1"}, {"SET", "a", "1"}}).c_str(),
                        "OK, !OOM");
}

Seen answers_while_a_script_runs() {
    const RedisProcess server({"--busy-reply-threshold", "1"});
    RedisClient client(settings_of(url_of(server)));
    RedisClient other(settings_of(url_of(server)));
    client.until_answered();
    other.until_answered();
    Task<Result<redis::Value>> script =
        other.commands->run("k", {"EVAL", "while true do end", "0"});
    script.start();
    other.bench.linger(milliseconds(50));
    std::string said = reason(client.say({"GET", "a"}));
    client.bench.linger(milliseconds(200));
    const bool at_once = time_of([&] { client.say({"GET", "a"}); }) < milliseconds(20);
    return said + (at_once ? ", and at once" : "");
}

void busy_server_opens_the_circuit(void**) {
    assert_string_equal(answers_while_a_script_runs().c_str(), "BUSY, and at once");
}

// --- who we are ----------------------------------------------------------------------------------

constexpr std::string_view kAcl =
    "user default off\n"
    "user clave on >right resetchannels &__redis__:invalidate ~s:* +@all -flushall\n";

struct Identity {
    Seen said{""};
    int logged = 0;
    int passwords = 0;
};

Identity as_user(const std::string& password, const redis::Command& command) {
    const test::Scratch place;
    const std::string acl = place.write("acl", std::string(kAcl));
    const RedisProcess server({"--aclfile", acl});
    RedisSettings settings =
        settings_of("redis://clave@127.0.0.1:" + std::to_string(server.port()));
    settings.password_file = place.write("password", password + "\n");
    RedisClient client(settings);
    client.bench.until([&] { return client.say({"PING"}).find("refused") == std::string::npos; });
    Identity seen;
    seen.said = Seen(reason(client.say(command)));
    client.say(command);
    client.bench.linger(milliseconds(300));
    seen.logged = client.bench.count_logged("E-REDIS-AUTH");
    seen.passwords = client.bench.count_logged(password);
    return seen;
}

void user_with_his_password_is_let_in(void**) {
    const Identity seen = as_user("right", {"SET", "s:a", "1"});
    assert_string_equal(seen.said.c_str(), "OK");
    assert_int_equal(seen.logged, 0);
}

void wrong_password_is_said_once(void**) {
    const Identity seen = as_user("wrong-secret", {"SET", "s:a", "1"});
    assert_string_equal(seen.said.c_str(), "WRONGPASS");
    assert_int_equal(seen.logged, 1);
    assert_int_equal(seen.passwords, 0);
}

void command_that_he_may_not_give_is_said_once(void**) {
    const Identity seen = as_user("right", {"SET", "other", "1"});
    assert_string_equal(seen.said.c_str(), "NOPERM");
    assert_int_equal(seen.logged, 1);
}

// The file is read again at each connect: a password can change under way.
Seen password_rotated() {
    const test::Scratch place;
    const RedisProcess server({"--requirepass", "one"});
    RedisSettings settings = settings_of(url_of(server));
    settings.password_file = place.write("password", "one");
    RedisClient client(settings);
    std::string said = client.until_answered() ? "one" : "not one";
    client.say({"CONFIG", "SET", "requirepass", "two"});
    client.say({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no"});
    client.bench.linger(milliseconds(200));
    said += ", " + reason(client.say({"PING"}));
    place.write("password", "two");
    said += client.until_answered(milliseconds(2000)) ? ", two" : ", not two";
    return said;
}

void password_can_be_changed(void**) {
    assert_string_equal(password_rotated().c_str(), "one, WRONGPASS, two");
}

Seen without_a_password() {
    const RedisProcess server({"--requirepass", "one"});
    RedisClient client(settings_of(url_of(server)));
    client.bench.linger(milliseconds(300));
    const std::string said = reason(client.say({"GET", "a"}));
    return said + ", logged " + std::to_string(client.bench.count_logged("E-REDIS-AUTH"));
}

void missing_password_is_said(void**) {
    assert_string_equal(without_a_password().c_str(), "NOAUTH, logged 1");
}

// --- its history ---------------------------------------------------------------------------------

struct Epochs {
    bool same_for_both = false;
    bool other_after_restart = false;
};

Epochs epochs() {
    RedisProcess server;
    RedisClient one(settings_of(url_of(server)));
    RedisClient two(settings_of(url_of(server)));
    one.until_answered();
    two.until_answered();
    const auto epoch = [](RedisClient& client) {
        return client.bench.finish(client.commands->epoch("k")).value_or(0);
    };
    const std::uint64_t before = epoch(one);
    Epochs seen;
    seen.same_for_both = before != 0 && before == epoch(two) && before == epoch(one);
    server.kill();
    server.start();
    one.until_answered();
    const std::uint64_t after = epoch(one);
    seen.other_after_restart = after != 0 && after != before;
    return seen;
}

void epoch_names_a_history(void**) {
    const Epochs seen = epochs();
    assert_true(seen.same_for_both);
    assert_true(seen.other_after_restart);
}

// Everything we keep has an end, so every other policy takes it.
int warnings_of(const std::string& policy) {
    const RedisProcess server({"--maxmemory-policy", policy});
    RedisClient client(settings_of(url_of(server)));
    client.until_answered();
    client.say({"CLIENT", "KILL", "TYPE", "normal"});
    client.until_answered();
    return static_cast<int>(client.bench.count_logged("has maxmemory-policy " + policy));
}

void eviction_is_warned_of(void**) {
    assert_int_equal(warnings_of("noeviction"), 0);
    assert_int_equal(warnings_of("allkeys-lru"), 1);
    assert_int_equal(warnings_of("volatile-ttl"), 1);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(eviction_is_warned_of),
        cmocka_unit_test(commands_are_answered),
        cmocka_unit_test(value_that_is_too_long_is_an_error_of_its_own),
        cmocka_unit_test(arguments_are_octets),
        cmocka_unit_test(transaction_is_all_or_nothing),
        cmocka_unit_test(ipv6_is_spoken),
        cmocka_unit_test(unix_socket_is_as_good),
        cmocka_unit_test(name_is_resolved_and_database_selected),
        cmocka_unit_test(name_that_is_none_is_an_error),
        cmocka_unit_test(server_that_is_down_at_start_is_found),
        cmocka_unit_test(commands_under_way_fail_once_and_at_once),
        cmocka_unit_test(server_that_stops_is_noticed_and_found_again),
        cmocka_unit_test(idle_connection_that_went_is_made_anew),
        cmocka_unit_test(server_that_is_not_fit_is_as_good_as_down),
        cmocka_unit_test(replica_takes_no_writes),
        cmocka_unit_test(write_that_nobody_would_copy_is_refused),
        cmocka_unit_test(full_server_says_so),
        cmocka_unit_test(busy_server_opens_the_circuit),
        cmocka_unit_test(user_with_his_password_is_let_in),
        cmocka_unit_test(wrong_password_is_said_once),
        cmocka_unit_test(command_that_he_may_not_give_is_said_once),
        cmocka_unit_test(password_can_be_changed),
        cmocka_unit_test(missing_password_is_said),
        cmocka_unit_test(epoch_names_a_history),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
