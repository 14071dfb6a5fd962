// The operator's questions, as far as they depend on no store: who may ask (t/control.t has the
// rest, with both stores).
#include "clave/control.h"

#include "clave/crypto.h"
#include "cmocka_cpp.h"
#include "login_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

struct FixedClock final : Clock {
    Time now() const noexcept override { return Time{Seconds{1'800'000'000}}; }
};

struct Question {
    std::string_view method = "GET";
    std::string_view what = "sessions";
    std::string_view origin = {};
    std::string_view fetch_site = {};
    std::string_view body = {};
    std::string_view type = "application/json";
};

std::string asked(const Question& question) {
    MapStore store;
    FixedClock clock;
    NoPool pool;
    SystemRandom random;
    const Gate gate(store, test_key(), pool, clock, random);
    const Control control(gate, store, clock);
    Request request;
    request.method = question.method;
    request.origin = question.origin;
    request.fetch_site = question.fetch_site;
    request.body = question.body;
    request.content_type = question.type;
    const ControlAnswer told = run_now(control.serve({}, std::string(question.what), request));
    return std::to_string(told.reply.status) + (told.ended.empty() ? "" : " ended");
}

Seen from_browsers() {
    Question page;
    page.origin = "https://evil.example";
    Question other;
    other.fetch_site = "cross-site";
    return asked({}) + ", " + asked(page) + ", " + asked(other);
}

void browsers_are_told_nothing(void**) {
    assert_string_equal(from_browsers().c_str(), "503, 403, 403");
    assert_string_equal(without_guard("control sender", from_browsers).c_str(), "503, 503, 503");
}

Seen of_persons() {
    std::string seen;
    for (const std::string_view body : {R"({"nif":"00000000T"})", R"({"nif":""})", R"({"nif":1})",
                                        R"({"nif":"a","nif":"b"})", R"([])", "", "{"}) {
        Question question;
        question.method = "POST";
        question.what = "sessions/end";
        question.body = body;
        seen += asked(question) + " ";
    }
    return seen;
}

void person_is_named_by_one_nif(void**) {
    // no site here has sessions of anybody
    assert_string_equal(of_persons().c_str(), "200 400 400 400 400 400 400 ");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(browsers_are_told_nothing),
        cmocka_unit_test(person_is_named_by_one_nif),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
