// What a cluster says of itself, as it crosses the wire: believed as a whole, or not at all.
#include "cmocka_cpp.h"

#include <string>
#include <vector>

#include "redis/resp.h"
#include "redis/slot_map.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::redis;
using namespace clave::test;

std::string bulk(const std::string& text) {
    return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

// Of CLUSTER SLOTS: first slot, last slot, the primary, and whatever follows.
std::string range(const std::string& first, const std::string& last, const std::string& primary,
                  const std::string& replica = "") {
    const std::string head = replica.empty() ? "*3\r\n" : "*4\r\n";
    return head + first + "\r\n" + last + "\r\n" + primary + replica;
}

std::string node(const std::string& name, const std::string& port) {
    return "*2\r\n" + bulk(name) + ":" + port + "\r\n";
}

// "0-5460 10.0.0.1:6379+": with a replica.
std::string read(const std::string& wire) {
    ReplyReader reader{ReplyLimits{}};
    reader.feed(wire);
    Value value;
    if (reader.next(value) != ReplyReader::Got::value) {
        return "not RESP2";
    }
    const auto ranges = read_slots(value, {"asked", 7000});
    if (!ranges) {
        return "no sense";
    }
    std::string told;
    for (const SlotRange& one : *ranges) {
        told += std::to_string(one.first) + "-" + std::to_string(one.last) + " " +
                one.primary.name + ":" + std::to_string(one.primary.port) +
                (one.replicas ? "+ " : " ");
    }
    return told;
}

Seen seen(const std::string& wire) {
    return Seen(read(wire));
}

void a_map_is_read(void**) {
    const auto two = [] {
        return seen("*2\r\n" +
                    range(":0", ":8191", node("10.0.0.1", "6379"), node("10.0.0.2", "6379")) +
                    range(":8192", ":16383", node("::1", "6380")));
    };
    assert_string_equal(two().c_str(), "0-8191 10.0.0.1:6379+ 8192-16383 ::1:6380 ");
    assert_string_equal(seen("*0\r\n").c_str(), "");
}

void a_node_that_does_not_know_its_name_is_the_one_that_was_asked(void**) {
    assert_string_equal(seen("*1\r\n" + range(":1", ":1", node("", "6379"))).c_str(),
                        "1-1 asked:6379 ");
    assert_string_equal(seen("*1\r\n" + range(":1", ":1", node("?", "6379"))).c_str(),
                        "1-1 asked:6379 ");
}

void what_makes_no_sense_is_no_map(void**) {
    static const std::string good = node("a", "6379");
    static const std::vector<std::string> entries{"*2\r\n:0\r\n:1\r\n",
                                                  range(":-1", ":1", good),
                                                  range(":0", ":16384", good),
                                                  range(":2", ":1", good),
                                                  range("+0", ":1", good),
                                                  range(":0", "+1", good),
                                                  range(":0", ":1", ":1\r\n"),
                                                  range(":0", ":1", "*0\r\n"),
                                                  range(":0", ":1", node("a", "0")),
                                                  ":1\r\n",
                                                  range(":0", ":1", node("a", "65536"))};
    for (const std::string& entry : entries) {
        assert_string_equal(seen("*1\r\n" + entry).c_str(), "no sense");
        assert_string_equal(seen("*2\r\n" + range(":5", ":6", good) + entry).c_str(), "no sense");
    }
    assert_string_equal(seen("+OK\r\n").c_str(), "no sense");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_read),
        cmocka_unit_test(a_node_that_does_not_know_its_name_is_the_one_that_was_asked),
        cmocka_unit_test(what_makes_no_sense_is_no_map),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
