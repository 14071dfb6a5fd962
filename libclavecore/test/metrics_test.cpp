// What an operator's tools are told: everything once, nobody's name, and nothing half done when a
// worker dies or many count at once.
#include "clave/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "clave/measured_store.h"
#include "clave/poll_loop.h"
#include "cmocka_cpp.h"
#include "login_fixture.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::test;

struct Counted {
    Counted() : memory(Metrics::size() / 8 + 1), bytes(std::as_writable_bytes(std::span(memory))) {
        Metrics::format(bytes);
        const std::vector<std::string_view> names{"pin", "permanente"};
        Metrics::learn_levels(bytes, names);
    }
    std::string text() const { return metrics_text(Metrics(bytes), StatusFacts{}); }
    // The value of the line that begins with `name`; "-" if there is none.
    std::string value(const std::string& name) const {
        const std::string all = "\n" + text();
        const std::size_t found = all.find("\n" + name + " ");
        if (found == std::string::npos) {
            return "-";
        }
        const std::size_t begin = found + name.size() + 2;
        return all.substr(begin, all.find('\n', begin) - begin);
    }

    std::vector<std::uint64_t> memory;
    std::span<std::byte> bytes;
};

Reply refusal_of(Code code) {
    Reply reply;
    reply.refusals.push_back({Error{code, {}}, "7F3K-92QD"});
    return reply;
}

Reply login(EventKind kind, std::string level) {
    Event event{kind};
    event.who.level = std::move(level);
    event.who.method = Method::movil;
    event.who.nif = "00000000T";
    event.who.session = "0123456789abcdef";
    Reply reply;
    reply.events.push_back(event);
    return reply;
}

Seen every_code_once() {
    Counted counted;
    Metrics metrics(counted.bytes);
    for (std::size_t i = 0; i < kCodes; ++i) {
        metrics.count(refusal_of(static_cast<Code>(i)));
    }
    int wrong = 0;
    for (std::size_t i = 0; i < kCodes; ++i) {
        const std::string word(info(static_cast<Code>(i)).word);
        wrong += counted.value("clave_refusals_total{code=\"" + word + "\"}") == "1" ? 0 : 1;
    }
    return std::to_string(wrong) + " wrong";
}

void each_code_has_a_count_of_its_own(void**) {
    assert_string_equal(every_code_once().c_str(), "0 wrong");
}

Seen logins_told() {
    Counted counted;
    Metrics metrics(counted.bytes);
    metrics.count(login(EventKind::login, "pin"));
    metrics.count(login(EventKind::step_up, "permanente"));
    metrics.count(login(EventKind::login, "of-another-configuration"));
    Reply cancelled = refusal_of(Code::cancelled);
    cancelled.refusals[0].instead_of = EventKind::step_up;
    cancelled.refusals[0].who.level = "pin";
    metrics.count(cancelled);
    Reply down = refusal_of(Code::store);
    down.refusals[0].instead_of = EventKind::login;
    down.refusals[0].who.level = "pin";
    metrics.count(down);
    const auto of = [&](const std::string& level, const std::string& method,
                        const std::string& result) {
        return counted.value("clave_logins_total{level=\"" + level + "\",method=\"" + method +
                             "\",result=\"" + result + "\"}");
    };
    return of("pin", "movil", "ok") + of("permanente", "movil", "ok") + of("other", "movil", "ok") +
           of("pin", "unknown", "cancelled") + of("pin", "unknown", "failed") +
           of("pin", "movil", "refused") + " " +
           counted.value("clave_step_ups_total{result=\"ok\"}") +
           counted.value("clave_step_ups_total{result=\"cancelled\"}");
}

void logins_are_told_apart(void**) {
    assert_string_equal(logins_told().c_str(), "11111- 11");
}

bool names_somebody() {
    Counted counted;
    Metrics metrics(counted.bytes);
    metrics.count(login(EventKind::login, "pin"));
    metrics.count(login(EventKind::logout, "00000000T"));
    const std::string both = counted.text() + metrics_json(metrics, StatusFacts{});
    return both.find("00000000T") != std::string::npos ||
           both.find("0123456789abcdef") != std::string::npos;
}

void nobody_is_named(void**) {
    assert_false(names_somebody());
}

// The labels of levels are those that were configured, however many configurations there have been.
Seen many_levels() {
    Counted counted;
    Metrics metrics(counted.bytes);
    std::vector<std::string> names;
    for (int i = 0; i < 40; ++i) {
        names.push_back("level-" + std::to_string(i));
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    Metrics::learn_levels(counted.bytes, views);
    Metrics::learn_levels(counted.bytes, views);
    metrics.count(login(EventKind::login, "level-29"));
    metrics.count(login(EventKind::login, "level-30"));
    metrics.count(login(EventKind::login, "level-39"));
    const std::string rest = "\",method=\"movil\",result=\"ok\"}";
    return counted.value("clave_logins_total{level=\"level-29" + rest) + " " +
           counted.value("clave_logins_total{level=\"other" + rest);
}

void levels_are_bounded(void**) {
    assert_string_equal(many_levels().c_str(), "1 2");
}

Seen store_times() {
    Counted counted;
    Metrics metrics(counted.bytes);
    using std::chrono::microseconds;
    for (const std::int64_t took : {0, 1000, 1001, 30'000, 3'000'000}) {
        metrics.count_store_answer(microseconds(took));
    }
    metrics.count_store_error();
    const auto bucket = [&](const std::string& bound) {
        return counted.value("clave_store_latency_seconds_bucket{le=\"" + bound + "\"}");
    };
    return bucket("0.001") + bucket("0.005") + bucket("0.025") + bucket("0.1") + bucket("2") +
           bucket("+Inf") + " " + counted.value("clave_store_latency_seconds_count") + " " +
           counted.value("clave_store_latency_seconds_sum") + " " +
           counted.value("clave_store_errors_total");
}

void latencies_are_cumulative(void**) {
    assert_string_equal(store_times().c_str(), "233445 5 3.032001 1");
}

// A store that answers, and one that does not.
Seen measured() {
    Counted counted;
    Metrics metrics(counted.bytes);
    PollLoop loop;
    MapStore inner;
    MeasuredStore store(inner, loop, metrics);
    const Time now{Seconds{1'800'000'000}};
    const bool up = run_now(store_answers(store, now));
    inner.down = true;
    const bool down = run_now(store_answers(store, now));
    return std::string(up ? "up" : "?") + (down ? "?" : " down") + " " +
           counted.value("clave_store_latency_seconds_count") +
           counted.value("clave_store_errors_total");
}

void answers_of_the_store_are_counted(void**) {
    assert_string_equal(measured().c_str(), "up down 11");
}

Seen from_many_threads() {
    Counted counted;
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&] {
            Metrics metrics(counted.bytes);
            const Reply reply = login(EventKind::login, "pin");
            for (int n = 0; n < 5000; ++n) {
                metrics.count(reply);
            }
        });
    }
    for (std::thread& worker : workers) {
        worker.join();
    }
    return counted.value("clave_logins_total{level=\"pin\",method=\"movil\",result=\"ok\"}");
}

void no_count_is_lost(void**) {
    assert_string_equal(from_many_threads().c_str(), "20000");
}

Seen formats() {
    std::vector<std::uint64_t> memory(Metrics::size() / 8 + 2);
    const auto bytes = std::as_writable_bytes(std::span(memory));
    std::string seen = Metrics::is_formatted(bytes) ? "?" : "new";
    seen += Metrics::format(bytes.first(Metrics::size() - 1)) ? " ?" : " small";
    seen += Metrics::format(bytes.subspan(1)) ? " ?" : " crooked";
    seen += Metrics::format(bytes) && Metrics::is_formatted(bytes) ? " good" : " ?";
    memory[0] ^= 1U;
    return seen + (Metrics::is_formatted(bytes) ? " ?" : " other");
}

void memory_of_another_layout_is_not_used(void**) {
    assert_string_equal(formats().c_str(), "new small crooked good other");
}

Seen of_a_label_that_ends_early() {
    Counted counted;
    StatusFacts facts;
    facts.host = "a\"b\\c\nd";
    const std::string text = metrics_text(Metrics(counted.bytes), facts);
    const std::size_t begin = text.find("host=");
    return text.substr(begin, text.find(",store", begin) - begin);
}

void labels_are_escaped(void**) {
    assert_string_equal(of_a_label_that_ends_early().c_str(), R"(host="a\"b\\c\nd")");
}

Seen as_asked_for() {
    Counted counted;
    Request prometheus;
    prometheus.accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3";
    Request script;
    script.accept = "application/json";
    const Metrics metrics(counted.bytes);
    const Reply text = metrics_answer(metrics, StatusFacts{}, prometheus);
    const Reply json = metrics_answer(metrics, StatusFacts{}, script);
    return text.content_type.substr(0, 10) + " " + json.content_type + " " +
           std::to_string(health_answer(true, script).status) + " " +
           std::to_string(health_answer(false, prometheus).status);
}

void forms_are_negotiated(void**) {
    assert_string_equal(as_asked_for().c_str(), "text/plain application/json 200 503");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_code_has_a_count_of_its_own),
        cmocka_unit_test(logins_are_told_apart),
        cmocka_unit_test(nobody_is_named),
        cmocka_unit_test(levels_are_bounded),
        cmocka_unit_test(latencies_are_cumulative),
        cmocka_unit_test(answers_of_the_store_are_counted),
        cmocka_unit_test(no_count_is_lost),
        cmocka_unit_test(memory_of_another_layout_is_not_used),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(forms_are_negotiated),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
