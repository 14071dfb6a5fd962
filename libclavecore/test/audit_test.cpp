// What the audit log says of whom, and how much of it.
#include "clave/audit.h"

#include <algorithm>
#include <string>

#include "cmocka_cpp.h"
#include "login_fixture.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::test;

AuditScene scene_at(std::int64_t milliseconds) {
    AuditScene scene;
    scene.time =
        std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(milliseconds));
    scene.address = "192.0.2.7";
    return scene;
}

Reply login_of(std::string nif) {
    Event event{EventKind::login};
    event.who.level = "pin";
    event.who.method = Method::pin;
    event.who.loa = Loa::low;
    event.who.session = "0123456789abcdef";
    event.who.nif = std::move(nif);
    Reply reply;
    reply.events.push_back(std::move(event));
    return reply;
}

Reply refusal(Code code = Code::not_found) {
    Reply reply;
    reply.refusals.push_back({Error{code, "of no concern here"}, "7F3K-92QD"});
    return reply;
}

std::string line_of(const Reply& reply, NifForm form, unsigned char key = 7) {
    AuditTrail trail(form);
    const auto lines = trail.lines(reply, scene_at(1'800'000'000'007), test_key(key));
    return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " lines";
}

Seen a_login() {
    return line_of(login_of("12345678Z"), NifForm::masked);
}

void a_login_is_a_line(void**) {
    assert_string_equal(
        a_login().c_str(),
        R"({"time":"2027-01-15T08:00:00.007Z","event":"login","address":"192.0.2.7",)"
        R"("level":"pin","method":"pin","loa":"low","session":"0123456789abcdef",)"
        R"("nif":"***4567**"})"
        "\n");
}

Seen a_refusal() {
    Reply reply = refusal(Code::loa);
    reply.refusals[0].instead_of = EventKind::step_up;
    return line_of(reply, NifForm::full);
}

void a_refusal_is_a_line(void**) {
    assert_string_equal(a_refusal().c_str(),
                        R"({"time":"2027-01-15T08:00:00.007Z","event":"refusal","of":"step_up",)"
                        R"("ref":"7F3K-92QD","code":"E-LOA","address":"192.0.2.7"})"
                        "\n");
}

Seen an_end(std::optional<Time> ended) {
    Reply reply = login_of("12345678Z");
    reply.events[0].kind = EventKind::session_end;
    reply.events[0].end = EndReason::idle;
    reply.events[0].ended = ended;
    const std::string line = line_of(reply, NifForm::masked);
    const std::size_t begin = line.find("\"event\"");
    return line.substr(begin, line.find(",\"level") - begin);
}

void the_end_of_a_session_says_why(void**) {
    assert_string_equal(an_end(std::nullopt).c_str(),
                        R"("event":"session_end","reason":"idle","address":"192.0.2.7")");
    assert_string_equal(an_end(Time{Seconds{1'799'999'000}}).c_str(),
                        R"("event":"session_end","reason":"idle","ended":"2027-01-15T07:43:20Z",)"
                        R"("address":"192.0.2.7")");
}

Seen masked(std::string_view nif) {
    return masked_nif(nif);
}

void masks_show_four_digits(void**) {
    assert_string_equal(masked("12345678Z").c_str(), "***4567**");
    assert_string_equal(masked("X1234567L").c_str(), "****4567*");
    assert_string_equal(masked("12345678A").c_str(), "*********");  // no NIF
    assert_string_equal(masked("DE/ES/1234").c_str(), "*********");
    assert_string_equal(masked("").c_str(), "*********");
}

Seen nif_of(const std::string& line) {
    const std::size_t begin = line.find(R"("nif":")");
    return begin == std::string::npos ? std::string("none")
                                      : line.substr(begin + 7, line.rfind('"') - begin - 7);
}

std::string hash_of(const std::string& nif, unsigned char key) {
    return nif_of(line_of(login_of(nif), NifForm::hashed, key)).c_str();
}

Seen digests() {
    const std::string one = hash_of("12345678Z", 7);
    std::string seen = std::to_string(one.size());
    seen += one == hash_of("12345678Z", 7) ? " same" : " ?";
    seen += one == hash_of("00000000T", 7) ? " ?" : " another";
    return seen + (one == hash_of("12345678Z", 8) ? " ?" : " keyed");
}

void digests_are_of_person_and_key(void**) {
    assert_string_equal(digests().c_str(), "32 same another keyed");
}

// A name that would end the line, or the text, early.
Seen hostile_words() {
    Reply reply = login_of("12345678Z");
    reply.events[0].who.level = "a\"b\nc";
    const std::string line = line_of(reply, NifForm::full);
    const std::size_t begin = line.find("\"level\"");
    return line.substr(begin, line.find(",\"method") - begin) + " " +
           std::to_string(std::count(line.begin(), line.end(), '\n'));
}

void a_line_stays_one(void**) {
    assert_string_equal(hostile_words().c_str(), R"("level":"a\"b\nc" 1)");
}

// Refusals in one second, then a login in it, then one refusal a second later.
Seen an_attack(std::uint64_t refusals) {
    AuditTrail trail(NifForm::masked);
    std::uint64_t lines = 0;
    for (std::uint64_t i = 0; i < refusals; ++i) {
        lines += trail.lines(refusal(), scene_at(1'800'000'000'000), test_key()).size();
    }
    std::string seen = std::to_string(lines);
    const Reply login = login_of("12345678Z");
    seen +=
        " " + std::to_string(trail.lines(login, scene_at(1'800'000'000'999), test_key()).size());
    const auto later = trail.lines(refusal(), scene_at(1'800'000'001'000), test_key());
    seen += " " + std::to_string(later.size()) + " ";
    const std::size_t begin = later[0].find("\"event\"");
    seen += later.size() > 1 ? later[0].substr(begin) : "\n";
    seen.pop_back();
    seen += " " + std::to_string(trail.take_suppressed());
    seen += std::to_string(trail.take_suppressed());
    return seen + trail.last_line(scene_at(0).time);
}

void an_attack_has_few_lines(void**) {
    assert_string_equal(an_attack(100).c_str(), "100 1 1  00");
    assert_string_equal(an_attack(1100).c_str(),
                        R"(100 1 2 "event":"suppressed","refusals":1000} 10000)");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_login_is_a_line),
        cmocka_unit_test(a_refusal_is_a_line),
        cmocka_unit_test(the_end_of_a_session_says_why),
        cmocka_unit_test(masks_show_four_digits),
        cmocka_unit_test(digests_are_of_person_and_key),
        cmocka_unit_test(a_line_stays_one),
        cmocka_unit_test(an_attack_has_few_lines),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
