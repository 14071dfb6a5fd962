// Where a login may lead back to: S-67, CVE-2019-13038, and the payloads that open redirects of
// other modules were found with.
#include "cmocka_cpp.h"

#include <iterator>
#include <string>

#include "login/target.h"
#include "login_fixture.h"
#include "seen.h"
#include "without_guard.h"

namespace {

using namespace clave;
using test::Seen;
using test::test_site;

constexpr const char* kFit[] = {
    "/",
    "/puntos/",
    "/puntos/consulta?expediente=12&volver=https://otra.example/a//b",
    "/a%20b/%C3%B1",
    "/a;b=c/d,e",
    "/a/%2F/b",
    "/a/../b",
};

constexpr const char* kUnfit[] = {
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2f..",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%2fevil.example",
    "/%09/evil.example",
    "/%0D%0a/evil.example",
    "/%0a%2Fevil.example",
    "/%2Fevil.example",
    "/.//evil.example",
    "/a//evil.example",
    "http:evil.example",
    "https://evil.example/",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "?x=1",
    "/a\r\nSet-Cookie: x=1",
    "/a\tb",
    "/a b",
    "/\x7f",
    "/\xe2\x80\xae",
    "/a#b",
    "/a?b\\c",
    "/.clave/login?s=AAAAAAAAAAAAAAAAAAAAAA",
    "/.clave/",
};

int accepted(const char* const* from, const char* const* to) {
    const Site site = test_site();
    int count = 0;
    for (; from != to; ++from) {
        const std::string target = safe_target(site, *from);
        if (target == *from) {
            ++count;
        } else if (target != "/") {
            return -1;
        }
    }
    return count;
}

void paths_of_the_site_are_kept(void**) {
    assert_int_equal(accepted(std::begin(kFit), std::end(kFit)), std::size(kFit));
}

void everything_else_leads_to_the_start(void**) {
    assert_int_equal(accepted(std::begin(kUnfit), std::end(kUnfit)), 0);
}

std::string target_of_size(std::size_t size) {
    return safe_target(test_site(), "/" + std::string(size - 1, 'a'));
}

void a_kilobyte_is_the_limit(void**) {
    assert_int_equal(target_of_size(1024).size(), 1024);
    assert_int_equal(target_of_size(1025).size(), 1);
}

std::string target_without(const char* name, const char* raw) {
    return without_guard(name, [&] { return safe_target(test_site(), raw); });
}

bool each_guard_is_load_bearing() {
    return target_without("target path", "https:evil") == "https:evil" &&
           target_without("target slashes", "//evil") == "//evil" &&
           target_without("target characters", "/\\evil") == "/\\evil" &&
           target_without("target own path", "/.clave/login") == "/.clave/login" &&
           target_without("target size", std::string(1025, '/').replace(1, 1024, 1024, 'a').c_str())
                   .size() == 1025;
}

void without_its_guard_each_attack_passes(void**) {
    assert_true(each_guard_is_load_bearing());
}

Seen decoded_own_path() {
    Request request = test::page_load("/%2eclave/login");
    request.path = "/.clave/login";
    return return_target(test_site(), request);
}

Seen caller(std::string_view referer) {
    Request request = test::page_load("/api/datos");
    request.referer = referer;
    return calling_page(test_site(), request);
}

void an_encoded_way_to_our_own_path_is_seen_through(void**) {
    assert_string_equal(decoded_own_path().c_str(), "/");
}

void a_script_leads_back_to_its_page(void**) {
    assert_string_equal(caller("https://sede.example.gob.es/puntos/?a=1").c_str(), "/puntos/?a=1");
    assert_string_equal(caller("").c_str(), "/");
    assert_string_equal(caller("https://sede.example.gob.es").c_str(), "/");
    assert_string_equal(caller("https://sede.example.gob.es.evil.example/x").c_str(), "/");
    assert_string_equal(caller("https://evil.example/puntos/").c_str(), "/");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(paths_of_the_site_are_kept),
        cmocka_unit_test(everything_else_leads_to_the_start),
        cmocka_unit_test(a_kilobyte_is_the_limit),
        cmocka_unit_test(without_its_guard_each_attack_passes),
        cmocka_unit_test(an_encoded_way_to_our_own_path_is_seen_through),
        cmocka_unit_test(a_script_leads_back_to_its_page),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
