// What is kept of a signature: a record that changes by compare and set (F-08), folders, and a
// chain of evidence that shows what was done to it (F-18).
#include "cmocka_cpp.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/fields.h"
#include "clave/encoding.h"
#include "clave/upgrade.h"
#include "sign/archive.h"
#include "sign/late_upgrade.h"
#include "sign/transaction.h"
#include "without_guard.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr Time kNow{Seconds{1'800'000'000}};

// --- the record ---

Transaction full() {
    Transaction all;
    all.state = SignState::recovering;
    all.reason = SignReason::blocked;
    all.composed = true;
    all.doubtful = true;
    all.asks_why = true;
    all.created = kNow;
    all.since = kNow + Seconds{5};
    all.service = "S;X@https://sede.example";
    all.session = key_of(1);
    all.nif = "00000000T";
    all.name = "Ana García López";
    all.credential = {Method::permanente, Loa::substantial, true, false, kNow};
    all.format = SignFormat::pades;
    all.operation = SignOperation::sign;
    all.requirement.level = "permanente_otp";
    all.requirement.accept[2] = Loa::substantial;
    all.requirement.max_age = Seconds{60};
    all.title = "Alta";
    all.procedure = "P1";
    all.target = "/alta?x=1";
    all.document_name = "s.pdf";
    all.media_type = "application/pdf";
    all.size = 1234;
    all.sha256 = key_of(2);
    all.fire_id = "id";
    all.redirect = "https://fire/";
    all.signature_sha256 = key_of(3);
    all.certificate_sha256 = key_of(4);
    return all;
}

void a_record_is_read_as_it_was_written(void**) {
    static const auto record = encode(full());
    assert_true(record.has_value());
    static const auto read = decode_transaction(*record);
    assert_true(read.has_value());
    static const auto again = encode(*read);
    assert_true(*again == *record);
    assert_true(read->doubtful && read->composed && read->asks_why);
}

// Of several documents, and of an application's answer.
std::string what_else_is_kept() {
    Transaction several = full();
    for (const DocumentState state : {DocumentState::finished, DocumentState::lost}) {
        AnnouncedDocument document;
        document.id = "d";
        document.state = state;
        several.documents.push_back(std::move(document));
    }
    Transaction answered = full();
    answered.answered = true;
    const auto one = decode_transaction(*encode(several));
    const auto other = decode_transaction(*encode(answered));
    const auto form = decode_transaction(*encode(full()));
    return std::string(word(one->documents[1].state)) + (one->answered ? " answered" : " ordered") +
           (other->answered ? " answered" : " form") + (form->answered ? " answered" : " form");
}

void the_way_in_and_what_was_lost_are_kept(void**) {
    static const std::string kept = what_else_is_kept();
    assert_string_equal(kept.c_str(), "lost ordered answered form");
}

bool any_prefix_is_read() {
    const auto record = encode(full());
    for (std::size_t size = 0; size < record->size(); ++size) {
        if (decode_transaction(std::span(*record).first(size))) {
            return true;
        }
    }
    auto longer = *record;
    longer.push_back(std::byte{});
    return decode_transaction(longer).has_value();
}

void half_a_record_is_none(void**) {
    assert_false(any_prefix_is_read());
}

void too_long_a_record_is_refused(void**) {
    static const bool refused = [] {
        Transaction large = full();
        large.name = std::string(4000, 'a');
        return !encode(large);
    }();
    assert_true(refused);
}

// --- what FIRe adds, and when ---

Transaction waiting() {
    Transaction all = full();
    all.wanted_upgrade = "LTA-LEVEL";
    all.late = true;
    all.ask_at = kNow + Seconds{3600};
    all.upgrade = {"grace-1", kNow + Seconds{3600}, 3, true, "ES-T", true};
    all.documents.resize(2);
    all.documents[1].upgrade = {"grace-2", kNow + Seconds{60}, 0, false, "", false};
    return all;
}

void what_is_waited_for_is_in_the_record(void**) {
    static const auto record = encode(waiting());
    assert_true(record.has_value());
    static const auto read = decode_transaction(*record);
    assert_true(read.has_value());
    static const auto again = encode(*read);
    assert_true(*again == *record);
    assert_string_equal(read->upgrade.id.c_str(), "grace-1");
    assert_string_equal(read->documents[1].upgrade.id.c_str(), "grace-2");
    assert_true(read->waits() && read->upgrade.fetching && read->upgrade.partial);
}

// Of before there were any, and of workers that know of none.
void a_record_without_upgrades_is_as_it_was(void**) {
    static const auto old = encode(full());
    assert_int_equal(std::to_integer<int>(old->front()), 1);
    static const auto read = decode_transaction(*old);
    assert_true(read && read->wanted_upgrade.empty() && !read->late);
}

bool half_of_what_waits_is_read() {
    const auto record = encode(waiting());
    for (std::size_t size = 0; size < record->size(); ++size) {
        if (decode_transaction(std::span(*record).first(size))) {
            return true;
        }
    }
    Transaction strange = waiting();
    strange.wanted_upgrade = "ES-Z";
    return decode_transaction(*encode(strange)).has_value();
}

void half_of_what_waits_is_nothing(void**) {
    assert_false(half_of_what_waits_is_read());
}

// The record of an order has to have room for what FIRe will say.
std::string rooms() {
    Transaction order = full();
    order.state = SignState::created;
    while (encode(order)) {
        order.name += 'a';
    }
    order.name.resize(order.name.size() - 50);
    std::string told = encode(order) ? "fits" : "too long";
    order.wanted_upgrade = "ES-T";
    told += encode(order) ? " fits" : " too long";
    order.state = SignState::recovering;
    return told + (encode(order) ? " fits" : " too long");
}

void an_order_that_could_not_wait_is_not_taken(void**) {
    static const std::string told = rooms();
    assert_string_equal(told.c_str(), "fits too long fits");
}

std::string lifetimes() {
    Transaction is = full();
    std::string told = expires_at(is) == kNow + kTransactionLifetime ? "a day" : "else";
    told += kept_until(is) == kNow + kForgottenAfter ? " to the end of which it is known" : " else";
    is.late = true;
    is.ask_at = kNow + kLongestGrace;
    told += kept_until(is) == is.ask_at + kLateLifetime ? ", a week more" : ", else";
    is.ask_at = Time{};
    is.since = kNow + kLongestGrace;
    return told + (kept_until(is) == is.since + kLateLifetime ? ", to be fetched" : ", else");
}

void who_waits_is_not_forgotten(void**) {
    static const std::string told = lifetimes();
    assert_string_equal(told.c_str(),
                        "a day to the end of which it is known, a week more, to be fetched");
}

bool is_taken(Seconds after) {
    Transaction is = full();
    begin_to_wait(is.upgrade, {"grace-1", kNow + after});
    return is_soon_enough(is, is.upgrade);
}

void nobody_waits_for_ever(void**) {
    assert_true(is_taken(Seconds{0}));
    assert_true(is_taken(kLongestGrace));
    assert_false(is_taken(kLongestGrace + Seconds{1}));
    assert_true(
        without_guard("sign grace date", [] { return is_taken(Seconds{1} * 400 * 86400); }));
}

struct Asked {
    SignFormat format;
    const char* word;
    const char* guard;  // that refuses; nullptr: it may be asked for
};
constexpr Asked kAsked[] = {
    {SignFormat::cades, "ES-T", nullptr},        {SignFormat::xades, "LTA-LEVEL", nullptr},
    {SignFormat::pades, "T-LEVEL", nullptr},     {SignFormat::pades, "verify", nullptr},
    {SignFormat::none, "ES-T", "upgrade none"},  {SignFormat::pades, "ES-LTV", "upgrade pades"},
    {SignFormat::cades, "ES-LTV", "upgrade ltv"}};

void what_cannot_be_verified_is_not_asked_for(void**) {
    for (const Asked& one : kAsked) {
        const auto good = [&one] { return objection_to_upgrade(one.format, one.word).empty(); };
        assert_int_equal(good(), one.guard == nullptr);
        assert_true(one.guard == nullptr || without_guard(one.guard, good));
        assert_true(is_upgrade(one.word));
    }
    for (const std::string_view word : upgrade_words()) {
        assert_true(is_upgrade(word));
    }
    assert_false(is_upgrade("es-t"));
    assert_false(is_upgrade(""));
}

// --- whose it is (F-02 to F-04) ---

struct Visitor {
    const char* nif = "00000000T";
    const char* origin = "https://sede.example";
    std::uint64_t session = 9;  // another one than it was begun in
    Method method = Method::permanente;
    Loa loa = Loa::substantial;
    bool represented = false;
    Lookup lookup = Lookup::hit;
};

bool is_his(const Visitor& visitor) {
    Site site;
    site.provider_name = "S;X";
    site.origin = visitor.origin;
    Identified who;
    who.lookup = visitor.lookup;
    who.key = key_of(visitor.session);
    who.session.nif = visitor.nif;
    who.session.credential = {visitor.method, visitor.loa, false, visitor.represented, kNow};
    return belongs_to(full(), site, who);
}

// Of the same person in another session: as good as the one it was begun in.
constexpr Visitor kOwners[] = {{}, {.loa = Loa::high}, {.session = 1, .loa = Loa::low}};
constexpr Visitor kOthers[] = {{.nif = "11111111H"},
                               {.nif = ""},
                               {.origin = "https://otra.example"},
                               {.lookup = Lookup::miss},
                               {.lookup = Lookup::error}};
constexpr Visitor kWeaker[] = {{.loa = Loa::low}, {.method = Method::pin}, {.represented = true}};

void it_belongs_to_its_person_in_no_weaker_session(void**) {
    for (const Visitor& visitor : kOwners) {
        assert_true(is_his(visitor));
    }
    for (const Visitor& visitor : kOthers) {
        assert_false(is_his(visitor));
    }
    for (const Visitor& visitor : kWeaker) {
        assert_false(is_his(visitor));
        assert_true(without_guard("sign credential", [&] { return is_his(visitor); }));
    }
    assert_true(without_guard("sign owner", [] { return is_his({.nif = "11111111H"}); }));
}

// --- compare and set ---

struct ZoneStand {
    ZoneStand() : bytes(Zone::kMinimumSize) {
        Zone::format(bytes, random);
        zone.emplace(bytes, mutex, lines);
    }
    std::vector<std::byte> bytes;
    CountingRandom random;
    struct Free final : ZoneMutex {
        void lock() noexcept override {}
        void unlock() noexcept override {}
    } mutex;
    Lines lines;
    std::optional<Zone> zone;

    std::string swap(std::string version, std::size_t size, Time until = kNow + Seconds{60},
                     Time now = kNow) {
        const Digest key = key_of(7);
        const auto swapped =
            run(zone->swap(key, std::move(version), record_of(size, size), until, now));
        return !swapped ? "error" : *swapped ? **swapped : "beaten";
    }
    std::string size(Time now = kNow) {
        const Digest key = key_of(7);
        const auto found = run(zone->read(key, now));
        return !found ? "error"
               : *found && (*found)->record ==
                               record_of((*found)->record.size(), (*found)->record.size())
                   ? std::to_string((*found)->record.size()) + "@" + (*found)->version
                   : "none";
    }
};

std::string story() {
    ZoneStand stand;
    std::string told = stand.size();
    told += " " + stand.swap("", 100);    // made
    told += " " + stand.swap("", 200);    // there already
    told += " " + stand.swap("1", 2000);  // changed, over many slots
    told += " " + stand.swap("1", 50);    // by somebody who has not seen it
    told += " " + stand.size();
    told += " " + stand.swap("2", 300);
    told += " " + stand.swap("x", 300);
    told += " " + stand.size();
    told += " " + stand.size(kNow + Seconds{60});  // over
    told += " " + stand.swap("3", 10, kNow + Seconds{90}, kNow + Seconds{70});
    told += " " + stand.swap("", 5000);
    return told;
}

void who_has_not_seen_the_last_change_makes_none(void**) {
    static const std::string told = story();
    assert_string_equal(told.c_str(),
                        "none 1 beaten 2 beaten 2000@2 3 beaten 300@3 none beaten error");
}

std::string without_the_version() {
    return without_guard("entry version", [] {
        ZoneStand stand;
        stand.swap("", 100);
        return stand.swap("", 200);
    });
}

void the_version_is_what_stops_him(void**) {
    static const std::string told = without_the_version();
    assert_string_equal(told.c_str(), "2");
}

// --- the archive ---

struct Folder {
    Folder() {
        char name[] = "/tmp/clave-archive-XXXXXX";
        path = ::mkdtemp(name);
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string path;
};

std::string life_of_a_folder() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::string id(kSignIdLength, 'a');
    const std::string next(kSignIdLength, 'b');
    std::string told =
        archive.create(id, as_bytes("document"), as_bytes("form")) ? "made" : "error";
    told += archive.create(id, {}, {}) ? " twice" : " once";
    told += archive.write(id, Archive::kDocument, as_bytes("other")) ? " replaced" : " kept";
    const auto document = archive.read(id, Archive::kDocument, 100);
    told += document ? " " + std::string(as_text(*document)) : " error";
    told += archive.read(id, Archive::kDocument, 3) ? " long" : " bounded";
    told += archive.repeat(next, id) ? " repeated" : " error";
    told += archive.has(next, Archive::kForm) ? " form" : " none";
    std::filesystem::create_directory(folder.path + "/of-somebody-else");
    told += " " + std::to_string(archive.sweep(Time(Seconds(1))));
    told += " " + std::to_string(archive.sweep(Time(Seconds(4'000'000'000))));
    told += std::filesystem::exists(folder.path + "/of-somebody-else") ? " others stay" : " gone";
    told += archive.has(id, Archive::kDocument) ? " left" : " nothing left";
    return told;
}

void a_folder_is_written_once_and_swept(void**) {
    static const std::string told = life_of_a_folder();
    assert_string_equal(
        told.c_str(), "made once kept document bounded repeated form 0 2 others stay nothing left");
}

// Retained for a day only, and waiting for a week.
std::string sweep_while_waiting() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::string id(kSignIdLength, 'a');
    static_cast<void>(archive.create(id, as_bytes("document"), as_bytes("form")));
    static_cast<void>(archive.write(id, Archive::kWaiting, as_bytes("record")));
    const auto now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
    const Time soon = Time(now.time_since_epoch()) + Seconds{3600};
    std::string told = archive.waiting() == std::vector<std::string>{id} ? "waits" : "none";
    told += " " + std::to_string(archive.sweep(soon));
    told += " " + std::to_string(archive.sweep(soon + Seconds{9 * 24 * 3600}));
    return told;
}

std::string sweep_without_guard() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::string id(kSignIdLength, 'a');
    static_cast<void>(archive.create(id, as_bytes("document"), as_bytes("form")));
    static_cast<void>(archive.write(id, Archive::kWaiting, as_bytes("record")));
    const auto now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
    return std::to_string(archive.sweep(Time(now.time_since_epoch()) + Seconds{3600}));
}

void what_waits_is_not_swept(void**) {
    static const std::string told = sweep_while_waiting();
    assert_string_equal(told.c_str(), "waits 0 1");
    static const std::string gone = without_guard("archive waiting", sweep_without_guard);
    assert_string_equal(gone.c_str(), "1");
}

// What was handed over, an hour before its time and after it; the other one was not.
std::string request_of_what_was_handed_over() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::string handed(kSignIdLength, 'a');
    const std::string waits(kSignIdLength, 'b');
    for (const std::string& id : {handed, waits}) {
        static_cast<void>(archive.create(id, as_bytes("document"), as_bytes("form")));
    }
    const Time when(Seconds(2'000'000'000));
    static_cast<void>(archive.mark_for(handed, Archive::kDelivered, when));
    const std::filesystem::path place = folder.path + "/" + handed;
    const auto hour = std::chrono::hours{1};
    std::filesystem::last_write_time(place, std::filesystem::last_write_time(place) - hour);
    const auto changed = std::filesystem::last_write_time(place);
    std::string told;
    for (const Seconds& later : {Seconds{-3600}, Seconds{3600}, Seconds{3600}}) {
        told += std::to_string(archive.sweep_forms(when + later));
        told += archive.has(handed, Archive::kForm) ? " there, " : " gone, ";
    }
    told += archive.has(handed, Archive::kDocument) ? "with its document" : "without";
    told += std::filesystem::last_write_time(place) == changed ? " of its time, " : " of now, ";
    return told + (archive.has(waits, Archive::kForm) ? "the other waits" : "both");
}

std::string request_of_just_now() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::string id(kSignIdLength, 'a');
    static_cast<void>(archive.create(id, as_bytes("document"), as_bytes("form")));
    static_cast<void>(archive.mark_for(id, Archive::kDelivered, Time(Seconds(2))));
    return std::to_string(archive.sweep_forms(Time(Seconds(1))));
}

void a_request_goes_when_nobody_can_want_it_again(void**) {
    static const std::string told = request_of_what_was_handed_over();
    assert_string_equal(told.c_str(),
                        "0 there, 1 gone, 0 gone, with its document of its time, the other waits");
    static const std::string gone = without_guard("archive form time", request_of_just_now);
    assert_string_equal(gone.c_str(), "1");
}

std::string why_not_read(bool folder_there, bool archive_there) {
    const Folder folder;
    const Archive archive(folder.path + (archive_there ? "" : "/elsewhere"));
    const std::string id(kSignIdLength, 'a');
    if (folder_there) {
        static_cast<void>(archive.create(id, as_bytes("document"), as_bytes("form")));
    }
    return std::string(info(archive.why_unreadable(id, Error{Code::store, "open"}).code).word);
}

void what_was_erased_is_no_fault_of_the_store(void**) {
    static std::string told;
    told = why_not_read(false, true);
    assert_string_equal(told.c_str(), "E-SIGN-GONE");
    told = why_not_read(true, true);
    assert_string_equal(told.c_str(), "E-STORE");
    told = why_not_read(false, false);
    assert_string_equal(told.c_str(), "E-STORE");
}

// Each folder by its letter, with these files in it; what is left when they were last touched an
// hour, and a day and an hour, before.
std::string left_of_what_never_began() {
    const Folder folder;
    const Archive archive(folder.path);
    const std::vector<std::pair<char, std::vector<std::string>>> all = {
        {'a', {".document.partial"}},
        {'b', {}},
        {'c', {"document"}},
        {'d', {"document", ".form.partial"}},
        {'e', {".upload-1.partial"}},
        {'f', {"document", "document.2", "upload-1"}},
        {'g', {"document", "form"}},
        {'h', {"document", "transaction"}},
        {'j', {"document", "signature.2", "receipt.json"}},
        {'k', {"document", ".document.partial"}},
    };
    const auto left = [&] {
        std::string letters = " ";
        for (const auto& [letter, files] : all) {
            const bool there =
                std::filesystem::exists(folder.path + "/" + std::string(kSignIdLength, letter));
            letters += there ? std::string(1, letter) : "";
        }
        return letters;
    };
    for (const auto& [letter, files] : all) {
        const std::string id(kSignIdLength, letter);
        std::filesystem::create_directory(folder.path + "/" + id);
        for (const std::string& name : files) {
            std::ofstream(folder.path + "/" + id + "/" + name) << "x";
        }
    }
    std::filesystem::create_directory(folder.path + "/of-somebody-else");
    const Time before(Seconds(1));
    const Time after(Seconds(4'000'000'000));
    std::string told;
    for (const auto& [drafts, documents] :
         {std::pair(before, before), std::pair(after, before), std::pair(after, after)}) {
        told += std::to_string(archive.sweep_unfinished(drafts, documents));
        told += left() + " ";
    }
    return told +
           (std::filesystem::exists(folder.path + "/of-somebody-else") ? "others stay" : "gone");
}

void what_never_became_a_signature_goes(void**) {
    static const std::string told = left_of_what_never_began();
    assert_string_equal(told.c_str(), "0 abcdefghjk 1 bcdefghjk 6 ghj others stay");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_read_as_it_was_written),
        cmocka_unit_test(the_way_in_and_what_was_lost_are_kept),
        cmocka_unit_test(half_a_record_is_none),
        cmocka_unit_test(too_long_a_record_is_refused),
        cmocka_unit_test(what_is_waited_for_is_in_the_record),
        cmocka_unit_test(a_record_without_upgrades_is_as_it_was),
        cmocka_unit_test(half_of_what_waits_is_nothing),
        cmocka_unit_test(an_order_that_could_not_wait_is_not_taken),
        cmocka_unit_test(who_waits_is_not_forgotten),
        cmocka_unit_test(nobody_waits_for_ever),
        cmocka_unit_test(what_cannot_be_verified_is_not_asked_for),
        cmocka_unit_test(what_waits_is_not_swept),
        cmocka_unit_test(a_request_goes_when_nobody_can_want_it_again),
        cmocka_unit_test(what_was_erased_is_no_fault_of_the_store),
        cmocka_unit_test(it_belongs_to_its_person_in_no_weaker_session),
        cmocka_unit_test(who_has_not_seen_the_last_change_makes_none),
        cmocka_unit_test(the_version_is_what_stops_him),
        cmocka_unit_test(a_folder_is_written_once_and_swept),
        cmocka_unit_test(what_never_became_a_signature_goes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
