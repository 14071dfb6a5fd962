// No change of a signature without its line in the evidence, wherever its worker is killed (F-09,
// F-18): the line comes first, and whoever reads them all sees which were made.
#include "cmocka_cpp.h"

#include <jansson.h>

#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "support/guarded.h"
#include "support/signing_office.h"
#include "support/watched_store.h"

namespace {

using namespace clave;
using namespace clave::test;

class WatchedOffice : public SigningOffice {
  public:
    WatchedOffice() { gate.emplace(store, test_key(), *pool_, clock, random, &parcels_, &desk_); }

    // Of each line what it says, and after which: "created shown<0 withdrawn1".
    std::string evidence() const {
        std::ifstream file(directory + "/evidence");
        std::map<std::string, int> numbers{{"", -1}};
        std::string told;
        std::string line;
        for (int number = 0; std::getline(file, line); ++number) {
            json_t* const json = json_loads(line.c_str(), 0, nullptr);
            const auto text = [&](const char* name) {
                const char* const value = json_string_value(json_object_get(json, name));
                return std::string(value == nullptr ? "" : value);
            };
            told += told.empty() ? "" : " ";
            told += text("state");
            if (const std::string change = text("change"); !change.empty()) {
                numbers[change] = number;
            }
            if (const std::string after = text("after"); !after.empty()) {
                told += "<" + std::to_string(numbers.at(after));
            }
            if (const std::string taken_back = text("withdrawn"); !taken_back.empty()) {
                told += "withdrawn" + std::to_string(numbers.at(taken_back));
            }
            json_decref(json);
        }
        return told;
    }
    std::string state(const std::string& base) {
        return std::string(word(transaction(base).state));
    }
    void cancel(const std::string& base) {
        const std::string token = field(get(ana, base), "token");
        static_cast<void>(serve(ana, post_of(base + "cancel", "token=" + token)));
    }

    WatchedStore store{*zone};
};

std::string seen_before_each_change() {
    WatchedOffice office;
    std::string told;
    office.store.before_swap = [&](const Digest&) { told += "[" + office.evidence() + "] "; };
    office.cancel(office.submit());
    return told + office.evidence();
}

std::string killed_before_a_change() {
    WatchedOffice office;
    const std::string base = office.submit();
    office.store.before_swap = [](const Digest&) { throw std::runtime_error("killed"); };
    static_cast<void>(office.get(office.ana, base));
    std::string told = office.state(base) + " [" + office.evidence() + "] ";
    office.store.before_swap = nullptr;
    office.cancel(base);
    return told + office.state(base) + " [" + office.evidence() + "]";
}

std::string beaten_to_a_change() {
    WatchedOffice office;
    const std::string base = office.submit();
    office.store.before_swap = [&](const Digest&) {
        office.change(base, office.transaction(base));
    };
    static_cast<void>(office.get(office.ana, base));
    return office.state(base) + " [" + office.evidence() + "]";
}

std::string refused_a_change() {
    WatchedOffice office;
    const std::string base = office.submit();
    office.store.takes_changes = false;
    const Reply reply = office.get(office.ana, base);
    return outcome(reply) + " " + office.state(base) + " [" + office.evidence() + "]";
}

std::string without_evidence() {
    WatchedOffice office;
    const std::string base = office.submit();
    auto full = std::make_shared<SigningSite>(*office.site.signing);
    full->evidence = std::make_shared<Evidence>("/dev/full");
    office.site.signing = full;
    const Reply reply = office.get(office.ana, base);
    return outcome(reply) + " " + office.state(base);
}

// Of the first line: what it says of the login.
std::string login_in_evidence() {
    WatchedOffice office;
    static_cast<void>(office.submit());
    std::ifstream file(office.directory + "/evidence");
    std::string line;
    std::getline(file, line);
    json_t* const json = json_loads(line.c_str(), 0, nullptr);
    const auto text = [&](const char* name) {
        const char* const value = json_string_value(json_object_get(json, name));
        return std::string(value == nullptr ? "none" : value);
    };
    std::string told = text("assertion") + " " + std::to_string(text("response_sha256").size());
    json_decref(json);
    return told;
}

Seen seen_of(std::string (*look)()) {
    return Seen(look());
}

void each_line_is_there_before_its_change(void**) {
    assert_string_equal(seen_of(seen_before_each_change).c_str(),
                        "[created] [created shown<0] [created shown<0 cancelled<1] "
                        "created shown<0 cancelled<1");
}

void who_is_killed_leaves_a_line_too_many(void**) {
    assert_string_equal(seen_of(killed_before_a_change).c_str(),
                        "created [created shown<0] "
                        "cancelled [created shown<0 shown<0 cancelled<2]");
}

void who_was_too_slow_takes_his_line_back(void**) {
    assert_string_equal(seen_of(beaten_to_a_change).c_str(),
                        "created [created shown<0 withdrawn1]");
}

void what_the_store_does_not_take_is_taken_back(void**) {
    assert_string_equal(seen_of(refused_a_change).c_str(),
                        "503 E-STORE created [created shown<0 withdrawn1]");
}

void the_first_line_names_the_login(void**) {
    assert_string_equal(seen_of(login_in_evidence).c_str(), "_assertion1 64");
}

Pair unwritable() {
    return looked("sign evidence", without_evidence);
}

void without_evidence_nothing_changes(void**) {
    const Pair pair = unwritable();
    assert_string_equal(pair.with.c_str(), "503 E-EVIDENCE created");
    assert_string_equal(pair.without.c_str(), "200  shown");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_there_before_its_change),
        cmocka_unit_test(who_is_killed_leaves_a_line_too_many),
        cmocka_unit_test(who_was_too_slow_takes_his_line_back),
        cmocka_unit_test(what_the_store_does_not_take_is_taken_back),
        cmocka_unit_test(the_first_line_names_the_login),
        cmocka_unit_test(without_evidence_nothing_changes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
