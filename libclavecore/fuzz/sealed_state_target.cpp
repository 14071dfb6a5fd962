// What comes back in our own cookies. The first byte says what the rest is:
//   'c'  a state cookie as a browser may send it: nothing opens that we did not seal
//   's'  the inside of a state, sealed here: what is read is what would be written again
//   'a'  the inside of the cookie that counts attempts
//   'r'  an InResponseTo
#include <string>

#include "clave/encoding.h"
#include "login/attempts.h"
#include "login/login_state.h"
#include "login/request_id.h"
#include "login_fixture.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::string_view kContext = "fuzz";
constexpr Time kNow{Seconds{1'800'000'000}};

std::string sealed(std::string_view context, std::string_view plain) {
    test::CountingRandom random;
    return base64url_encode(*seal(test::test_key(), random, context, as_bytes(plain)));
}

std::string opened(std::string_view context, std::string_view cookie) {
    return std::string(as_text(*open(test::test_key(), context, *base64url_decode(cookie))));
}

bool check_cookie(std::string_view cookie) {
    require(!open_state(test::test_key(), kContext, cookie, kNow), "a foreign cookie stays shut");
    return false;
}

bool check_state(std::string_view plain) {
    const std::string cookie = sealed(kContext, plain);
    const auto state = open_state(test::test_key(), kContext, cookie, kNow);
    require(!open_state(test::test_key(), "another", cookie, kNow), "a context is kept");
    require(!open_state(test::test_key(8), kContext, cookie, kNow), "another key opens nothing");
    if (!state) {
        return false;
    }
    require(state->begun <= kNow + kClockTolerance && kNow - state->begun <= kLoginLifetime,
            "a login has its time");
    test::CountingRandom random;
    const auto again = seal_state(test::test_key(), random, kContext, *state);
    require(again && opened(kContext, *again) == plain, "a state has one encoding");
    return true;
}

bool check_attempts(std::string_view plain) {
    const Site site = test::test_site();
    const std::string context = attempts_cookie_name(site) + "\n" + site.service();
    const std::string cookie = sealed(context, plain);
    const bool looping = is_looping(test::test_key(), site, cookie, "/", kNow);
    test::CountingRandom random;
    const auto next = count_attempt(test::test_key(), random, site, cookie, "/", kNow);
    require(next.has_value(), "an attempt is counted");
    require(!looping || is_looping(test::test_key(), site, *next, "/", kNow),
            "one more attempt ends no loop");
    return looping;
}

bool check_request_id(std::string_view id) {
    const RequestIdProof proof(test::test_key(), "AAAAAAAAAAAAAAAAAAAAAA", "service", kNow);
    require(!proof.issued_at(id), "nobody else makes our request IDs");
    return false;
}

}  // namespace

bool run(std::string_view input) {
    const char kind = input.empty() ? '\0' : input.front();
    input.remove_prefix(input.empty() ? 0 : 1);
    switch (kind) {
        case 'c':
            return check_cookie(input);
        case 's':
            return check_state(input);
        case 'a':
            return check_attempts(input);
        case 'r':
            return check_request_id(input);
        default:
            return false;
    }
}

}  // namespace clave::fuzz
