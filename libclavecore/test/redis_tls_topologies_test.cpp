// Sentinels and a cluster that speak nothing but TLS, with everyone and among themselves, and want
// a certificate of whoever comes, as Redis does unless it is told otherwise.
#include "cmocka_cpp.h"

#include <algorithm>
#include <memory>

#include "seen.h"
#include "support/redis_client.h"
#include "support/redis_process.h"
#include "support/tls_authorities.h"

namespace {

using namespace clave;
using test::made;
using test::RedisClient;
using test::RedisProcess;
using test::Seen;
using test::trusting;

// No plain port at all.
std::vector<std::string> only_tls(std::uint16_t port, const std::string& certificate,
                                  const std::vector<std::string>& more = {}) {
    std::vector<std::string> all{"--port",
                                 "0",
                                 "--tls-port",
                                 std::to_string(port),
                                 "--tls-cert-file",
                                 made() / (certificate + ".pem"),
                                 "--tls-key-file",
                                 made() / (certificate + ".key"),
                                 "--tls-ca-cert-file",
                                 made() / "ours.pem",
                                 "--tls-replication",
                                 "yes",
                                 "--tls-cluster",
                                 "yes"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::string here(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

// --- sentinels -----------------------------------------------------------------------------------

class Sentinel {
  public:
    explicit Sentinel(std::uint16_t primary) : port_(test::free_port()) {
        const std::string conf =
            place_.write("sentinel.conf",
                         "port 0\ntls-port " + std::to_string(port_) + "\nbind 127.0.0.1\ndir " +
                             (place_ / "") + "\ntls-replication yes\ntls-cert-file " +
                             (made() / "good.pem") + "\ntls-key-file " + (made() / "good.key") +
                             "\ntls-ca-cert-file " + (made() / "ours.pem") +
                             "\nsentinel monitor sessions 127.0.0.1 " + std::to_string(primary) +
                             " 1\nsentinel down-after-milliseconds sessions 1000\n"
                             "sentinel failover-timeout sessions 3000\n");
        process_ = std::make_unique<test::Process>(
            std::vector<std::string>{"redis-server", conf, "--sentinel"}, place_ / "log");
    }
    std::uint16_t port() const noexcept { return port_; }

  private:
    std::uint16_t port_;
    test::Scratch place_;
    std::unique_ptr<test::Process> process_;
};

struct Followed {
    Seen first{""};
    bool heard = false;
    Seen later{""};  // from the next primary
    Seen without_certificate{""};
};

Followed through_a_failover() {
    const std::uint16_t first = test::free_port();
    const std::uint16_t second = test::free_port();
    RedisProcess primary(only_tls(first, "good", {"--repl-diskless-sync-delay", "0"}));
    const RedisProcess replica(
        only_tls(second, "good", {"--replicaof", "127.0.0.1 " + std::to_string(first)}));
    RedisClient admin(trusting("rediss://" + here(first), "ours", "client"));
    admin.bench.until([&] {
        return admin.say({"INFO", "replication"}).find("state=online") != std::string::npos;
    });
    const Sentinel sentinel(first);
    const std::string url = "rediss+sentinel://" + here(sentinel.port()) + "/sessions";
    RedisClient watcher(trusting("rediss://" + here(sentinel.port()), "ours", "client"));
    watcher.bench.until(
        [&] {
            const auto known = watcher.run({"SENTINEL", "SLAVES", "sessions"});
            return known && known->elements.size() == 1;
        },
        std::chrono::seconds(20));
    RedisClient client(trusting(url, "ours", "client"), {"s:"});
    client.until_answered();
    client.bench.until([&] { return client.hearsay.hears; });
    Followed seen;
    seen.first = Seen(client.say({"SET", "s:a", "1"}));
    seen.heard =
        client.bench.until([&] { return client.hearsay.said.find("s:a") != std::string::npos; });
    RedisClient stranger(trusting(url, "ours"));
    seen.without_certificate = Seen(stranger.say({"GET", "s:a"}));
    primary.kill();
    client.bench.until(
        [&] {
            return client.say({"SET", "s:a", "2"}) == "OK";
        },
        std::chrono::seconds(30));
    seen.later = Seen(client.say({"GET", "s:a"}));
    return seen;
}

void sentinels_are_followed_over_tls(void**) {
    const Followed seen = through_a_failover();
    assert_string_equal(seen.first.c_str(), "OK");
    assert_true(seen.heard);
    assert_string_equal(seen.later.c_str(), "2");
    assert_string_equal(seen.without_certificate.c_str(), "E-STORE: no sentinel knows the primary");
}

// --- a cluster -----------------------------------------------------------------------------------

class Cluster {
  public:
    explicit Cluster(const std::string& certificate) {
        std::vector<std::string> create{"redis-cli", "--tls",
                                        "--cacert",  made() / "ours.pem",
                                        "--cert",    made() / "client.pem",
                                        "--key",     made() / "client.key",
                                        "--cluster", "create"};
        for (int i = 0; i < 3; ++i) {
            ports_.push_back(test::free_port());
            nodes_.push_back(std::make_unique<RedisProcess>(
                only_tls(ports_.back(), certificate, {"--cluster-enabled", "yes"})));
            create.push_back(here(ports_.back()));
        }
        create.push_back("--cluster-yes");
        // It does not wait for a server that is about to listen.
        RedisClient patience(named("rediss://" + here(ports_.back())));
        patience.until_answered();
        while (test::run(create) != 0) {
            patience.bench.linger(std::chrono::milliseconds(100));
        }
        patience.bench.until(
            [&] {
                return patience.say({"CLUSTER", "INFO"}).find("cluster_state:ok") !=
                       std::string::npos;
            },
            std::chrono::seconds(20));
    }
    std::string url() const { return "rediss+cluster://" + here(ports_.front()); }
    // The nodes call each other by address; their certificates name something else.
    static RedisSettings named(const std::string& url) {
        RedisSettings settings = trusting(url, "ours", "client");
        settings.tls_name = "elsewhere.example";
        return settings;
    }

  private:
    std::vector<std::uint16_t> ports_;
    std::vector<std::unique_ptr<RedisProcess>> nodes_;
};

struct Spread {
    int right = 0;
    bool hears = false;
    Seen by_address{""};
};

Spread over_a_cluster() {
    const Cluster cluster("elsewhere");
    RedisClient client(Cluster::named(cluster.url()), {"s:"});
    client.bench.until([&] { return client.say({"GET", "a"}, "a") == "(nil)"; });
    Spread seen;
    for (int i = 0; i < 20; ++i) {
        const std::string key = std::to_string(i);
        client.say({"SET", key, key}, key);
        seen.right += client.say({"GET", key}, key) == key ? 1 : 0;
    }
    seen.hears = client.bench.until([&] { return client.hearsay.hears; });
    RedisClient by_address(trusting(cluster.url(), "ours", "client"));
    seen.by_address = Seen(by_address.say({"GET", "a"}, "a"));
    return seen;
}

void cluster_is_spoken_to_over_tls(void**) {
    const Spread seen = over_a_cluster();
    assert_int_equal(seen.right, 20);
    assert_true(seen.hears);
    assert_string_equal(seen.by_address.c_str(),
                        "E-STORE: no node of the cluster tells who has which slots");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sentinels_are_followed_over_tls),
        cmocka_unit_test(cluster_is_spoken_to_over_tls),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
