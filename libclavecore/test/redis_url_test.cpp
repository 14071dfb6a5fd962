// Where the store is: what an administrator may write, and what he is told otherwise.
#include "cmocka_cpp.h"

#include <cstring>

#include "clave/redis_settings.h"
#include "redis/reply_scanner.h"
#include "redis/resp.h"
#include "seen.h"
#include "support/wire_bench.h"
#include "without_guard.h"

namespace {

using namespace clave;
using test::Seen;

Seen parsed(std::string_view text) {
    const auto url = StoreUrl::parse(text);
    return url ? url->shown() : url.error().what + "; " + url.error().remedy;
}

void urls_are_understood(void**) {
    assert_string_equal(parsed("redis://host").c_str(), "redis://host:6379");
    assert_string_equal(parsed("redis://10.0.0.1:7000/3").c_str(), "redis://10.0.0.1:7000/3");
    assert_string_equal(parsed("redis://host/").c_str(), "redis://host:6379");
    assert_string_equal(parsed("rediss://clave@[::1]").c_str(), "rediss://clave@[::1]:6379");
    assert_string_equal(parsed("unix:/run/redis.sock").c_str(), "unix:/run/redis.sock");
    assert_string_equal(parsed("redis+sentinel://a,b:1,[::1]/main").c_str(),
                        "redis+sentinel://a:26379,b:1,[::1]:26379/main");
    assert_string_equal(parsed("redis+sentinel://a/main/2").c_str(),
                        "redis+sentinel://a:26379/main/2");
    assert_string_equal(parsed("rediss+cluster://a:1,b:2").c_str(), "rediss+cluster://a:1,b:2");
}

void mistakes_have_a_remedy(void**) {
    assert_string_equal(parsed("redis://u:secret@host").c_str(),
                        "store URL: a password does not belong here; put it into a file of its "
                        "own, mode 0640, and name that as password_file");
    assert_string_equal(parsed("redis://:secret@host").c_str(), parsed("redis://:x@host").c_str());
    assert_string_equal(parsed("redis:/u:secret@host").c_str(), parsed("redis").c_str());
    assert_null(std::strstr(parsed("redis:/u:secret@host").c_str(), "secret"));
    assert_string_equal(parsed("redsi://host").c_str(),
                        "store URL: \"redsi\" is no known scheme; did you mean \"redis\"?; give "
                        "redis://HOST:PORT, unix:PATH, redis+sentinel://HOST:PORT,HOST:PORT/NAME "
                        "or redis+cluster://HOST:PORT,HOST:PORT (rediss…:// for TLS)");
    assert_string_equal(parsed("redis://host:99999").c_str(),
                        "store URL: \"host:99999\" has no valid port; a port is 1 to 65535");
    assert_string_equal(parsed("redis://host:0").c_str(),
                        "store URL: \"host:0\" has no valid port; a port is 1 to 65535");
    assert_string_equal(parsed("redis://2001:db8::1").c_str(),
                        "store URL: \"2001:db8::1\" has more than one colon; an IPv6 address "
                        "stands in brackets: [2001:db8::1]:6379");
    assert_string_equal(parsed("redis://[::1").c_str(),
                        "store URL: \"[::1\" is no IPv6 address in brackets; write "
                        "[2001:db8::1]:6379");
    assert_string_equal(parsed("redis://a,b").c_str(),
                        "store URL: redis:// names one server; write redis+sentinel:// or "
                        "redis+cluster:// if these belong together");
    assert_string_equal(parsed("redis://host/x").c_str(),
                        "store URL: \"x\" is no database; a database is a number, as in "
                        "redis://HOST/3");
    assert_string_equal(parsed("redis+cluster://a/1").c_str(),
                        "store URL: a cluster has one database only; leave out \"/1\"");
    assert_string_equal(parsed("redis+sentinel://a").c_str(),
                        "store URL: what do the sentinels call the primary?; write "
                        "redis+sentinel://HOST:PORT,HOST:PORT/NAME; NAME is that of \"sentinel "
                        "monitor\"");
    assert_string_equal(parsed("unix:redis.sock").c_str(),
                        "store URL: the path of a socket begins with a slash; write "
                        "unix:/run/redis/redis.sock");
    assert_string_equal(
        parsed("unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
            .c_str(),
        "store URL: the path of a socket has at most 107 characters; use a "
        "shorter one");
}

Seen parsed_without_guard() {
    return without_guard("store url password", [] { return parsed("redis://u:secret@host"); });
}

void password_is_refused_by_its_guard(void**) {
    assert_string_not_equal(parsed_without_guard().c_str(),
                            parsed("redis://u:secret@host").c_str());
}

// --- RESP2 ---------------------------------------------------------------------------------------

// Values as far as they are understood, in pieces of that size; and what was wrong.
Seen read(std::string_view text, std::size_t piece, redis::ReplyLimits limits) {
    redis::ReplyReader reader(limits);
    std::string all;
    while (!text.empty()) {
        reader.feed(text.substr(0, piece));
        text.remove_prefix(std::min(piece, text.size()));
        for (bool more = true; more;) {
            redis::Value value;
            const auto got = reader.next(value);
            if (got == redis::ReplyReader::Got::garbage) {
                return all + reader.complaint();
            }
            more = got == redis::ReplyReader::Got::value;
            all += more ? test::shown(value) + " " : "";
        }
    }
    return all;
}

void replies_are_read_in_any_pieces(void**) {
    constexpr std::string_view text =
        "+OK\r\n$5\r\nhe\r\no\r\n:-42\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n"
        "*2\r\n*2\r\n:1\r\n$1\r\na\r\n-ERR x\r\n";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        assert_string_equal(read(text, piece, {}).c_str(),
                            "OK he\r\no (-42) (nil) (nil) []  [[(1) a] !ERR] ");
    }
}

constexpr redis::ReplyLimits kSmall{64, 4};

void limits_are_kept(void**) {
    assert_string_equal(read("*4\r\n:1\r\n:1\r\n:1\r\n:1\r\n", 1, kSmall).c_str(),
                        "[(1) (1) (1) (1)] ");
    assert_string_equal(read("*5\r\n", 1, kSmall).c_str(), "an array of impossible size");
    assert_string_equal(read("*2\r\n*2\r\n:1\r\n:1\r\n*1\r\n", 1, kSmall).c_str(),
                        "an array of impossible size");
    assert_string_equal(read("$536870913\r\n", 1, kSmall).c_str(), "a text of impossible length");
    assert_string_equal(read("$60\r\n", 1, kSmall).c_str(), "a reply over the limit");
    assert_string_equal(
        read("+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1, kSmall)
            .c_str(),
        "a reply over the limit");
}

// A text that is none of ours is left out, and the next ones are not.
void long_text_is_left_out(void**) {
    constexpr redis::ReplyLimits kShort{64, 4, 8};
    constexpr std::string_view kText =
        "*3\r\n$12\r\nlong\r\n long\r\r\n:1\r\n$8\r\nno\r\nmore\r\n$9\r\n012345678\r\n+OK\r\n";
    for (std::size_t piece = 1; piece <= kText.size(); ++piece) {
        assert_string_equal(read(kText, piece, kShort).c_str(),
                            "[!TOOLONG (1) no\r\nmore] !TOOLONG OK ");
        assert_string_equal(read("$9\r\n0123456789\r\n", piece, kShort).c_str(),
                            "a text without its end");
    }
    assert_string_equal(
        without_guard("redis text length", [&] { return read(kText, 1, kShort); }).c_str(),
        "[long\r\n long\r (1) no\r\nmore] 012345678 OK ");
}

Seen read_without(std::string_view name, std::string_view text) {
    return without_guard(name, [text] { return read(text, 1, kSmall); });
}

void without_their_guards_they_are_not(void**) {
    assert_string_equal(
        read_without("redis element count", "*5\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n").c_str(),
        "[(1) (1) (1) (1) (1)] ");
    assert_string_equal(read_without("redis bulk length", "$536870913\r\n").c_str(), "");
    assert_string_equal(
        read_without("redis reply size",
                     "+aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")
            .c_str(),
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(urls_are_understood),
        cmocka_unit_test(mistakes_have_a_remedy),
        cmocka_unit_test(password_is_refused_by_its_guard),
        cmocka_unit_test(replies_are_read_in_any_pieces),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(long_text_is_left_out),
        cmocka_unit_test(without_their_guards_they_are_not),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
