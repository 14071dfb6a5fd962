// Requests that end at the wrong moment, connections that are kept, bodies larger than memory.
#include "cmocka_cpp.h"

#include <csignal>
#include <fstream>
#include <random>

#include "support/https_stand.h"
#include "support/scripted_server.h"

namespace {

using namespace clave;
using namespace clave::test;
using std::chrono::milliseconds;

void answer_each(Connection& connection) {
    while (connection.receive()) {
        if (!connection.answer(200, "done")) {
            return;
        }
    }
}

// --- connections ---

struct Kept {
    int good = 0;
    int connections = 0;
};

Kept five_requests(bool fresh) {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    Kept seen;
    for (int i = 0; i < 5; ++i) {
        TextBody body("x");
        const auto answer = stand.send({.url = server.url(),
                                        .content_type = "text/plain",
                                        .body = &body,
                                        .fresh_connection = fresh});
        seen.good += answer && answer->body == "done" ? 1 : 0;
    }
    seen.connections = server.connections();
    return seen;
}

void connections_are_kept_unless_a_request_wants_its_own(void**) {
    const Kept kept = five_requests(false);
    const Kept fresh = five_requests(true);
    assert_int_equal(kept.good, 5);
    assert_int_equal(kept.connections, 1);
    assert_int_equal(fresh.good, 5);
    assert_int_equal(fresh.connections, 5);
}

struct Repeated {
    int received = 0;
    bool failed = false;
};

// The service takes the second request of a connection, acts on it, and is gone.
Repeated lost_answer_on_a_kept_connection() {
    std::atomic<int> received{0};
    ScriptedServer server(server_key(), [&](Connection& connection) {
        for (int i = 0; i < 2 && connection.receive(); ++i) {
            ++received;
            if (received != 2) {
                connection.answer(200, "done");
            }
        }
    });
    Stand stand;
    Repeated seen;
    seen.failed = !stand.post(server.url(), "first");
    const auto second = stand.post(server.url(), "op=11");
    seen.failed = !seen.failed && !second && second.error().may_have_arrived;
    seen.received = received;
    return seen;
}

void f10_nothing_is_sent_twice(void**) {
    const Repeated seen = lost_answer_on_a_kept_connection();
    assert_true(seen.failed);
    assert_int_equal(seen.received, 2);
}

// --- bodies ---

class Pattern final : public RequestBody {
  public:
    explicit Pattern(std::uint64_t size, std::uint64_t ends = UINT64_MAX)
        : size_(size), ends_(ends) {}
    std::uint64_t size() const noexcept override { return size_; }
    std::optional<std::size_t> read(std::span<std::byte> out) noexcept override {
        if (on_read) {
            on_read();
        }
        if (at_ >= ends_) {
            return std::nullopt;
        }
        const auto count =
            static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at_));
        std::fill_n(out.begin(), count, std::byte{'a'});
        at_ += count;
        return count;
    }
    std::function<void()> on_read;

  private:
    std::uint64_t size_;
    std::uint64_t ends_;
    std::uint64_t at_ = 0;
};

long peak_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) {
            return std::stol(line.substr(6));
        }
    }
    return 0;
}

struct Streamed {
    std::uint64_t arrived = 0;
    long grown = 0;
};

Streamed stream(std::uint64_t size) {
    Streamed seen;
    ScriptedServer server(server_key(), [&](Connection& connection) {
        std::string begin;
        while (begin.find("\r\n\r\n") == std::string::npos && connection.read_some(begin)) {
        }
        seen.arrived = begin.size() - begin.find("\r\n\r\n") - 4;
        for (std::size_t got = 1; got > 0 && seen.arrived < size;) {
            got = connection.discard_some();
            seen.arrived += got;
        }
        connection.answer(200, "");
    });
    Stand stand;
    Pattern body(size);
    const long before = peak_kilobytes();
    static_cast<void>(
        stand.send({.url = server.url(), .content_type = "text/plain", .body = &body}));
    seen.grown = peak_kilobytes() - before;
    return seen;
}

void f11_a_large_body_is_sent_with_constant_memory(void**) {
    stream(1 << 20);
    const Streamed seen = stream(100 << 20);
    assert_int_equal(seen.arrived, 100 << 20);
    assert_in_range(seen.grown, 0, 4096);
}

struct Broken {
    bool failed = false;
    bool may_have_arrived = true;
};

Broken with_a_body_that_breaks() {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    Pattern body(300000, 200000);
    const auto answer =
        stand.send({.url = server.url(), .content_type = "text/plain", .body = &body});
    return {!answer, !answer && answer.error().may_have_arrived};
}

void f05_a_body_that_breaks_never_arrives_whole(void**) {
    const Broken seen = with_a_body_that_breaks();
    assert_true(seen.failed);
    assert_false(seen.may_have_arrived);
}

int status_of_an_early_refusal() {
    ScriptedServer server(server_key(), [](Connection& connection) {
        std::string some;
        connection.read_some(some);
        connection.answer(413, "too large", "Connection: close\r\n");
        connection.fall_silent();
    });
    Stand stand;
    Pattern body(50 << 20);
    const auto answer =
        stand.send({.url = server.url(), .content_type = "text/plain", .body = &body});
    return answer ? answer->status : 0;
}

void f11_an_early_refusal_is_read_while_sending(void**) {
    assert_int_equal(status_of_an_early_refusal(), 413);
}

struct Sink final : ResponseSink {
    std::string got;
    std::size_t room = SIZE_MAX;
    std::function<void()> on_write;
    bool write(std::span<const std::byte> bytes) noexcept override {
        if (on_write) {
            on_write();
            return true;
        }
        got += as_text(bytes);
        return got.size() <= room;
    }
};

struct Sunk {
    std::string kept;
    std::string in_memory;
    bool answered = false;
};

Sunk into_a_sink(int status, std::size_t room) {
    ScriptedServer server(server_key(), [status](Connection& connection) {
        connection.receive();
        connection.answer(status, "signature");
    });
    Stand stand;
    Sink sink;
    sink.room = room;
    const auto answer = stand.send({.url = server.url(), .sink = &sink});
    return {sink.got, answer ? answer->body : "", answer.has_value()};
}

void only_a_200_goes_to_the_sink(void**) {
    static const Sunk good = into_a_sink(200, 100);
    static const Sunk bad = into_a_sink(500, 100);
    static const Sunk full = into_a_sink(200, 3);
    assert_true(good.answered && good.kept == "signature" && good.in_memory.empty());
    assert_true(bad.answered && bad.kept.empty() && bad.in_memory == "signature");
    assert_false(full.answered);
}

// --- F-13: tasks that end early ---

bool client_still_works(Stand& stand, const ScriptedServer& server) {
    const auto answer = stand.post(server.url(), "x");
    return answer && answer->body == "done";
}

// Each is destroyed in another round of the loop: while its name is looked up, during the
// handshake, while the body is sent, while the answer is awaited.
int survived_cancellations(int count) {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    std::mt19937 random(20261121);
    int survived = 0;
    for (int i = 0; i < count; ++i) {
        Pattern body(random() % 300000 + 1);
        auto task =
            stand.client->send({.url = server.url(), .content_type = "text/plain", .body = &body});
        task.start();
        for (auto rounds = random() % 24; rounds > 0 && !task.done(); --rounds) {
            stand.loop.run_once(milliseconds(1));
        }
        if (i % 50 == 0) {
            task = stand.client->send({.url = server.url()});
            survived += client_still_works(stand, server) ? 50 : 0;
        }
    }
    return survived;
}

void f13_a_task_may_be_destroyed_at_any_moment(void**) {
    // CLAVE_CANCELLATIONS: the long run (10⁵ under sanitizers).
    const char* const wanted = std::getenv("CLAVE_CANCELLATIONS");
    const int count = wanted == nullptr ? 500 : std::atoi(wanted);
    const int survived = survived_cancellations(count);
    assert_int_equal(survived, (count + 49) / 50 * 50);
}

bool survives_destruction_while_reading() {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    Pattern body(200000);
    std::optional<Task<HttpsResult>> task;
    int reads = 0;
    body.on_read = [&] {
        if (++reads == 2) {
            task.reset();
        }
    };
    task = stand.client->send({.url = server.url(), .content_type = "text/plain", .body = &body});
    task->start();
    for (int i = 0; i < 200 && task; ++i) {
        stand.loop.run_once(milliseconds(5));
    }
    return !task && reads == 2 && client_still_works(stand, server);
}

bool survives_destruction_while_writing() {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    Sink sink;
    std::optional<Task<HttpsResult>> task;
    sink.on_write = [&] { task.reset(); };
    task = stand.client->send({.url = server.url(), .sink = &sink});
    task->start();
    for (int i = 0; i < 200 && task; ++i) {
        stand.loop.run_once(milliseconds(5));
    }
    return !task && client_still_works(stand, server);
}

void f13_a_task_may_be_destroyed_inside_a_callback(void**) {
    assert_true(survives_destruction_while_reading());
    assert_true(survives_destruction_while_writing());
}

bool begins_another_inside_a_callback() {
    ScriptedServer server(server_key(), answer_each);
    Stand stand;
    Pattern body(100000);
    std::optional<Task<HttpsResult>> inner;
    body.on_read = [&] {
        if (!inner) {
            inner = stand.client->send({.url = server.url()});
            inner->start();
        }
    };
    const auto outer =
        stand.send({.url = server.url(), .content_type = "text/plain", .body = &body});
    for (int i = 0; i < 200 && !inner->done(); ++i) {
        stand.loop.run_once(milliseconds(5));
    }
    return outer && inner->done() && inner->result()->body == "done";
}

void f13_a_request_may_begin_inside_a_callback(void**) {
    assert_true(begins_another_inside_a_callback());
}

bool parallel_requests_get_their_own_answers() {
    ScriptedServer server(server_key(), [](Connection& connection) {
        while (const auto request = connection.receive()) {
            connection.answer(200, request->body);
        }
    });
    Stand stand;
    std::vector<std::unique_ptr<TextBody>> bodies;
    std::vector<Task<HttpsResult>> tasks;
    for (int i = 0; i < 60; ++i) {
        bodies.push_back(std::make_unique<TextBody>("request " + std::to_string(i)));
        tasks.push_back(stand.client->send(
            {.url = server.url(), .content_type = "text/plain", .body = bodies.back().get()}));
        tasks.back().start();
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    bool right = true;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        while (!tasks[i].done() && std::chrono::steady_clock::now() < end) {
            stand.loop.run_once(milliseconds(5));
        }
        const bool done = tasks[i].done();
        const auto answer = done ? tasks[i].result() : HttpsResult();
        right = right && done && answer && answer->body == "request " + std::to_string(i);
    }
    return right;
}

void f13_answers_are_not_mixed_up(void**) {
    assert_true(parallel_requests_get_their_own_answers());
}

// --- a host without descriptors ---

struct BlindLoop final : Loop {
    PollLoop real;
    bool blind = false;
    std::unique_ptr<Watch> watch(int fd, WatchHandler& handler) noexcept override {
        return blind ? nullptr : real.watch(fd, handler);
    }
    std::unique_ptr<Timer> timer(TimerHandler& handler) noexcept override {
        return real.timer(handler);
    }
    std::unique_ptr<Post> poster(PostHandler& handler) noexcept override {
        return real.poster(handler);
    }
    Monotonic now() const noexcept override { return real.now(); }
};

struct Blind {
    bool failed = false;
    bool in_time = false;
    bool recovered = false;
};

Blind with_a_loop_that_watches_nothing() {
    ScriptedServer server(server_key(), answer_each);
    BlindLoop loop;
    const auto pool = ThreadPool::create(loop, 1, 8);
    const auto client = HttpsClient::create(loop, *pool, mutual_trust());
    Blind seen;
    loop.blind = true;
    const auto begun = std::chrono::steady_clock::now();
    seen.failed = !wait_for(loop.real, client->send({.url = server.url()}));
    seen.in_time = std::chrono::steady_clock::now() - begun < std::chrono::seconds(2);
    loop.blind = false;
    seen.recovered = wait_for(loop.real, client->send({.url = server.url()})).has_value();
    return seen;
}

void a_host_without_descriptors_fails_one_request_only(void**) {
    const Blind seen = with_a_loop_that_watches_nothing();
    assert_true(seen.failed);
    assert_true(seen.in_time);
    assert_true(seen.recovered);
}

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    const CMUnitTest tests[] = {
        cmocka_unit_test(f11_a_large_body_is_sent_with_constant_memory),
        cmocka_unit_test(connections_are_kept_unless_a_request_wants_its_own),
        cmocka_unit_test(f10_nothing_is_sent_twice),
        cmocka_unit_test(f05_a_body_that_breaks_never_arrives_whole),
        cmocka_unit_test(f11_an_early_refusal_is_read_while_sending),
        cmocka_unit_test(only_a_200_goes_to_the_sink),
        cmocka_unit_test(f13_a_task_may_be_destroyed_at_any_moment),
        cmocka_unit_test(f13_a_task_may_be_destroyed_inside_a_callback),
        cmocka_unit_test(f13_a_request_may_begin_inside_a_callback),
        cmocka_unit_test(f13_answers_are_not_mixed_up),
        cmocka_unit_test(a_host_without_descriptors_fails_one_request_only),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
