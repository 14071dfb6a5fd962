// What crosses the wire, what never does, and what a hostile or broken service can do to us.
#include "cmocka_cpp.h"

#include <openssl/err.h>

#include <csignal>
#include <cstring>

#include "support/https_stand.h"
#include "support/scripted_server.h"

namespace {

using namespace clave;
using namespace clave::test;
using std::chrono::milliseconds;

// --- what is sent and what comes back ---

struct Exchanged {
    std::string head, body, client, answer, type;
    int status = 0;
};

Exchanged exchange_of_a_post() {
    Exchanged seen;
    ScriptedServer server(server_key(), [&](Connection& connection) {
        const auto request = connection.receive();
        seen.head = request->head;
        seen.body = request->body;
        seen.client = connection.client_name();
        connection.answer(404, "no está", "Content-Type: text/plain;charset=UTF-8\r\n");
    });
    Stand stand;
    const auto answer = stand.post(server.url(), "op=1&dat=AA==");
    if (answer) {
        seen.status = answer->status;
        seen.answer = answer->body;
        seen.type = answer->content_type;
    }
    return seen;
}

void a_post_has_a_length_and_our_certificate(void**) {
    static const Exchanged seen = exchange_of_a_post();
    assert_int_equal(seen.status, 404);
    assert_string_equal(seen.body.c_str(), "op=1&dat=AA==");
    assert_string_equal(seen.answer.c_str(), "no está");
    assert_string_equal(seen.type.c_str(), "text/plain;charset=UTF-8");
    assert_string_equal(seen.client.c_str(), "SIMULADOR cliente");
    assert_non_null(strstr(seen.head.c_str(), "POST /fire HTTP/1.1\r\n"));
    assert_non_null(strstr(seen.head.c_str(), "Content-Length: 13"));
    assert_non_null(strstr(seen.head.c_str(), "Content-Type: text/plain"));
    assert_null(strstr(seen.head.c_str(), "Expect"));
    assert_null(strstr(seen.head.c_str(), "Cookie"));
}

// --- F-01: where a request may go ---

bool is_refused_without_contact(const std::string& url) {
    Stand stand;
    const auto answer = stand.send({.url = url});
    return !answer && !answer.error().may_have_arrived;
}

void f01_only_https_is_spoken(void**) {
    ScriptedServer server(server_key(), [](Connection& connection) { connection.fall_silent(); });
    const std::string port = std::to_string(server.port());
    const std::vector<std::string> urls{"http://localhost:" + port + "/",
                                        "file:///etc/passwd",
                                        "gopher://localhost:" + port + "/",
                                        "https://user@localhost:" + port + "/",
                                        "https://localhost.:" + port + "/",
                                        "https://LOCALHOST:" + port + "/",
                                        "//localhost:" + port + "/",
                                        "localhost:" + port,
                                        ""};
    int refused = 0;
    for (const std::string& url : urls) {
        refused += is_refused_without_contact(url) ? 1 : 0;
    }
    const auto expected = static_cast<int>(urls.size());
    const int connections = server.connections();
    assert_int_equal(refused, expected);
    assert_int_equal(connections, 0);
}

struct Redirected {
    int status;
    int visits;
};

Redirected status_of_a_redirect() {
    ScriptedServer elsewhere(server_key(), [](Connection& connection) {
        connection.receive();
        connection.answer(200, "stolen");
    });
    const std::string target = "Location: " + elsewhere.url() + "\r\n";
    ScriptedServer server(server_key(), [&](Connection& connection) {
        connection.receive();
        connection.answer(302, "", target);
    });
    Stand stand;
    const auto answer = stand.post(server.url(), "x");
    return {answer ? answer->status : 0, elsewhere.connections()};
}

void f01_redirects_are_told_not_followed(void**) {
    const Redirected seen = status_of_a_redirect();
    assert_int_equal(seen.status, 302);
    assert_int_equal(seen.visits, 0);
}

struct WithProxy {
    int status;
    int proxied;
};

WithProxy with_a_proxy_in_the_environment() {
    ScriptedServer proxy(server_key(), [](Connection& connection) { connection.fall_silent(); });
    proxy.mute = true;
    ScriptedServer server(server_key(), [](Connection& connection) {
        connection.receive();
        connection.answer(200, "");
    });
    const std::string url = "http://127.0.0.1:" + std::to_string(proxy.port());
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::setenv(name, url.c_str(), 1);
    }
    Stand stand;
    const auto answer = stand.post(server.url(), "x");
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        ::unsetenv(name);
    }
    return {answer ? answer->status : 0, proxy.connections()};
}

void f01_no_proxy_of_the_environment(void**) {
    const WithProxy seen = with_a_proxy_in_the_environment();
    assert_int_equal(seen.status, 200);
    assert_int_equal(seen.proxied, 0);
}

// --- F-12: whom we believe ---

struct Trusted {
    bool answered;
    bool may_have_arrived;
    int requests;
};

Trusted asking(const TestKey& shown, HttpsTrust trust, std::string_view host) {
    std::atomic<int> requests{0};
    ScriptedServer server(shown, [&](Connection& connection) {
        if (connection.receive()) {
            ++requests;
            connection.answer(200, "");
        }
    });
    Stand stand(std::move(trust));
    const auto answer = stand.post(server.url("/", host), "secret");
    return {answer.has_value(), !answer && answer.error().may_have_arrived, requests};
}

void f12_strangers_get_nothing(void**) {
    static const TestKey stranger = make_test_key("localhost", Algorithm::ec);
    ERR_clear_error();
    const Trusted by_stranger = asking(stranger, mutual_trust(), "localhost");
    // nginx would tell of them as an alert of its own.
    assert_int_equal(ERR_peek_error(), 0);
    const Trusted by_another_name = asking(server_key(), mutual_trust(), "127.0.0.1");
    const Trusted by_the_system = asking(server_key(), {}, "localhost");
    const Trusted right = asking(server_key(), mutual_trust(), "localhost");
    assert_true(right.answered);
    for (const Trusted& wrong : {by_stranger, by_another_name, by_the_system}) {
        assert_false(wrong.answered);
        assert_false(wrong.may_have_arrived);
        assert_int_equal(wrong.requests, 0);
    }
}

// --- F-12: services that do not behave ---

struct Failed {
    bool failed = false;
    bool may_have_arrived = false;
    bool in_time = false;
};

Failed against(const ScriptedServer::Script& script, bool mute = false,
               std::uint64_t most_bytes = 65536) {
    ScriptedServer server(server_key(), script);
    server.mute = mute;
    Stand stand;
    TextBody body("x");
    const auto begun = std::chrono::steady_clock::now();
    const auto answer = stand.send({.url = server.url(),
                                    .content_type = "text/plain",
                                    .body = &body,
                                    .most_bytes = most_bytes,
                                    .connect_limit = milliseconds(300),
                                    .limit = milliseconds(600)});
    return {!answer, !answer && answer.error().may_have_arrived,
            std::chrono::steady_clock::now() - begun < std::chrono::seconds(2)};
}

void assert_unanswered(const Failed& seen) {
    assert_true(seen.failed);
    assert_true(seen.may_have_arrived);
    assert_true(seen.in_time);
}

void f12_no_answer_in_time(void**) {
    assert_unanswered(against([](Connection& connection) { connection.fall_silent(); }));
    const Failed no_tls = against([](Connection&) {}, true);
    assert_true(no_tls.failed && !no_tls.may_have_arrived && no_tls.in_time);
}

void f12_answers_that_are_cut_off(void**) {
    assert_unanswered(against([](Connection& connection) { connection.receive(); }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\nContent-Len");
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n");
    }));
}

// Over TLS, too, the end of a connection is no end of a message: it may be anybody's.
void f12_answers_without_a_length(void**) {
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\n\r\nperhaps all of it");
    }));
}

void f12_answers_that_have_no_end(void**) {
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.answer(200, std::string(70000, 'a'));
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (connection.send("400\r\n" + std::string(1024, 'a') + "\r\n")) {
        }
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\n");
        while (connection.send("X-Filler: " + std::string(1000, 'a') + "\r\n")) {
        }
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        while (connection.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
    }));
}

void f12_what_is_not_http(void**) {
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("<html>hello</html>");
    }));
    assert_unanswered(against([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n");
    }));
}

void f12_a_page_of_errors_is_cut_to_size_not_refused(void**) {
    const Failed seen = against([](Connection& connection) {
        connection.receive();
        connection.answer(502, std::string(200000, '<'), "Content-Type: text/html\r\n");
    });
    assert_false(seen.failed);
}

// --- names ---

bool unknown_name_fails_at_once() {
    return is_refused_without_contact("https://no-such-name.invalid/");
}

void f12_a_name_without_address(void**) {
    assert_true(unknown_name_fails_at_once());
}

// A pool that never does anything, as one whose threads all wait for a name server.
struct StuckPool final : WorkerPool {
    std::vector<std::unique_ptr<Job>> jobs;
    bool submit(std::unique_ptr<Job> job) noexcept override {
        jobs.push_back(std::move(job));
        return true;
    }
};

struct Unresolved {
    int failed = 0;
    int asked = 0;
};

Unresolved with_name_servers_that_are_silent() {
    PollLoop loop;
    StuckPool pool;
    const auto client = HttpsClient::create(loop, pool, mutual_trust());
    std::vector<Task<HttpsResult>> tasks;
    for (int i = 0; i < 50; ++i) {
        tasks.push_back(client->send({.url = "https://slow.example/", .limit = milliseconds(100)}));
        tasks.back().start();
    }
    tasks.pop_back();  // one that does not wait any longer
    const auto end = std::chrono::steady_clock::now() + milliseconds(400);
    while (std::chrono::steady_clock::now() < end) {
        loop.run_once(milliseconds(10));
    }
    Unresolved seen;
    for (auto& task : tasks) {
        seen.failed += task.done() && !task.result() ? 1 : 0;
    }
    seen.asked = static_cast<int>(pool.jobs.size());
    return seen;
}

void silent_name_servers_cost_one_job_and_no_more_than_the_limit(void**) {
    const Unresolved seen = with_name_servers_that_are_silent();
    assert_int_equal(seen.failed, 49);
    assert_int_equal(seen.asked, 1);
}

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_post_has_a_length_and_our_certificate),
        cmocka_unit_test(f01_only_https_is_spoken),
        cmocka_unit_test(f01_redirects_are_told_not_followed),
        cmocka_unit_test(f01_no_proxy_of_the_environment),
        cmocka_unit_test(f12_strangers_get_nothing),
        cmocka_unit_test(f12_no_answer_in_time),
        cmocka_unit_test(f12_answers_that_are_cut_off),
        cmocka_unit_test(f12_answers_without_a_length),
        cmocka_unit_test(f12_answers_that_have_no_end),
        cmocka_unit_test(f12_what_is_not_http),
        cmocka_unit_test(f12_a_page_of_errors_is_cut_to_size_not_refused),
        cmocka_unit_test(f12_a_name_without_address),
        cmocka_unit_test(silent_name_servers_cost_one_job_and_no_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
