// An AuthnRequest ID that proves itself (S-50): ours, young, and of this login.
#include "cmocka_cpp.h"

#include <string>

#include "login/login_state.h"
#include "login/request_id.h"
#include "login_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using test::Seen;
using test::test_key;

constexpr std::string_view kSuffix = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr std::string_view kService = "Sede@https://sede.example.gob.es";
const Time kThen{Seconds{1'800'000'000}};

std::string make() {
    test::CountingRandom random;
    return make_request_id(test_key(), random, kThen, kSuffix, kService).value_or("");
}

struct Presented {
    std::string id = make();
    MasterKey key = test_key();
    std::string relay_state{kSuffix};
    std::string service{kService};
    Seconds later{0};
};

std::string verdict(const Presented& presented) {
    const RequestIdProof proof(presented.key, presented.relay_state, presented.service,
                               kThen + presented.later);
    const auto issued = proof.issued_at(presented.id);
    if (!issued) {
        return std::string(info(issued.error().code).word);
    }
    return *issued == kThen ? "ok" : "other time";
}

bool is_ncname(const std::string& id) {
    return id.starts_with('_') && id.find_first_not_of(
                                      "_-0123456789abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
}

Seen with(void (*change)(Presented&)) {
    Presented presented;
    change(presented);
    return verdict(presented);
}

Seen without(const char* name, void (*change)(Presented&)) {
    return without_guard(name, [&] { return with(change); });
}

void other_key(Presented& p) {
    p.key = test_key(8);
}
void other_service(Presented& p) {
    p.service = "Sede@https://otra.example";
}
void other_login(Presented& p) {
    p.relay_state = "BBBBBBBBBBBBBBBBBBBBBB";
}
void no_relay_state(Presented& p) {
    p.relay_state.clear();
}
void ten_minutes(Presented& p) {
    p.later = Seconds{600};
}
void ten_minutes_and_a_second(Presented& p) {
    p.later = Seconds{601};
}
void from_the_future(Presented& p) {
    p.later = Seconds{-61};
}
void foreign_id(Presented& p) {
    p.id = "_1234567890";
}
void no_underscore(Presented& p) {
    p.id.erase(0, 1);
}
void longer(Presented& p) {
    p.id += "AAAA";
}
void empty(Presented& p) {
    p.id.clear();
}
void earlier_time(Presented& p) {
    p.id[1] = p.id[1] == 'A' ? 'B' : 'A';
}

bool ids_are_names() {
    return is_ncname(make()) && make().size() <= 80;
}

void an_id_is_an_ncname(void**) {
    assert_true(ids_are_names());
}

void its_own_login_is_recognised(void**) {
    assert_string_equal(with([](Presented&) {}).c_str(), "ok");
    assert_string_equal(with(ten_minutes).c_str(), "ok");
}

void ids_of_others_are_refused(void**) {
    assert_string_equal(with(other_key).c_str(), "E-IRT");
    assert_string_equal(with(other_service).c_str(), "E-IRT");
    assert_string_equal(with(foreign_id).c_str(), "E-IRT");
    assert_string_equal(with(no_underscore).c_str(), "E-IRT");
    assert_string_equal(with(longer).c_str(), "E-IRT");
    assert_string_equal(with(empty).c_str(), "E-IRT");
    assert_string_equal(with(earlier_time).c_str(), "E-IRT");
    assert_string_equal(without("request MAC", other_service).c_str(), "E-RELAY");
}

void old_ids_are_refused(void**) {
    assert_string_equal(with(ten_minutes_and_a_second).c_str(), "E-IRT");
    assert_string_equal(with(from_the_future).c_str(), "E-IRT");
    assert_string_equal(without("request age", ten_minutes_and_a_second).c_str(), "ok");
}

void the_relay_state_belongs_to_it(void**) {
    assert_string_equal(with(other_login).c_str(), "E-RELAY");
    assert_string_equal(with(no_relay_state).c_str(), "E-RELAY");
    assert_string_equal(without("request relay state", other_login).c_str(), "ok");
}

bool fails_without_randomness() {
    test::CountingRandom random;
    random.broken = true;
    return !make_request_id(test_key(), random, kThen, kSuffix, kService);
}

void no_randomness_no_id(void**) {
    assert_true(fails_without_randomness());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_id_is_an_ncname),
        cmocka_unit_test(its_own_login_is_recognised),
        cmocka_unit_test(ids_of_others_are_refused),
        cmocka_unit_test(old_ids_are_refused),
        cmocka_unit_test(the_relay_state_belongs_to_it),
        cmocka_unit_test(no_randomness_no_id),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
