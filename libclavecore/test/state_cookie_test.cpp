// The login state in the browser: sealed, bound to its cookie and service, short-lived, and never
// more of it than a request header can carry (K-05, K-06, S-61, S-71).
#include "cmocka_cpp.h"

#include <string>

#include "clave/cookie.h"
#include "login/attempts.h"
#include "login/login_state.h"
#include "login/set_cookie.h"
#include "login_fixture.h"
#include "without_guard.h"

namespace {

using namespace clave;
using test::test_key;
using test::test_site;

const Time kThen{Seconds{1'800'000'000}};

LoginState rich_state() {
    LoginState state;
    state.target = "/beneficiario/solicitar?a=1";
    state.requirement = test::requirement("permanente_otp");
    state.requirement.advanced_registration = true;
    state.requirement.represented = true;
    state.requirement.max_age = Seconds{300};
    state.begun = kThen;
    SteppedUp& step_up = state.step_up.emplace();
    step_up.session.fill(std::byte{1});
    step_up.person.fill(std::byte{2});
    state.request_id = "_abc";
    return state;
}

bool is_same(const LoginState& a, const LoginState& b) {
    const Requirement& x = a.requirement;
    const Requirement& y = b.requirement;
    return a.target == b.target && a.begun == b.begun && a.request_id == b.request_id &&
           a.step_up.has_value() == b.step_up.has_value() &&
           (!a.step_up ||
            (a.step_up->session == b.step_up->session && a.step_up->person == b.step_up->person)) &&
           x.level == y.level && x.ask == y.ask && x.offer == y.offer && x.accept == y.accept &&
           x.advanced_registration == y.advanced_registration &&
           x.registration_by_attribute == y.registration_by_attribute &&
           x.represented == y.represented && x.max_age == y.max_age;
}

std::string sealed(std::string_view context = "cookie") {
    test::CountingRandom random;
    return seal_state(test_key(), random, context, rich_state()).value_or("");
}

bool opens(const std::string& text, std::string_view context = "cookie",
           const MasterKey& key = test_key(), Seconds later = Seconds{0}) {
    const auto state = open_state(key, context, text, kThen + later);
    return state && is_same(*state, rich_state());
}

bool any_flipped_character_opens() {
    std::string text = sealed();
    for (char& c : text) {
        const char kept = c;
        c = c == 'A' ? 'B' : 'A';
        if (opens(text)) {
            return true;
        }
        c = kept;
    }
    return false;
}

bool plain_state_comes_back() {
    test::CountingRandom random;
    LoginState plain;
    plain.target = "/";
    plain.requirement = test::requirement("pin");
    plain.begun = kThen;
    const auto text = seal_state(test_key(), random, "c", plain);
    const auto back = open_state(test_key(), "c", *text, kThen);
    return back && is_same(*back, plain);
}

void what_was_sealed_comes_back(void**) {
    assert_true(opens(sealed()));
    assert_true(plain_state_comes_back());
}

void it_opens_for_its_own_cookie_service_and_key_only(void**) {
    assert_false(opens(sealed("cookie"), "other cookie"));
    assert_false(opens(sealed(), "cookie", test_key(8)));
    assert_false(opens(""));
    assert_false(any_flipped_character_opens());
}

void it_opens_for_ten_minutes(void**) {
    assert_true(opens(sealed(), "cookie", test_key(), Seconds{600}));
    assert_false(opens(sealed(), "cookie", test_key(), Seconds{601}));
    assert_false(opens(sealed(), "cookie", test_key(), Seconds{-61}));
    assert_true(without_guard("state age",
                              [] { return opens(sealed(), "cookie", test_key(), Seconds{601}); }));
}

bool contexts_differ_by_service() {
    Site other = test_site();
    other.origin = "https://otra.example.gob.es";
    const std::string suffix(kSuffixLength, 'A');
    return state_context(test_site(), suffix) != state_context(other, suffix) &&
           ticket_context(test_site()) != state_context(test_site(), suffix);
}

void another_service_has_another_context(void**) {
    assert_true(contexts_differ_by_service());
}

void cookies_are_host_bound_and_lax(void**) {
    assert_string_equal(session_cookie("__Host-clave", "x").c_str(),
                        "__Host-clave=x; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_string_equal(lasting_cookie("__Host-clave-st-A", "x", Seconds{600}).c_str(),
                        "__Host-clave-st-A=x; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
    assert_string_equal(expired_cookie("__Host-clave").c_str(),
                        "__Host-clave=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
}

// A browser with `count` logins under way, begun a second apart, and what has to go for one more.
struct Crowd {
    std::vector<std::pair<std::string, std::string>> states;

    Crowd(int count, std::size_t target_size) {
        test::CountingRandom random;
        const Site site = test_site();
        for (int i = 0; i < count; ++i) {
            LoginState state;
            state.target = "/" + std::string(target_size, 'x');
            state.requirement = test::requirement("pin");
            state.begun = kThen + Seconds{i};
            const std::string suffix = *make_suffix(random);
            states.emplace_back(
                suffix, *seal_state(test_key(), random, state_context(site, suffix), state));
        }
    }

    std::vector<std::string> gone(std::size_t value_size, Seconds later = Seconds{60}) const {
        OwnCookies cookies;
        for (const auto& [suffix, value] : states) {
            cookies.states.emplace_back(suffix, value);
        }
        return make_room(test_site(), test_key(), cookies, std::string(kSuffixLength, 'Z'),
                         value_size, kThen + later);
    }

    bool is_gone(const std::vector<std::string>& expired, std::size_t index) const {
        return std::any_of(expired.begin(), expired.end(), [&](const std::string& line) {
            return line == expired_cookie(state_cookie_name(test_site(), states[index].first));
        });
    }
};

bool eleven_leave_room_for_one() {
    return Crowd(11, 10).gone(200).empty();
}

bool the_oldest_of_twelve_goes() {
    const Crowd crowd(12, 10);
    const auto expired = crowd.gone(200);
    return expired.size() == 1 && crowd.is_gone(expired, 0);
}

bool an_unreadable_one_goes_before_the_oldest() {
    Crowd crowd(12, 10);
    crowd.states[5].second[20] ^= 1;
    const auto expired = crowd.gone(200);
    return expired.size() == 1 && crowd.is_gone(expired, 5);
}

bool an_ended_one_goes_first() {
    Crowd crowd(12, 10);
    std::swap(crowd.states[0], crowd.states[11]);
    const auto expired = crowd.gone(200, Seconds{601});  // only the oldest is over ten minutes
    return expired.size() == 1 && crowd.is_gone(expired, 11);
}

bool six_kilobytes_are_the_limit() {
    const Crowd crowd(4, 900);
    const auto expired = crowd.gone(1500);
    return expired.size() == 1 && crowd.is_gone(expired, 0) && Crowd(2, 900).gone(1500).empty();
}

bool its_own_predecessor_does_not_count() {
    Crowd crowd(11, 10);
    crowd.states.emplace_back(std::string(kSuffixLength, 'Z'), crowd.states[0].second);
    return crowd.gone(200).empty();
}

bool foreign_names_are_not_echoed() {
    Crowd crowd(12, 10);
    crowd.states.emplace_back("not a suffix", "x");
    return crowd.gone(200).size() == 1;
}

void a_browser_carries_twelve_at_most(void**) {
    assert_true(eleven_leave_room_for_one());
    assert_true(the_oldest_of_twelve_goes());
    assert_true(an_unreadable_one_goes_before_the_oldest());
    assert_true(an_ended_one_goes_first());
    assert_true(its_own_predecessor_does_not_count());
    assert_true(foreign_names_are_not_echoed());
}

void and_six_kilobytes_together(void**) {
    assert_true(six_kilobytes_are_the_limit());
}

// The cookie after so many logins for "/puntos/", each `apart` seconds after the one before.
std::string attempts(int logins, int apart) {
    test::CountingRandom random;
    std::string cookie;
    for (int i = 0; i < logins; ++i) {
        cookie = *count_attempt(test_key(), random, test_site(), cookie, "/puntos/",
                                kThen + Seconds{i * apart});
    }
    return cookie;
}

bool loops(const std::string& cookie, std::string_view target, Seconds later) {
    return is_looping(test_key(), test_site(), cookie, target, kThen + later);
}

void three_logins_in_a_minute_are_a_loop(void**) {
    assert_false(loops("", "/puntos/", Seconds{0}));
    assert_false(loops(attempts(2, 10), "/puntos/", Seconds{15}));
    assert_true(loops(attempts(3, 10), "/puntos/", Seconds{25}));
    assert_true(loops(attempts(5, 5), "/puntos/", Seconds{25}));
    assert_false(without_guard("login loop",
                               [] { return loops(attempts(3, 10), "/puntos/", Seconds{25}); }));
}

void slow_ones_other_targets_and_forgeries_are_not(void**) {
    assert_false(loops(attempts(3, 10), "/puntos/", Seconds{61}));
    assert_false(loops(attempts(3, 40), "/puntos/", Seconds{90}));
    assert_false(loops(attempts(3, 10), "/vida-laboral/", Seconds{25}));
    assert_false(loops("AAAA", "/puntos/", Seconds{25}));
}

bool persons_differ() {
    const MasterKey key = test_key();
    return person_digest(key, "00000000T", "x") == person_digest(key, "00000000T", "y") &&
           person_digest(key, "00000000T", "") != person_digest(key, "99999999R", "") &&
           person_digest(key, "", "00000000T") != person_digest(key, "00000000T", "");
}

void persons_are_told_apart(void**) {
    assert_true(persons_differ());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_comes_back),
        cmocka_unit_test(it_opens_for_its_own_cookie_service_and_key_only),
        cmocka_unit_test(it_opens_for_ten_minutes),
        cmocka_unit_test(another_service_has_another_context),
        cmocka_unit_test(cookies_are_host_bound_and_lax),
        cmocka_unit_test(a_browser_carries_twelve_at_most),
        cmocka_unit_test(and_six_kilobytes_together),
        cmocka_unit_test(three_logins_in_a_minute_are_a_loop),
        cmocka_unit_test(slow_ones_other_targets_and_forgeries_are_not),
        cmocka_unit_test(persons_are_told_apart),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
