// What a visitor gets who may not pass: a person the way to the login, a script something it can
// read, and nobody a way around (product.md sections 3 and 8.1).
#include "cmocka_cpp.h"

#include <jansson.h>

#include <string>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "login/attempts.h"
#include "login_fixture.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::test;

struct House {
    FixedClock clock;
    CountingRandom random;
    MapStore store;
    NoPool pool;
    Site site = test_site();
    Gate gate{store, test_key(), pool, clock, random};
    Browser browser;

    Reply turn_away(Request request, Unauthenticated mode = Unauthenticated::automatic,
                    const Identified& who = {}, Admission why = Admission::level_low) {
        const std::string cookies = browser.cookie_header();
        request.cookies = {cookies};
        Reply reply = gate.turn_away(site, requirement("permanente"), request, mode, who, why);
        browser.receive(reply);
        return reply;
    }
    Reply serve(std::string_view target, std::string_view method = "GET") {
        const std::string cookies = browser.cookie_header();
        Request request = page_load(target);
        request.method = method;
        request.cookies = {cookies};
        Reply reply = run_now(gate.serve(site, request));
        browser.receive(reply);
        return reply;
    }
};

Identified weak_session() {
    Identified who;
    who.lookup = Lookup::hit;
    who.session.nif = "00000000T";
    return who;
}

Request script(const char* what) {
    Request request = page_load("/api/puntos");
    request.fetch_mode = {};
    request.fetch_dest = {};
    const std::string_view kind = what;
    if (kind == "fetch") {
        request.fetch_mode = "cors";
        request.fetch_dest = "empty";
    } else if (kind == "xhr") {
        request.requested_with = "XMLHttpRequest";
    } else if (kind == "json") {
        request.accept = "application/json";
    } else if (kind == "image") {
        request.fetch_mode = "no-cors";
        request.fetch_dest = "image";
    } else if (kind == "frame") {
        request.fetch_mode = "navigate";
        request.fetch_dest = "iframe";
    } else if (kind == "socket") {
        request.fetch_mode = "websocket";
    } else if (kind == "old-socket") {
        request.upgrade = "WebSocket";
    } else if (kind == "h2c") {
        request.upgrade = "h2c";
    } else if (kind == "events") {
        request.accept = "text/event-stream";
    } else if (kind == "grpc") {
        request.method = "POST";
        request.content_type = "application/grpc+proto";
    } else if (kind == "options") {
        request.method = "OPTIONS";
    } else if (kind == "curl") {
        request.accept = "*/*";
    } else if (kind == "head") {
        request.method = "HEAD";
    } else if (kind == "put") {
        request.method = "PUT";
    } else if (kind == "xhr-post") {
        request.method = "POST";
        request.requested_with = "XMLHttpRequest";
    }
    return request;
}

int status(const char* what, Unauthenticated mode = Unauthenticated::automatic) {
    return House().turn_away(script(what), mode).status;
}

// One login begun by a page load.
struct Begun {
    House house;
    Reply reply = house.turn_away(page_load("/puntos/?a=1"));
};

bool page_load_goes_to_login() {
    const Begun begun;
    const std::string location = header(begun.reply, "Location");
    const std::string cookie = header(begun.reply, "Set-Cookie");
    return begun.reply.status == 302 && location.starts_with("/.clave/login?s=") &&
           location.size() == 16 + 22 &&
           cookie.starts_with("__Host-clave-st-" + location.substr(16) + "=") &&
           cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600") &&
           begun.reply.refusals.empty() && begun.reply.body.empty() &&
           header(begun.reply, "Cache-Control") == "no-store";
}

bool cookie_hides_its_content() {
    const Begun begun;
    const std::string cookie = header(begun.reply, "Set-Cookie");
    const std::string value = cookie.substr(cookie.find('=') + 1);
    const auto bytes = base64url_decode(value.substr(0, value.find(';')));
    return bytes && as_text(*bytes).find("puntos") == std::string_view::npos;
}

void a_page_load_goes_to_the_login(void**) {
    assert_true(page_load_goes_to_login());
    assert_true(cookie_hides_its_content());
    assert_int_equal(status("head"), 302);
    assert_int_equal(status("curl"), 302);
    assert_int_equal(status("h2c"), 302);
}

void scripts_get_401(void**) {
    for (const char* what : {"fetch", "xhr", "json", "image", "frame", "socket", "old-socket",
                             "events", "grpc", "options", "xhr-post"}) {
        assert_int_equal(status(what), 401);
    }
}

void forms_get_409(void**) {
    assert_int_equal(status("put"), 409);
    assert_int_equal(status("put", Unauthenticated::login), 409);
}

void the_administrator_may_choose(void**) {
    assert_int_equal(status("fetch", Unauthenticated::login), 302);
    assert_int_equal(status("json", Unauthenticated::login), 302);
    assert_int_equal(status("options", Unauthenticated::login), 401);
    assert_int_equal(status("head", Unauthenticated::status_401), 401);
    assert_int_equal(status("put", Unauthenticated::status_401), 401);
}

std::string json_text(const Reply& reply, const char* key) {
    json_t* object = json_loadb(reply.body.data(), reply.body.size(), 0, nullptr);
    const char* value = json_string_value(json_object_get(object, key));
    std::string text = value == nullptr ? "" : value;
    json_decref(object);
    return text;
}

bool script_learns_where_to_log_in() {
    House house;
    Request request = script("fetch");
    request.referer = "https://sede.example.gob.es/puntos/";
    const Reply reply = house.turn_away(request);
    const std::string login = json_text(reply, "login");
    const bool refused =
        json_text(reply, "error") == "E-AUTH" &&
        json_text(reply, "ref") == reply.refusals.at(0).ref &&
        header(reply, "WWW-Authenticate") == "Clave realm=\"https://sede.example.gob.es\"" &&
        header(reply, "Set-Cookie").empty() && header(reply, "Location").empty();
    return refused && login.starts_with("https://sede.example.gob.es/.clave/login?r=");
}

Seen error_for(Admission why) {
    House house;
    return json_text(
        house.turn_away(script("fetch"), Unauthenticated::automatic, weak_session(), why), "error");
}

bool preflight_learns_nothing() {
    House house;
    return json_text(house.turn_away(script("options")), "login").empty();
}

void a_script_learns_where_to_log_in(void**) {
    assert_true(script_learns_where_to_log_in());
    assert_true(preflight_learns_nothing());
}

void a_script_learns_what_its_session_lacks(void**) {
    assert_string_equal(error_for(Admission::level_low).c_str(), "E-LEVEL");
    assert_string_equal(error_for(Admission::registration).c_str(), "E-REG");
    assert_string_equal(error_for(Admission::represented).c_str(), "E-REPR");
    assert_string_equal(error_for(Admission::too_old).c_str(), "E-AUTH");
}

bool polling_leaves_logins_alone() {
    House house;
    house.turn_away(page_load("/puntos/"));
    for (int i = 0; i < 50; ++i) {
        house.turn_away(script("fetch"));
    }
    return house.browser.count("__Host-clave-st-") == 1;
}

void a_polling_script_pushes_no_login_out(void**) {
    assert_true(polling_leaves_logins_alone());
}

std::size_t cookies_after(int loads) {
    House house;
    for (int i = 0; i < loads; ++i) {
        house.clock.time += Seconds{1};
        house.turn_away(page_load("/puntos/"));
    }
    return house.browser.count("__Host-clave-st-");
}

std::size_t bytes_after(int loads) {
    House house;
    const std::string target = "/" + std::string(1000, 'x');
    for (int i = 0; i < loads; ++i) {
        house.turn_away(page_load(target));
    }
    return house.browser.cookie_header().size();
}

void tabs_are_bounded(void**) {
    assert_int_equal(cookies_after(12), 12);
    assert_int_equal(cookies_after(40), 12);
    assert_true(bytes_after(40) < 6 * 1024);
}

Seen step_up_location() {
    House house;
    const std::string location =
        header(house.turn_away(page_load("/puntos/"), Unauthenticated::automatic, weak_session()),
               "Location");
    return location.substr(0, location.find('=') + 1);
}

void a_weak_session_is_told_why(void**) {
    assert_string_equal(step_up_location().c_str(), "/.clave/stepup?s=");
}

Seen ended_session(Request request, bool of_this_service = true) {
    Identified who;
    who.key.fill(of_this_service ? std::byte{1} : std::byte{0});
    House house;
    const Reply reply = house.turn_away(request, Unauthenticated::automatic, who);
    const std::string location = header(reply, "Location");
    return std::to_string(reply.status) + " " + location.substr(0, location.find('=') + 1);
}

void whose_session_has_ended_is_told_so_first(void**) {
    assert_string_equal(ended_session(page_load("/puntos/")).c_str(), "302 /.clave/expired?s=");
    assert_string_equal(ended_session(page_load("/puntos/"), false).c_str(),
                        "302 /.clave/login?s=");
    assert_string_equal(ended_session(script("fetch")).c_str(), "401 ");
    assert_string_equal(ended_session(script("put")).c_str(), "409 ");
}

// Where the login of a browser ends that sends back what `keeps` lets through.
Seen page_without_cookies(std::string_view query, std::string_view kept = {}) {
    House house;
    if (!kept.empty()) {
        house.browser.cookies[std::string(kept)] = "x";
    }
    const Reply reply = house.serve("/.clave/login" + std::string(query));
    const bool off = reply.body.find("no ha enviado ninguna cookie") != std::string::npos;
    return code_of(reply) + (off ? " cookies" : " stale");
}

void whoever_sends_no_cookie_is_told_about_cookies(void**) {
    static constexpr std::string_view kLogin = "?s=AAAAAAAAAAAAAAAAAAAAAA";
    assert_string_equal(page_without_cookies(kLogin).c_str(), "E-STATE cookies");
    assert_string_equal(page_without_cookies(kLogin, "other").c_str(), "E-STATE cookies");
    assert_string_equal(page_without_cookies(kLogin, "__Host-clave-lang").c_str(), "E-STATE stale");
    // A ticket, or nothing at all, comes without cookies.
    assert_string_equal(page_without_cookies("?r=AAAA").c_str(), "E-STATE stale");
    assert_string_equal(page_without_cookies("").c_str(), "E-STATE stale");
}

int status_of_error(Request request) {
    Identified who;
    who.lookup = Lookup::error;
    House house;
    const Reply reply = house.turn_away(request, Unauthenticated::automatic, who);
    const bool safe = header(reply, "Retry-After") == "30" && code_of(reply) == "E-STORE" &&
                      header(reply, "Set-Cookie").empty();
    return safe ? reply.status : 0;
}

bool down_page_leads_back() {
    House house;
    const Request request = page_load("/puntos/?a=1");
    return house.gate.store_down(house.site, request).body.find("href=\"/puntos/?a=1\"") !=
           std::string::npos;
}

void a_store_that_is_down_starts_no_login(void**) {
    assert_true(down_page_leads_back());
    assert_int_equal(status_of_error(page_load("/puntos/")), 503);
    assert_int_equal(status_of_error(script("fetch")), 503);
}

Seen loop_after(int logins, std::string_view target) {
    House house;
    std::string cookie;
    const MasterKey key = derive_key(test_key(), "clave attempts");
    for (int i = 0; i < logins; ++i) {
        cookie =
            *count_attempt(key, house.random, house.site, cookie, "/puntos/", house.clock.time);
    }
    house.browser.cookies["__Host-clave-try"] = cookie;
    const Reply reply = house.turn_away(page_load(target));
    return code_of(reply) + " " + std::to_string(reply.status);
}

void a_login_that_does_not_stick_ends(void**) {
    assert_string_equal(loop_after(2, "/puntos/").c_str(), " 302");
    assert_string_equal(loop_after(3, "/puntos/").c_str(), "E-LOOP 403");
    assert_string_equal(loop_after(3, "/vida-laboral/").c_str(), " 302");
}

int status_without_randomness(const char* what) {
    House house;
    house.random.broken = true;
    const Reply reply = house.turn_away(script(what));
    return header(reply, "Set-Cookie").empty() && code_of(reply) == "E-RNG" ? reply.status : 0;
}

void without_randomness_there_is_no_login(void**) {
    assert_int_equal(status_without_randomness("curl"), 503);
    assert_int_equal(status_without_randomness("fetch"), 503);
    assert_int_equal(status_without_randomness("put"), 503);
}

Seen endpoint(std::string_view target, std::string_view method = "GET") {
    House house;
    const Reply reply = house.serve(target, method);
    const std::string allow = header(reply, "Allow");
    return std::to_string(reply.status) + " " + code_of(reply) + (allow.empty() ? "" : " ") + allow;
}

void endpoints_know_their_methods(void**) {
    assert_string_equal(endpoint("/.clave/login", "POST").c_str(), "405 E-METHOD GET, HEAD");
    assert_string_equal(endpoint("/.clave/acs").c_str(), "405 E-METHOD POST");
    assert_string_equal(endpoint("/.clave/acs", "PUT").c_str(), "405 E-METHOD POST");
    assert_string_equal(endpoint("/.clave/return", "HEAD").c_str(), "405 E-METHOD GET");
    assert_string_equal(endpoint("/.clave/", "GET").c_str(), "404 E-NOTFOUND");
    assert_string_equal(endpoint("/.clave/otra").c_str(), "404 E-NOTFOUND");
    assert_string_equal(endpoint("/.clave/assets/otra").c_str(), "404 E-NOTFOUND");
}

void a_login_begins_with_a_state_of_this_browser(void**) {
    for (const char* target :
         {"/.clave/login", "/.clave/login?s=AAAAAAAAAAAAAAAAAAAAAA", "/.clave/login?s=x",
          "/.clave/login?r=AAAA", "/.clave/return?s=AAAAAAAAAAAAAAAAAAAAAA",
          "/.clave/stepup?s=AAAAAAAAAAAAAAAAAAAAAA", "/.clave/expired?s=AAAAAAAAAAAAAAAAAAAAAA",
          "/.clave/return"}) {
        assert_string_equal(endpoint(target).c_str(), "403 E-STATE");
    }
}

Seen cache_of(std::string_view target) {
    House house;
    return header(house.serve(target), "Cache-Control");
}

Seen cache_of_current_style() {
    House house;
    const std::string page = house.serve("/.clave/otra").body;
    const std::size_t at = page.find("/.clave/assets/clave.css");
    return cache_of(page.substr(at, page.find('"', at) - at));
}

void assets_may_be_kept_by_version(void**) {
    assert_string_equal(cache_of_current_style().c_str(), "public, max-age=31536000, immutable");
    assert_string_equal(cache_of("/.clave/assets/clave.css").c_str(), "no-cache");
    assert_string_equal(cache_of("/.clave/assets/clave.css?v=00000000").c_str(), "no-cache");
}

std::size_t limit(std::string_view method, std::string_view path) {
    Request request = page_load(path);
    request.method = method;
    return Gate::body_limit(test_site(), request);
}

void only_answers_of_the_gateway_have_a_body(void**) {
    assert_int_equal(limit("POST", "/.clave/acs"), 256 * 1024);
    assert_int_equal(limit("GET", "/.clave/acs"), 0);
    assert_int_equal(limit("POST", "/.clave/login"), 0);
    assert_int_equal(limit("POST", "/acs"), 0);
}

std::size_t logout_limit(std::string_view from) {
    Request request = page_load("/.clave/logout");
    request.method = "POST";
    request.fetch_site = from;
    return Gate::body_limit(test_site(), request);
}

void a_logout_waits_for_no_more_than_its_token(void**) {
    assert_int_equal(logout_limit(""), 64 * 1024);
    assert_int_equal(logout_limit("none"), 64 * 1024);
    assert_int_equal(logout_limit("same-origin"), 0);
    assert_int_equal(logout_limit("cross-site"), 0);
}

bool reference_looks_right() {
    const Reply reply = House().turn_away(script("fetch"));
    const std::string& ref = reply.refusals.at(0).ref;
    return ref.size() == 9 && ref[4] == '-' &&
           ref.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ-") == std::string::npos;
}

void references_can_be_read_out(void**) {
    assert_true(reference_looks_right());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_page_load_goes_to_the_login),
        cmocka_unit_test(scripts_get_401),
        cmocka_unit_test(forms_get_409),
        cmocka_unit_test(the_administrator_may_choose),
        cmocka_unit_test(a_script_learns_where_to_log_in),
        cmocka_unit_test(a_script_learns_what_its_session_lacks),
        cmocka_unit_test(a_polling_script_pushes_no_login_out),
        cmocka_unit_test(tabs_are_bounded),
        cmocka_unit_test(a_weak_session_is_told_why),
        cmocka_unit_test(whose_session_has_ended_is_told_so_first),
        cmocka_unit_test(whoever_sends_no_cookie_is_told_about_cookies),
        cmocka_unit_test(a_store_that_is_down_starts_no_login),
        cmocka_unit_test(a_login_that_does_not_stick_ends),
        cmocka_unit_test(without_randomness_there_is_no_login),
        cmocka_unit_test(endpoints_know_their_methods),
        cmocka_unit_test(a_login_begins_with_a_state_of_this_browser),
        cmocka_unit_test(assets_may_be_kept_by_version),
        cmocka_unit_test(only_answers_of_the_gateway_have_a_body),
        cmocka_unit_test(a_logout_waits_for_no_more_than_its_token),
        cmocka_unit_test(references_can_be_read_out),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
