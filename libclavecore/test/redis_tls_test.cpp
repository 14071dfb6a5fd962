// Whom the client speaks TLS with, and whom not.
#include "cmocka_cpp.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <thread>

#include "seen.h"
#include "support/redis_client.h"
#include "support/redis_process.h"
#include "support/tls_authorities.h"
#include "without_guard.h"

namespace {

using namespace clave;
using std::chrono::milliseconds;
using test::made;
using test::RedisClient;
using test::RedisProcess;
using test::Seen;
using test::settings_of;
using test::trusting;

class TlsRedis {
  public:
    explicit TlsRedis(const std::string& certificate, std::vector<std::string> more = {})
        : port_(test::free_port()), server_(options(certificate, std::move(more))) {}
    std::string url(const std::string& host = "127.0.0.1") const {
        return "rediss://" + host + ":" + std::to_string(port_);
    }

  private:
    std::vector<std::string> options(const std::string& certificate,
                                     std::vector<std::string> more) const {
        std::vector<std::string> all{"--tls-port",         std::to_string(port_),
                                     "--tls-cert-file",    made() / (certificate + ".pem"),
                                     "--tls-key-file",     made() / (certificate + ".key"),
                                     "--tls-ca-cert-file", made() / "ours.pem"};
        if (more.empty()) {
            more = {"--tls-auth-clients", "no"};
        }
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    std::uint16_t port_;
    RedisProcess server_;
};

// Tries for as long as nobody listens yet.
Seen answer(RedisSettings settings) {
    RedisClient client(std::move(settings));
    std::string said;
    client.bench.until([&] {
        said = client.say({"PING"});
        return said.find("refused") == std::string::npos;
    });
    return said.substr(said.rfind(": ") == said.npos ? 0 : said.rfind(": ") + 2);
}

Seen answer_of(const std::string& certificate, const std::string& trusted = "ours",
               const std::string& host = "127.0.0.1") {
    const TlsRedis server(certificate);
    return answer(trusting(server.url(host), trusted));
}

void server_of_our_authority_is_spoken_to(void**) {
    assert_string_equal(answer_of("good").c_str(), "PONG");
    assert_string_equal(answer_of("good", "ours", "localhost").c_str(), "PONG");
}

void certificate_has_to_verify(void**) {
    assert_string_equal(answer_of("foreign").c_str(), "unable to get local issuer certificate");
    assert_string_equal(answer_of("good", "").c_str(),
                        "self-signed certificate in certificate chain");
    assert_string_equal(answer_of("ended").c_str(), "certificate has expired");
}

void certificate_has_to_be_for_the_host(void**) {
    assert_string_equal(answer_of("elsewhere").c_str(), "IP address mismatch");
    assert_string_equal(answer_of("elsewhere", "ours", "localhost").c_str(), "hostname mismatch");
}

Seen answer_by_another_name() {
    const TlsRedis server("elsewhere");
    RedisSettings settings = trusting(server.url(), "ours");
    settings.tls_name = "elsewhere.example";
    return answer(settings);
}

void name_in_the_certificate_can_be_given(void**) {
    assert_string_equal(answer_by_another_name().c_str(), "PONG");
}

Seen answer_to_a_client(const std::string& certificate) {
    const TlsRedis server("good", {"--tls-auth-clients", "yes"});
    return answer(trusting(server.url(), "ours", certificate));
}

void client_certificate_is_shown(void**) {
    assert_string_equal(answer_to_a_client("client").c_str(), "PONG");
    assert_string_not_equal(answer_to_a_client("").c_str(), "PONG");
}

// A server of another age: openssl's, as Redis' own will not go there any more.
Seen answer_of_version(const std::string& version) {
    const std::uint16_t port = test::free_port();
    const test::Process server(
        {"openssl", "s_server", "-accept", std::to_string(port), "-cert", made() / "good.pem",
         "-key", made() / "good.key", version, "-cipher", "ALL:@SECLEVEL=0", "-quiet"},
        "/dev/null");
    return answer(trusting("rediss://127.0.0.1:" + std::to_string(port), "ours"));
}

// Several names behind one address: the certificate is that of the name which is asked for.
Seen answer_by_server_name(const std::string& host) {
    const std::uint16_t port = test::free_port();
    const test::Process server(
        {"openssl", "s_server", "-accept", std::to_string(port), "-cert", made() / "foreign.pem",
         "-key", made() / "foreign.key", "-servername", "localhost", "-cert2", made() / "good.pem",
         "-key2", made() / "good.key", "-quiet"},
        "/dev/null");
    return answer(trusting("rediss://" + host + ":" + std::to_string(port), "ours"));
}

// What fails then is that nobody there knows Redis, or stays.
bool is_spoken_to(const std::string& version) {
    const Seen seen = answer_of_version(version);
    const std::string_view said = seen.c_str();
    return said == "no reply in time" || said == "ended by the other side";
}

void old_versions_are_refused(void**) {
    assert_string_equal(answer_of_version("-tls1_1").c_str(), "tlsv1 alert protocol version");
    assert_true(is_spoken_to("-tls1_2"));
}

// A server that is asked something and wants to talk about keys first.
class Renegotiator {
  public:
    Renegotiator()
        : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
          listener_(BIO_new_accept(("127.0.0.1:" + std::to_string(port_)).c_str()), BIO_free_all) {
        SSL_CTX_set_max_proto_version(context_.get(), TLS1_2_VERSION);  // 1.3 has none
        SSL_CTX_use_certificate_file(context_.get(), (made() / "good.pem").c_str(),
                                     SSL_FILETYPE_PEM);
        SSL_CTX_use_PrivateKey_file(context_.get(), (made() / "good.key").c_str(),
                                    SSL_FILETYPE_PEM);
        BIO_set_bind_mode(listener_.get(), BIO_BIND_REUSEADDR);
        BIO_do_accept(listener_.get());  // the first time it only listens
        thread_ = std::thread([this] { serve(); });
    }
    Renegotiator(const Renegotiator&) = delete;
    Renegotiator& operator=(const Renegotiator&) = delete;
    ~Renegotiator() { settle(); }
    std::string url() const { return "rediss://127.0.0.1:" + std::to_string(port_); }
    // What came of it, when the client has gone.
    std::string settle() {
        if (thread_.joinable()) {
            thread_.join();
        }
        return said_;
    }

  private:
    void serve() {
        if (BIO_do_accept(listener_.get()) != 1) {
            return;
        }
        const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
        BIO* const connection = BIO_pop(listener_.get());
        SSL_set_bio(tls.get(), connection, connection);
        char text[1024];
        if (SSL_accept(tls.get()) == 1 && SSL_read(tls.get(), text, sizeof text) > 0 &&
            SSL_renegotiate(tls.get()) == 1 && SSL_do_handshake(tls.get()) == 1) {
            SSL_read(tls.get(), text, sizeof text);
            said_ = SSL_num_renegotiations(tls.get()) > 0 && SSL_renegotiate_pending(tls.get()) == 0
                        ? "renegotiated"
                        : "refused";
        }
    }

    std::uint16_t port_ = test::free_port();
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
    std::unique_ptr<BIO, decltype(&BIO_free_all)> listener_;
    std::string said_ = "not spoken to";
    std::thread thread_;
};

Seen renegotiation() {
    Renegotiator server;
    {
        RedisSettings settings = trusting(server.url(), "ours");
        settings.connect_timeout = std::chrono::seconds(10);
        settings.timeout = std::chrono::seconds(3);  // for as long it may be talked about
        RedisClient client(settings);
        client.say({"PING"});
    }
    return server.settle();
}

void keys_are_not_talked_about_again(void**) {
    assert_string_equal(renegotiation().c_str(), "refused");
    const auto unguarded = [] {
        return without_guard("redis tls renegotiation", [] { return renegotiation(); });
    };
    assert_string_equal(unguarded().c_str(), "renegotiated");
}

void server_is_told_its_name(void**) {
    const Seen seen = answer_by_server_name("localhost");
    const std::string_view said = seen.c_str();
    assert_true(said == "no reply in time" || said == "ended by the other side");
    assert_string_equal(answer_by_server_name("127.0.0.1").c_str(),
                        "unable to get local issuer certificate");
}

Seen without(std::string_view name, const std::string& certificate) {
    return without_guard(name, [&] { return answer_of(certificate); });
}

void without_its_guard_anybody_would_do(void**) {
    assert_string_equal(without("redis tls verify", "foreign").c_str(), "PONG");
    assert_string_equal(without("redis tls name", "elsewhere").c_str(), "PONG");
}

// A plain server, asked for TLS, and the other way round: nothing is ever sent in the clear.
Seen answer_of_a_plain_server() {
    const RedisProcess server;
    return answer(trusting("rediss://127.0.0.1:" + std::to_string(server.port()), "ours"));
}

void plain_server_is_not_spoken_to(void**) {
    assert_string_not_equal(answer_of_a_plain_server().c_str(), "PONG");
}

// As long as several records, in both directions.
Seen long_values() {
    const TlsRedis server("good");
    RedisClient client(trusting(server.url(), "ours"));
    client.until_answered();
    const std::string value(60'000, 'v');
    client.say({"SET", "a", value});
    return client.say({"GET", "a"}) == value ? "same" : "another one";
}

void long_values_come_back(void**) {
    assert_string_equal(long_values().c_str(), "same");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(server_of_our_authority_is_spoken_to),
        cmocka_unit_test(certificate_has_to_verify),
        cmocka_unit_test(certificate_has_to_be_for_the_host),
        cmocka_unit_test(name_in_the_certificate_can_be_given),
        cmocka_unit_test(client_certificate_is_shown),
        cmocka_unit_test(old_versions_are_refused),
        cmocka_unit_test(keys_are_not_talked_about_again),
        cmocka_unit_test(server_is_told_its_name),
        cmocka_unit_test(without_its_guard_anybody_would_do),
        cmocka_unit_test(plain_server_is_not_spoken_to),
        cmocka_unit_test(long_values_come_back),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
