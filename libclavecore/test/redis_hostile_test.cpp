// A server that is not Redis, or is at its worst: nobody waits longer than he was told, nobody gets
// what was meant for somebody else, and nothing grows without a limit (R-02, R-03, R-04, R-11,
//
#include "cmocka_cpp.h"

#include <algorithm>
#include <random>

#include "redis/node.h"
#include "seen.h"
#include "support/hostile_server.h"
#include "support/redis_client.h"
#include "without_guard.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;
using test::HostileServer;
using test::RedisClient;
using test::Seen;
using test::settings_of;
using test::shown;
using test::time_of;
using Peer = HostileServer::Peer;

RedisSettings settings_for(const HostileServer& server, std::size_t connections = 1) {
    RedisSettings settings = settings_of(server.url());
    settings.connections = connections;
    return settings;
}

// The last words of an error: what follows the server's name.
std::string reason(const std::string& text) {
    return text.substr(text.rfind(": ") == text.npos ? 0 : text.rfind(": ") + 2);
}

// --- time ----------------------------------------------------------------------------------------

// A machine may be slow, but never that slow: who waits for longer waits for ever.
constexpr long kAnAge = 10'000;

struct Timed {
    Seen first{""};
    long first_ms = 0;
    Seen second{""};
    int connections = 0;  // that were tried for both
};

Timed two_commands(RedisClient& client) {
    Timed timed;
    timed.first_ms = time_of([&] { timed.first = Seen(reason(client.say({"GET", "a"}))); }).count();
    timed.second = Seen(reason(client.say({"GET", "b"})));
    return timed;
}

Timed against(const std::function<void(Peer&)>& act) {
    const HostileServer server(act);
    Timed timed;
    {
        RedisClient client(settings_for(server));
        timed = two_commands(client);
    }
    timed.connections = server.connections();
    return timed;
}

// Accepts, and says nothing: the first one waits as long as he was told to; for the next one nobody
// even tries.
void tarpit_holds_nobody(void**) {
    const Timed timed = against([](Peer& peer) { peer.wait_for_the_end(); });
    assert_in_range(timed.first_ms, 400, kAnAge);
    assert_string_equal(timed.second.c_str(), "no reply in time");
    assert_int_equal(timed.connections, 1);
}

void reply_in_small_pieces_is_no_reply(void**) {
    const Timed timed = against([](Peer& peer) {
        peer.greet();
        for (const char one : std::string("$20\r\n")) {
            peer.send({&one, 1});
            peer.wait(milliseconds(200));
        }
    });
    assert_string_equal(timed.first.c_str(), "no reply in time");
    assert_in_range(timed.first_ms, 400, kAnAge);
}

// A listener whose queue is full drops the SYN of whoever comes next.
Timed against_a_blackhole() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // as the sockets API has it
    static_cast<void>(::bind(listener, any, size));
    static_cast<void>(::listen(listener, 0));
    static_cast<void>(::getsockname(listener, any, &size));
    std::array<int, 4> fillers{};
    for (int& one : fillers) {
        one = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        static_cast<void>(::connect(one, any, size));
    }
    Timed timed;
    {
        RedisClient client(
            settings_of("redis://127.0.0.1:" + std::to_string(ntohs(address.sin_port))));
        timed = two_commands(client);
    }
    for (const int one : fillers) {
        ::close(one);
    }
    ::close(listener);
    return timed;
}

void connect_that_is_not_answered_ends(void**) {
    const Timed timed = against_a_blackhole();
    assert_string_equal(timed.first.c_str(), "no connection in time");
    assert_in_range(timed.first_ms, 200, kAnAge);
}

int connections_without_circuit() {
    return without_guard("redis circuit", [] {
        return against([](Peer& peer) { peer.wait_for_the_end(); }).connections;
    });
}

void without_the_circuit_everybody_waits(void**) {
    assert_true(connections_without_circuit() > 1);
}

// Of a server that is slow and well: somebody whose time is nearly over when he asks.
struct Hurried {
    Seen hurried{""};
    Seen behind{""};  // asked with him
    Seen after{""};
    int connections = 0;
};

Hurried hurried_and_others() {
    const HostileServer server([](Peer& peer) {
        for (std::string wanted = peer.greet(); !wanted.empty(); wanted = peer.greet()) {
            peer.wait(milliseconds(20));
            peer.send("+record of " + wanted.substr(4) + "\r\n");
        }
    });
    RedisSettings settings = settings_for(server);
    settings.timeout = std::chrono::seconds(5);
    test::WireBench bench;
    redis::Wire wire(settings, bench.host());
    const auto whom = redis::Whom::server(settings, settings.url.hosts.front());
    redis::Node node(wire, whom, nullptr);
    node.start();
    bench.until([&] { return node.is_up(); });
    const auto get = [&](const char* key, milliseconds left) {
        return node.ask(redis::Request::of({"GET", key}), wire.now() + left);
    };
    auto hurried = get("a", milliseconds(5));
    auto behind = get("b", settings.timeout);
    hurried.start();
    behind.start();
    bench.until([&] { return hurried.done() && behind.done(); });
    Hurried seen;
    seen.hurried = Seen(shown(hurried.result()));
    seen.behind = Seen(shown(behind.result()));
    seen.after = Seen(shown(bench.finish(get("c", settings.timeout))));
    seen.connections = server.connections();
    return seen;
}

void who_has_no_time_left_condemns_nobody(void**) {
    const Hurried seen = hurried_and_others();
    assert_string_equal(seen.hurried.c_str(), "E-STORE: no reply in time");
    assert_string_equal(seen.behind.c_str(), "record of b");
    assert_string_equal(seen.after.c_str(), "record of c");
    assert_int_equal(seen.connections, 1);
}

// Whoever lost the same server at the same moment does not come back as one.
struct Seeded final : Random {
    explicit Seeded(unsigned seed) : engine(seed) {}
    bool fill(std::span<std::byte> out) noexcept override {
        for (std::byte& one : out) {
            one = static_cast<std::byte>(engine());
        }
        return true;
    }
    std::mt19937 engine;
};

std::vector<long> waits_with(unsigned seed) {
    test::WireBench bench;
    Seeded dice(seed);
    const redis::Host known = bench.host();
    redis::Wire wire(settings_of("redis://127.0.0.1:1"),
                     {known.loop, known.pool, dice, known.logger});
    redis::Backoff backoff;
    std::vector<long> waits;
    for (int i = 0; i < 8; ++i) {
        waits.push_back(backoff.next(wire).count());
    }
    return waits;
}

bool within_bounds(const std::vector<long>& waits) {
    long most = 50;
    for (const long wait : waits) {
        if (wait < most / 2 || wait > most) {
            return false;
        }
        most = std::min(most * 2, 1700L);
    }
    return true;
}

void reconnects_are_spread(void**) {
    assert_true(within_bounds(waits_with(1)));
    assert_true(within_bounds(waits_with(2)));
    assert_true(waits_with(1) != waits_with(2));
    assert_true(waits_with(1) == waits_with(1));
}

// --- whose reply ---------------------------------------------------------------------------------

// A's reply comes after A has given up, and B's right behind it.
Seen what_b_gets_after_a_late_reply() {
    const HostileServer server([](Peer& peer) {
        std::string wanted = peer.greet();
        if (peer.number() == 0) {
            peer.wait(milliseconds(700));
        }
        for (; !wanted.empty(); wanted = peer.greet()) {
            peer.send("+record of " + wanted.substr(4) + "\r\n");
        }
    });
    RedisClient client(settings_for(server));
    const std::string a = client.say({"GET", "a"});
    std::string b;
    client.bench.until([&] {
        b = client.say({"GET", "b"});
        return b.starts_with("record");
    });
    return reason(a) + ", " + b;
}

void late_reply_reaches_nobody_else(void**) {
    assert_string_equal(what_b_gets_after_a_late_reply().c_str(), "no reply in time, record of b");
}

// A leaves before his reply comes; B's is the second one.
Seen what_b_gets_when_a_left() {
    const HostileServer server([](Peer& peer) {
        const std::string first = peer.greet();
        const std::string second = peer.greet();
        peer.send("+record of " + first.substr(4) + "\r\n+record of " + second.substr(4) + "\r\n");
        peer.wait_for_the_end();
    });
    RedisClient client(settings_for(server));
    {
        Task<Result<redis::Value>> a = client.commands->run("a", {"GET", "a"});
        a.start();
        client.bench.linger(milliseconds(100));  // it is on its way
    }
    return client.say({"GET", "b"});
}

void reply_to_one_who_left_is_thrown_away(void**) {
    assert_string_equal(what_b_gets_when_a_left().c_str(), "record of b");
}

// One reply more than was asked for, which would be taken for B's.
Seen what_b_gets_after_two_replies() {
    const HostileServer server([](Peer& peer) {
        std::string wanted = peer.greet();
        if (peer.number() == 0) {
            peer.send("+record of a\r\n+record of somebody\r\n");
            wanted = peer.greet();
        }
        peer.send("+record of " + wanted.substr(std::min<std::size_t>(4, wanted.size())) + "\r\n");
        peer.wait_for_the_end();
    });
    RedisClient client(settings_for(server));
    client.say({"GET", "a"});
    client.bench.linger(milliseconds(20));
    std::string b;
    client.bench.until([&] {
        b = client.say({"GET", "b"});
        return b.starts_with("record");
    });
    return b + ", connection " + std::to_string(server.connections());
}

void unasked_reply_ends_the_connection(void**) {
    assert_string_equal(what_b_gets_after_two_replies().c_str(), "record of b, connection 2");
}

Seen two_replies_without_the_guard() {
    return without_guard("redis unasked reply", what_b_gets_after_two_replies);
}

void without_the_guard_it_would_not(void**) {
    assert_string_equal(two_replies_without_the_guard().c_str(), "record of b, connection 1");
}

Seen first_words(const std::string& sent) {
    const HostileServer server([&sent](Peer& peer) {
        peer.greet();
        peer.send(sent);
        peer.wait(milliseconds(100));
    });
    RedisClient client(settings_for(server));
    return reason(client.say({"GET", "a"}));
}

void garbage_ends_the_connection(void**) {
    static const std::vector<std::pair<std::string, std::string>> rows{
        {"*1000000000\r\n", "an array of impossible size"},
        {"*-2\r\n", "an array of impossible size"},
        {"$99999999999\r\n", "a text of impossible length"},
        {"$-2\r\n", "a text of impossible length"},
        {"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "arrays nested too deep"},
        {"$3\r\nabcde\r\n", "a text without its end"},
        {"+OK\n", "a line without its end"},
        {":12a\r\n", "neither a number nor a type of RESP2"},
        {"*+1\r\n:1\r\n", "neither a number nor a type of RESP2"},
        {":99999999999999999999\r\n", "neither a number nor a type of RESP2"},
        {"%1\r\n+a\r\n+b\r\n", "a type that RESP2 does not have"},
        {">2\r\n+a\r\n+b\r\n", "a type that RESP2 does not have"},
        {"HTTP/1.1 400 Bad Request\r\n", "neither a number nor a type of RESP2"},
        {"+" + std::string(1100000, 'a'), "a reply over the limit"},
        {"$1048576\r\n" + std::string(1048576, 'a') + "aa\r\n", "a text without its end"},
        {"$12\r\nhalf a", "closed by the server"},
        {"", "closed by the server"},
    };
    for (const auto& [sent, expected] : rows) {
        assert_string_equal(first_words(sent).c_str(), expected.c_str());
    }
}

// --- bounds --------------------------------------------------------------------------------------

struct Crowd {
    int failed_at_once = 0;
    int answered_in_the_end = 0;
    int failed_in_the_end = 0;
};

Crowd many_commands(std::size_t number) {
    const HostileServer server([](Peer& peer) {
        peer.greet();
        peer.wait_for_the_end();
    });
    RedisClient client(settings_for(server));
    Crowd crowd;
    std::vector<Task<Result<redis::Value>>> tasks;
    for (std::size_t i = 0; i < number; ++i) {
        tasks.push_back(client.commands->run("k", {"GET", "k"}));
        tasks.back().start();
        crowd.failed_at_once += tasks.back().done() ? 1 : 0;
    }
    client.bench.until(
        [&] { return std::ranges::all_of(tasks, [](const auto& task) { return task.done(); }); });
    for (auto& task : tasks) {
        const Result<redis::Value> reply = task.result();
        ++(reply ? crowd.answered_in_the_end : crowd.failed_in_the_end);
    }
    return crowd;
}

void crowd_is_bounded(void**) {
    const Crowd crowd = many_commands(1500);
    assert_int_equal(crowd.failed_at_once, 1500 - 1024);
    assert_int_equal(crowd.failed_in_the_end, 1500);
    assert_int_equal(crowd.answered_in_the_end, 0);
}

int failed_at_once_without_bound() {
    return without_guard("redis queue", [] { return many_commands(1500).failed_at_once; });
}

void without_the_bound_it_is_not(void**) {
    assert_int_equal(failed_at_once_without_bound(), 0);
}

// Whoever waits when the client goes is never told, and can go himself, in any order.
int living_after_the_client_went() {
    const HostileServer server([](Peer& peer) { peer.wait_for_the_end(); });
    RedisClient client(settings_for(server));
    Task<Result<redis::Value>> waits = client.commands->run("k", {"GET", "k"});
    waits.start();
    client.bench.linger(milliseconds(50));
    client.commands.reset();
    client.bench.linger(milliseconds(50));
    return waits.done() ? 1 : 0;
}

void client_may_go_first(void**) {
    assert_int_equal(living_after_the_client_went(), 0);
}

// What Redis quotes of a command is not for the log, nor what it says of itself.
Seen log_of_a_refusal() {
    const HostileServer server([](Peer& peer) {
        for (std::string wanted = peer.greet(); !wanted.empty(); wanted = peer.greet()) {
            peer.send("-NOPERM this user has no permissions to access 12345678Z\r\n");
        }
    });
    RedisClient client(settings_for(server));
    std::string said = client.say({"GET", "12345678Z"});
    client.say({"GET", "12345678Z"});
    return reason(said) + ", " + std::to_string(client.bench.count_logged("E-REDIS-AUTH")) + ", " +
           std::to_string(client.bench.count_logged("12345678Z"));
}

void refusal_is_logged_once_and_without_its_words(void**) {
    assert_string_equal(log_of_a_refusal().c_str(), "NOPERM, 1, 0");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tarpit_holds_nobody),
        cmocka_unit_test(reply_in_small_pieces_is_no_reply),
        cmocka_unit_test(connect_that_is_not_answered_ends),
        cmocka_unit_test(without_the_circuit_everybody_waits),
        cmocka_unit_test(who_has_no_time_left_condemns_nobody),
        cmocka_unit_test(reconnects_are_spread),
        cmocka_unit_test(late_reply_reaches_nobody_else),
        cmocka_unit_test(reply_to_one_who_left_is_thrown_away),
        cmocka_unit_test(unasked_reply_ends_the_connection),
        cmocka_unit_test(without_the_guard_it_would_not),
        cmocka_unit_test(garbage_ends_the_connection),
        cmocka_unit_test(crowd_is_bounded),
        cmocka_unit_test(without_the_bound_it_is_not),
        cmocka_unit_test(client_may_go_first),
        cmocka_unit_test(refusal_is_logged_once_and_without_its_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
