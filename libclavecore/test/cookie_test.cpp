// Checklist H-16 and H-17: our cookies among those of others, in every state a browser or somebody
// else may send them.
#include "cmocka_cpp.h"

#include <array>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "clave/cookie.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

constexpr std::string_view kName = "__Host-clave";

OwnCookies read(const std::vector<std::string_view>& headers) {
    return own_cookies(headers, kName, std::pmr::get_default_resource());
}

bool session_is(const std::vector<std::string_view>& headers, std::string_view value) {
    const OwnCookies own = read(headers);
    return own.session == value && !own.conflict;
}

bool conflicts(const std::vector<std::string_view>& headers) {
    const OwnCookies own = read(headers);
    return own.conflict && own.session.empty();
}

void session_is_found_among_others(void**) {
    assert_true(session_is({"__Host-clave=abc"}, "abc"));
    assert_true(session_is({"a=1; __Host-clave=abc; b=2"}, "abc"));
    assert_true(session_is({"a=1;__Host-clave=abc;b=2"}, "abc"));
    assert_true(session_is({"a=1 ;\t __Host-clave=abc\t ; b=2"}, "abc"));
    assert_true(session_is({";;; __Host-clave=abc;"}, "abc"));
    assert_true(session_is({"$Version=1; __Host-clave=abc"}, "abc"));
    assert_true(session_is({"a=1", "b=2", "__Host-clave=abc", "c=3"}, "abc"));  // h2 crumbs
    assert_true(session_is({"__Host-clave=a=b=="}, "a=b=="));
    assert_true(session_is({"__Host-clave=\"abc\""}, "\"abc\""));  // no token, so no session
    assert_true(session_is({"__Host-clave=a,b"}, "a,b"));
}

void others_are_not_ours(void**) {
    assert_true(session_is({}, ""));
    assert_true(session_is({""}, ""));
    assert_true(session_is({";"}, ""));
    assert_true(session_is({"="}, ""));
    assert_true(session_is({"=__Host-clave"}, ""));
    assert_true(session_is({"=__Host-clave=abc"}, ""));
    assert_true(session_is({"__Host-clave"}, ""));
    assert_true(session_is({"__host-clave=abc"}, ""));
    assert_true(session_is({"__Host-clave_s2=abc"}, ""));
    assert_true(session_is({"__Host-clave2=abc"}, ""));
    assert_true(session_is({"x__Host-clave=abc"}, ""));
    assert_true(session_is({"__Host-clav=abc"}, ""));
    assert_true(session_is({"__Host-clave =abc"}, ""));
    assert_true(session_is({"a=\"1; __Host-clave=abc"}, "abc"));  // quotes hide nothing
    assert_true(session_is({"a=1, __Host-clave=abc"}, ""));       // a comma ends nothing
    assert_true(session_is({"\0__Host-clave=abc"sv}, ""));
    assert_true(session_is({"\xFF\x80=\x01; __Host-clave=abc"}, "abc"));
}

bool two_values() {
    return conflicts({"__Host-clave=abc; __Host-clave=def"});
}

void different_values_are_no_session(void**) {
    assert_true(two_values());
    assert_true(conflicts({"__Host-clave=abc", "__Host-clave=def"}));
    assert_true(conflicts({"__Host-clave=; __Host-clave=abc"}));
    assert_true(conflicts({"__Host-clave=abc; __Host-clave="}));
    assert_true(conflicts({"__Host-clave=abc; __Host-clave=def; __Host-clave=abc"}));
    assert_true(conflicts({"__Host-clave=abc; __Host-clave=def; __Host-clave=def"}));
    assert_true(session_is({"__Host-clave=abc; __Host-clave=abc"}, "abc"));
    assert_false(without_guard("cookie conflict", two_values));
}

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

bool found_behind_500() {
    return session_is({repeated("n=v; ", 500) + "__Host-clave=abc"}, "abc");
}

bool found_in_32_kilobytes() {
    return session_is({"a=" + std::string(32768, ';') + "__Host-clave=abc"}, "abc");
}

bool fifty_equal_ones() {
    return session_is({repeated("__Host-clave=abc; ", 50)}, "abc");
}

void size_does_not_matter(void**) {
    assert_true(found_behind_500());
    assert_true(found_in_32_kilobytes());
    assert_true(fifty_equal_ones());
}

bool state_is(std::vector<std::string_view> headers, std::string_view suffix,
              std::string_view value) {
    return read(headers).state(suffix) == value;
}

void logins_under_way_are_found_by_suffix(void**) {
    constexpr std::string_view kTwo = "__Host-clave-st-A1=x; __Host-clave=s; __Host-clave-st-B2=y";
    assert_true(state_is({kTwo}, "A1", "x"));
    assert_true(state_is({kTwo}, "B2", "y"));
    assert_true(state_is({kTwo}, "C3", ""));
    assert_true(state_is({kTwo}, "", ""));
    assert_true(state_is({"__Host-clave-stA1=x"}, "A1", ""));
    assert_true(session_is({kTwo}, "s"));
}

std::size_t states_of(int sent) {
    std::string header;
    for (int i = 0; i < sent; ++i) {
        header += "__Host-clave-st-" + std::to_string(i) + "=v; ";
    }
    return read({header}).states.size();
}

void logins_under_way_are_counted_to_64(void**) {
    assert_int_equal(states_of(64), 64);
    assert_int_equal(states_of(1000), 64);
    assert_int_equal(without_guard("cookie state count", [] { return states_of(1000); }), 1000);
}

bool attempts_are(std::string_view header, std::string_view value) {
    return read({header}).attempts == value;
}

void attempts_are_found(void**) {
    assert_true(attempts_are("__Host-clave-try=3", "3"));
    assert_true(attempts_are("__Host-clave-tryx=3", ""));
}

bool reads_without_memory() {
    const std::string_view header = "a=1; __Host-clave=abc; __Host-clave-try=3";
    return own_cookies({&header, 1}, kName, std::pmr::null_memory_resource()).session == "abc";
}

// The usual request carries a session and no login under way.
void session_is_read_without_allocating(void**) {
    assert_true(reads_without_memory());
}

// "(none)" if there was nothing to strip.
std::string stripped(std::string_view header) {
    std::pmr::string out = "untouched";
    if (!strip_own_cookies(header, kName, out)) {
        return out == "untouched" ? "(none)" : "(touched)";
    }
    return std::string(out);
}

struct Strip {
    const char* header;
    const char* left;
};
constexpr auto kStrips = std::to_array<Strip>({
    {"a=1; b=2", "(none)"},
    {"", "(none)"},
    {"; =; x", "(none)"},
    {"__Host-clave", "(none)"},
    {"__Host-clave_s2=1; __host-clave=2", "(none)"},
    {"__Host-clave=x", ""},
    {"__Host-clave=x;", ""},
    {" __Host-clave=x ; ; ", ""},
    {"__Host-clave=x; __Host-clave-st-A=y; __Host-clave-try=1", ""},
    {"a=1; __Host-clave-who=x; __Host-clave-lang=ca; __Host-clave-post=y; __Host-clave-posts=2",
     "a=1; __Host-clave-posts=2"},
    {"__Host-clave=; a=1", "a=1"},
    {"a=1; __Host-clave=x; b=2", "a=1; b=2"},
    {"__Host-clave=x; a=1; b=2", "a=1; b=2"},
    {"a=1; b=2; __Host-clave=x", "a=1; b=2"},
    {"a=1; __Host-clave-st-=x;b=2", "a=1;b=2"},
    {"a=1;__Host-clave=x;  b = \"2 ; c\" ;d", "a=1;  b = \"2 ; c\" ;d"},
    {"a=1; __Host-clave=x; __Host-clave=y; b=\xC3\xB1\x01", "a=1; b=\xC3\xB1\x01"},
    {"$Version=1; __Host-clave=x; $Path=/; =; ;;", "$Version=1; $Path=/; =; ;;"},
    {"__Host-clave=x, a=1; b=2", "b=2"},
});

const char* first_stripped_wrongly() {
    for (const Strip& strip : kStrips) {
        if (stripped(strip.header) != strip.left) {
            return strip.header;
        }
    }
    return "";
}

void others_pass_byte_for_byte(void**) {
    assert_string_equal(first_stripped_wrongly(), "");
}

// What is stripped is what is read: nothing that we take for ours reaches the back end.
int ours_after_stripping() {
    int left = 0;
    for (const Strip& strip : kStrips) {
        std::pmr::string out;
        if (strip_own_cookies(strip.header, kName, out)) {
            const OwnCookies own = read({out});
            left +=
                !own.session.empty() || own.conflict || !own.attempts.empty() || !own.states.empty()
                    ? 1
                    : 0;
        }
    }
    return left;
}

void nothing_of_ours_is_left(void**) {
    assert_int_equal(ours_after_stripping(), 0);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(session_is_found_among_others),
        cmocka_unit_test(others_are_not_ours),
        cmocka_unit_test(different_values_are_no_session),
        cmocka_unit_test(size_does_not_matter),
        cmocka_unit_test(logins_under_way_are_found_by_suffix),
        cmocka_unit_test(logins_under_way_are_counted_to_64),
        cmocka_unit_test(attempts_are_found),
        cmocka_unit_test(session_is_read_without_allocating),
        cmocka_unit_test(others_pass_byte_for_byte),
        cmocka_unit_test(nothing_of_ours_is_left),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
