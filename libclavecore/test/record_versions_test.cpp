// Records of other versions of ours, of machines that share a store while they are upgraded one by
// one: those of the past are read, those of the future are left alone.
#include "cmocka_cpp.h"

#include <string>
#include <vector>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/session.h"
#include "login/browser.h"
#include "login/kept_outcome.h"
#include "login/login_services.h"
#include "login_fixture.h"
#include "seen.h"
#include "store/sealed_records.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

std::vector<std::byte> bytes_of(std::string_view hex) {
    std::vector<std::byte> bytes(hex.size() / 2);
    hex_decode_to(bytes, hex);
    return bytes;
}

// As they were written by the first version that wrote them so. They may never be changed here:
// whoever changes what is written raises its version, and adds a value.
constexpr std::string_view kSessionV1 =
    "01020201000000006b016ba7000000006b016ba00035453030303030303030585f4530343937353730313b53"
    "6564654068747470733a2f2f736564652e6578616d706c652e676f622e6573000a7065726d616e656e746500"
    "0931323334353637385a000931323334353637385a0003416e61000747617263c3ad61001047617263c3ad61"
    "20c391c3bac3b1657a00000000000c000575726e3a610003756e6f";
constexpr std::string_view kOutcomeV2 =
    "020035453030303030303030585f4530343937353730313b536564654068747470733a2f2f736564652e6578"
    "616d706c652e676f622e6573758c43dfaae44a72880d5286ea0463b674050ddc73508c2f8c241e6b153a7917"
    "01000931323334353637385a000931323334353637385a0003416e61000747617263c3ad61001047617263c3"
    "ad6120c391c3bac3b1657a00000000000575726e3a610003756e6f000002020100000000006b016ba0010000"
    "00006b0187c0";
// What the next versions have at the end, beside another number at the beginning.
constexpr std::string_view kProof =
    "000b5f617373657274696f6e31abababababababababababababababababababababababababababababababab";
constexpr std::string_view kSealedV1 =
    "01dd6cce2f6c82a562cb808d10d632be89f20ae06c14fb5db5315cae38bd8b05a1dba721e2996aa121a19f80"
    "932290f656";

constexpr std::string_view kReceipt = "receipt";
const std::string kRequest = "_request";
constexpr std::string_view kName = "clave:s:{00}";

struct Stand {
    LoginServices services{store,  pool,   clock,  random, ring(), ring(),  ring(), ring(),
                           ring(), ring(), ring(), ring(), ring(), nullptr, nullptr};
    static KeyRing ring() { return KeyRing(test_key()); }
    MapStore store;
    NoPool pool;
    FixedClock clock;
    CountingRandom random;
    Site site = test_site();
};

// What is found with a cookie whose session is this record.
Seen found(std::vector<std::byte> record) {
    Stand stand;
    const auto token = SessionToken::create(stand.random);
    stand.store.sessions[token->key()] = std::move(record);
    stand.store.times[token->key()] = {stand.clock.time + Seconds{60}, Seconds{60}};
    RecordBytes buffer;
    const Identified who =
        identify(stand.services, stand.site, token->cookie(), buffer, Touch::never);
    return who.lookup == Lookup::hit    ? std::string(who.session.nif)
           : who.lookup == Lookup::miss ? "none"
                                        : "error";
}

std::vector<std::byte> with_proof(std::string_view hex, unsigned version) {
    std::vector<std::byte> record = bytes_of(std::string(hex) + std::string(kProof));
    record.front() = static_cast<std::byte>(version);
    return record;
}

std::vector<std::byte> session_of_version(unsigned version) {
    std::vector<std::byte> record = bytes_of(kSessionV1);
    record.front() = static_cast<std::byte>(version);
    return record;
}

void sessions_of_the_past_are_read(void**) {
    assert_string_equal(found(bytes_of(kSessionV1)).c_str(), "12345678Z");
    assert_string_equal(found(with_proof(kSessionV1, 2)).c_str(), "12345678Z");
}

void sessions_of_the_future_are_an_error(void**) {
    assert_string_equal(found(session_of_version(3)).c_str(), "error");
    assert_string_equal(found(session_of_version(255)).c_str(), "error");
    assert_string_equal(found(session_of_version(0)).c_str(), "none");
    assert_string_equal(found({}).c_str(), "none");
}

Seen without_the_guard() {
    return without_guard("session of a newer version", [] { return found(session_of_version(3)); });
}

void without_the_guard_they_would_be_none(void**) {
    assert_string_equal(without_the_guard().c_str(), "none");
}

// What is taken, twice, and whether it is still there in the end.
Seen taken(unsigned version, std::string_view proof = {}) {
    Stand stand;
    const Digest key = sha256("outcome\n" + kRequest);
    std::vector<std::byte> record = bytes_of(std::string(kOutcomeV2) + std::string(proof));
    record.front() = static_cast<std::byte>(version);
    stand.store.outcomes[key] = record;
    std::string seen;
    for (int i = 0; i < 2; ++i) {
        const auto outcome = run_now(KeptOutcome::take(stand.store, kRequest, stand.site.service(),
                                                       kReceipt, stand.clock.time));
        seen += !outcome                ? "error "
                : !*outcome             ? "none "
                : !(*outcome)->person() ? "refused "
                                        : (*outcome)->person()->identity.nif + " ";
    }
    return seen + (stand.store.outcomes.contains(key) ? "kept" : "gone");
}

void outcomes_of_the_past_are_read_once(void**) {
    assert_string_equal(taken(2).c_str(), "12345678Z none gone");
    assert_string_equal(taken(3, kProof).c_str(), "12345678Z none gone");
}

void outcomes_of_the_future_stay(void**) {
    assert_string_equal(taken(4).c_str(), "error error kept");
    assert_string_equal(taken(1).c_str(), "none none gone");
}

Seen taken_without_the_guard() {
    return without_guard("outcome of a newer version", [] { return taken(4); });
}

void without_the_guard_they_would_be_lost(void**) {
    assert_string_equal(taken_without_the_guard().c_str(), "none none gone");
}

Seen opened() {
    const RecordSeal seal{KeyRing(test_key())};
    const std::vector<std::byte> value = bytes_of(kSealedV1);
    const auto opened = seal.open(kName, as_text(value));
    return opened.finding == RecordSeal::Finding::good ? std::string(as_text(opened.plain))
                                                       : "closed";
}

void sealed_records_of_the_past_open(void**) {
    assert_string_equal(opened().c_str(), "what was written");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_the_past_are_read),
        cmocka_unit_test(sessions_of_the_future_are_an_error),
        cmocka_unit_test(without_the_guard_they_would_be_none),
        cmocka_unit_test(outcomes_of_the_past_are_read_once),
        cmocka_unit_test(outcomes_of_the_future_stay),
        cmocka_unit_test(without_the_guard_they_would_be_lost),
        cmocka_unit_test(sealed_records_of_the_past_open),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
