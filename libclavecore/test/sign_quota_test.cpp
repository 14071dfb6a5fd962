// How much one person may have under way, and how full the archive may be: nothing is begun beyond
// (F-11).
#include "cmocka_cpp.h"

#include <string>

#include "sign/archive.h"
#include "support/guarded.h"
#include "support/signing_office.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::uint64_t kTwoForms = 2 * (sizeof("Alta\n\nacepto: 1\n") - 1);

class CountingOffice : public SigningOffice {
  public:
    explicit CountingOffice(std::size_t most, std::uint64_t bytes = 0) {
        auto counting = std::make_shared<SigningSite>(*site.signing);
        counting->most_open = most;
        counting->most_open_bytes = bytes;
        site.signing = counting;
    }
    Reply send() {
        SignOrder order;
        order.requirement = requirement("permanente_otp");
        order.title = "Alta";
        const Request request = post_of("/firmar", "acepto=1");
        const Identified person = who_is(ana);
        return finish(gate->take_to_sign(site, order, request, person));
    }
    // "303", or what is said against it.
    std::string told() {
        const Reply reply = send();
        return reply.status == 303 ? "303" : outcome(reply);
    }
    std::string begin() { return header(send(), "Location"); }
    void cancel(const std::string& base) {
        const std::string token = field(get(ana, base), "token");
        static_cast<void>(serve(ana, post_of(base + "cancel", "token=" + token)));
    }
    bool has_document(const std::string& base) const {
        return Archive(directory).has(id_in(base), Archive::kDocument);
    }
};

std::string third_of(std::size_t most, std::uint64_t bytes) {
    CountingOffice office(most, bytes);
    std::string told = office.told();
    told += " " + office.told();
    return told + " " + office.told();
}

Pair too_many() {
    return looked("sign quota count", [] { return third_of(2, 0); });
}

void nobody_has_more_under_way_than_one_may(void**) {
    const Pair pair = too_many();
    assert_string_equal(pair.with.c_str(), "303 303 429 E-SIGN-QUOTA");
    assert_string_equal(pair.without.c_str(), "303 303 303");
}

Pair too_much() {
    return looked("sign quota bytes", [] { return third_of(0, kTwoForms); });
}

void nor_more_bytes(void**) {
    const Pair pair = too_much();
    assert_string_equal(pair.with.c_str(), "303 303 429 E-SIGN-QUOTA");
    assert_string_equal(pair.without.c_str(), "303 303 303");
}

Seen without_any_limit() {
    return Seen(third_of(0, 0));
}

void where_there_is_no_limit_anybody_may(void**) {
    assert_string_equal(without_any_limit().c_str(), "303 303 303");
}

// Which are under way, and where; nothing of what was sent is kept.
std::string said_on_the_page() {
    CountingOffice office(2);
    const std::string first = office.begin();
    const std::string second = office.begin();
    const Reply reply = office.send();
    const bool both = reply.body.find("href=\"" + first + "\"") != std::string::npos &&
                      reply.body.find("href=\"" + second + "\"") != std::string::npos;
    const bool back = reply.body.find("vuelva a él con «Atrás»") != std::string::npos;
    return std::string(both ? "both" : "not both") + (back ? " back" : " no way back");
}

Seen page() {
    return Seen(said_on_the_page());
}

void the_page_says_which_to_finish_first(void**) {
    assert_string_equal(page().c_str(), "both back");
}

// Room is made by what was given up, and by what is signed, at once; what was given up stays until
// room is needed.
std::string after_giving_up() {
    CountingOffice office(2);
    const std::string first = office.begin();
    const std::string second = office.begin();
    office.cancel(first);
    std::string told = office.has_document(first) ? "there" : "gone";
    told += " " + office.told();
    told += office.has_document(first) ? " there" : " gone";
    told += " " + office.told();
    Transaction is_signed = office.transaction(second);
    is_signed.state = SignState::finished;
    office.change(second, is_signed);
    told += " " + office.told();
    return told + (office.has_document(second) ? " there" : " gone");
}

Seen given_up() {
    return Seen(after_giving_up());
}

void what_is_over_makes_room(void**) {
    assert_string_equal(given_up().c_str(), "there 303 gone 429 E-SIGN-QUOTA 303 there");
}

// With what was given up, unless it had to make room for others.
std::string begun_again(bool with_room) {
    CountingOffice office(2);
    const std::string first = office.begin();
    office.cancel(first);
    static_cast<void>(office.begin());
    if (!with_room) {
        static_cast<void>(office.begin());
    }
    const std::string token = Office::field(office.get(office.ana, first), "token");
    const Reply reply =
        office.serve(office.ana, SigningOffice::post_of(first + "again", "token=" + token));
    const std::string base = header(reply, "Location");
    return base.empty() ? outcome(reply) : office.has_document(base) ? "again" : "without";
}

Seen seen_again(bool with_room) {
    return Seen(begun_again(with_room));
}

void who_begins_again_counts_too(void**) {
    assert_string_equal(seen_again(true).c_str(), "again");
    assert_string_equal(seen_again(false).c_str(), "409 E-POST-LOST");
}

// A file system without a byte to spare.
std::string on_a_full_disk() {
    CountingOffice office(0);
    auto full = std::make_shared<SigningSite>(*office.site.signing);
    full->archive = "/proc";
    office.site.signing = full;
    return office.told();
}

Pair full() {
    return looked("archive room", on_a_full_disk);
}

void nothing_is_begun_where_there_is_no_room(void**) {
    const Pair pair = full();
    assert_string_equal(pair.with.c_str(), "503 E-SIGN-ROOM");
    assert_string_equal(pair.without.c_str(), "503 E-STORE");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nobody_has_more_under_way_than_one_may),
        cmocka_unit_test(nor_more_bytes),
        cmocka_unit_test(where_there_is_no_limit_anybody_may),
        cmocka_unit_test(the_page_says_which_to_finish_first),
        cmocka_unit_test(what_is_over_makes_room),
        cmocka_unit_test(who_begins_again_counts_too),
        cmocka_unit_test(nothing_is_begun_where_there_is_no_room),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
