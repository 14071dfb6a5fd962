// A session comes back as it was kept, and nothing else comes back at all (checklist K-01, K-02,
//
#include "cmocka_cpp.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "allocations.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/session.h"
#include "clave/zone.h"
#include "without_guard.h"

namespace {

using namespace clave;

Session ana() {
    Session session;
    session.service = "E00000000X_E04975701;Sede@https://sede.example.gob.es";
    session.level = "permanente";
    session.credential = {.method = Method::permanente,
                          .loa = Loa::substantial,
                          .advanced_registration = true,
                          .represented = false,
                          .authenticated_at = Time{Seconds{1795255200}}};
    session.created = Time{Seconds{1795255207}};
    session.identity = {.nif = "12345678Z",
                        .id = "12345678Z",
                        .given_name = "Ana",
                        .first_surname = "García",
                        .surnames = "García Ñúñez",
                        .represented_nif = "",
                        .represented_name = "",
                        .attributes = {{"urn:a", "uno"}, {"urn:b", ""}, {"urn:c", "tres"}}};
    return session;
}

std::vector<std::byte> record_of(const Session& session) {
    return encode(session).value();
}

bool comes_back() {
    const auto record = record_of(ana());
    const auto view = decode_session(record);
    return view && view->service == ana().service && view->level == "permanente" &&
           view->credential.method == Method::permanente &&
           view->credential.loa == Loa::substantial && view->credential.advanced_registration &&
           !view->credential.represented &&
           view->credential.authenticated_at == Time{Seconds{1795255200}} &&
           view->created == Time{Seconds{1795255207}} && view->nif == "12345678Z" &&
           view->id == "12345678Z" && view->given_name == "Ana" &&
           view->first_surname == "García" && view->surnames == "García Ñúñez" &&
           view->represented_nif.empty() && view->represented_name.empty();
}

bool representative_comes_back() {
    Session session = ana();
    session.credential.advanced_registration = false;
    session.credential.represented = true;
    session.identity.represented_nif = "A58818501";
    session.identity.represented_name = "Ejemplo, S. A.";
    const auto record = record_of(session);
    const auto view = decode_session(record);
    return view && view->credential.represented && !view->credential.advanced_registration &&
           view->represented_nif == "A58818501" && view->represented_name == "Ejemplo, S. A.";
}

void session_comes_back(void**) {
    assert_true(comes_back());
    assert_true(representative_comes_back());
}

bool attribute_is(std::string_view name, std::string_view value) {
    const auto record = record_of(ana());
    const auto view = decode_session(record);
    return view && view->attribute(name) == value;
}

void attributes_are_found_by_name(void**) {
    assert_true(attribute_is("urn:a", "uno"));
    assert_true(attribute_is("urn:b", ""));
    assert_true(attribute_is("urn:c", "tres"));
    assert_true(attribute_is("uno", ""));  // a value is no name
    assert_true(attribute_is("urn:d", ""));
    assert_true(attribute_is("", ""));
}

long allocations_of_reading() {
    const auto record = record_of(ana());
    const auto cookie = base64url_encode(sha256("token"));
    const auto read = [&] {
        const auto token = SessionToken::parse(cookie);
        const auto view = decode_session(record);
        if (!token || !view || view->attribute("urn:c") != "tres" || token->key() == Digest{}) {
            std::abort();
        }
    };
    read();  // the guards of the tests' core remember their names on the way
    return allocations_during(read);
}

void reading_does_not_allocate(void**) {
    assert_int_equal(allocations_of_reading(), 0);
}

int truncations_that_decode() {
    const auto record = record_of(ana());
    int decoded = 0;
    for (std::size_t length = 0; length < record.size(); ++length) {
        decoded += decode_session(std::span(record).first(length)) ? 1 : 0;
    }
    return decoded;
}

void truncation_is_noticed_at_every_length(void**) {
    assert_int_equal(truncations_that_decode(), 0);
    assert_true(without_guard("session truncation", truncations_that_decode) > 0);
}

template <class Change>
bool changed_decodes(Change change) {
    auto record = record_of(ana());
    change(record);
    return decode_session(record).has_value();
}

bool with_byte(std::size_t at, unsigned value) {
    return changed_decodes([&](auto& record) { record[at] = static_cast<std::byte>(value); });
}

bool with_a_byte_more() {
    return changed_decodes([](auto& record) { record.push_back(std::byte{0}); });
}

void other_records_are_refused(void**) {
    assert_false(with_a_byte_more());
    assert_false(with_byte(0, 0));
    assert_false(with_byte(0, 3));         // version
    assert_false(with_byte(1, kMethods));  // method
    assert_false(with_byte(2, 0));         // LoA
    assert_false(with_byte(2, 4));
    assert_false(with_byte(3, 4));     // flags
    assert_false(with_byte(4, 0x80));  // created, in the far future
    assert_false(with_byte(12, 0x01));
}

// The last text of the attributes stands before an empty proof: make it one byte shorter than it
// says.
bool with_half_an_attribute() {
    constexpr std::size_t kProof = 2 + sizeof(Digest);
    Session session = ana();
    session.identity.attributes = {{"urn:a", "b"}};
    auto record = record_of(session);
    record[record.size() - kProof - 2] = std::byte{2};
    return decode_session(record).has_value();
}

void attributes_are_checked_too(void**) {
    assert_false(with_half_an_attribute());
}

void record_guards_bear_load(void**) {
    assert_true(without_guard("session version", [] { return with_byte(0, 3); }));
    assert_true(without_guard("session enumerators", [] { return with_byte(3, 4); }));
    assert_true(without_guard("record time range", [] { return with_byte(5, 0x01); }));
    assert_true(without_guard("session end", with_a_byte_more));
    assert_true(without_guard("session attributes", with_half_an_attribute));
}

// Nothing to assert but that the sanitizers stay silent: every byte takes every value.
void spoilt_records_are_harmless(void**) {
    for (std::size_t at = 0; at < record_of(ana()).size(); ++at) {
        for (unsigned value = 0; value < 256; value += 5) {
            with_byte(at, value);
        }
    }
}

bool encodes_with_attribute_of(std::size_t length) {
    Session session = ana();
    session.identity.attributes = {{"urn:a", std::string(length, 'x')}};
    return encode(session).has_value();
}

std::size_t longest_record() {
    Session session = ana();
    session.identity.attributes = {{"urn:a", ""}};
    const std::size_t rest = record_of(session).size();
    session.identity.attributes[0].second.assign(Zone::kMaxRecord - rest, 'x');
    return record_of(session).size();
}

void longer_sessions_are_refused(void**) {
    assert_int_equal(longest_record(), Zone::kMaxRecord);
    assert_false(encodes_with_attribute_of(Zone::kMaxRecord));
    assert_false(encodes_with_attribute_of(65536));  // over what a length can say
    assert_false(encodes_with_attribute_of(65536 + 7));
    assert_true(without_guard("session record size",
                              [] { return encodes_with_attribute_of(Zone::kMaxRecord); }));
}

constexpr std::string_view kCookie = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

bool parses(std::string_view cookie) {
    return SessionToken::parse(cookie).has_value();
}

bool cookie_round_trip() {
    return SessionToken::parse(kCookie)->cookie() == kCookie;
}

std::string key_hex() {
    return hex_encode(SessionToken::parse(kCookie)->key());
}

void token_is_43_characters_of_base64url(void**) {
    assert_true(cookie_round_trip());
    assert_false(parses(""));
    assert_false(parses(kCookie.substr(1)));
    assert_false(parses(std::string(kCookie) + "A"));
    assert_false(parses(std::string(kCookie) + "="));
    assert_false(parses("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+"));
    assert_false(parses("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9"));  // same bytes, other text
    assert_false(parses("\"AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\""));
    assert_false(parses("AAECAwQFBgcICQoLDA0O\r\nAREhMUFRYXGBkaGxwdHh8"));
    assert_false(parses("{AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
}

// K-02: what is in the store is no cookie.
void key_is_the_digest_of_the_token(void**) {
    // sha256sum of the bytes 00 01 … 1f.
    assert_true(key_hex() == "630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd");
    assert_true(session_hash(SessionToken::parse(kCookie)->key()) == "630dcd2966c43366");
}

struct BrokenRandom final : Random {
    bool fill(std::span<std::byte>) noexcept override { return false; }
};

bool creates_without_randomness() {
    BrokenRandom broken;
    return SessionToken::create(broken).has_value();
}

// CLAVE_TOKENS=10000000 for the number that the checklist (K-01) names.
int repeated_tokens() {
    const char* const given = std::getenv("CLAVE_TOKENS");
    const std::size_t number = given == nullptr ? 10'000 : std::stoul(given);
    SystemRandom random;
    std::vector<Digest> keys;
    keys.reserve(number);
    for (std::size_t i = 0; i < number; ++i) {
        keys.push_back(SessionToken::create(random)->key());
    }
    std::sort(keys.begin(), keys.end());
    return static_cast<int>(keys.end() - std::unique(keys.begin(), keys.end()));
}

// Workers are made by fork(): whatever they have inherited, no two make the same token.
std::size_t tokens_of_forked_workers() {
    constexpr std::size_t kWorkers = 8;
    constexpr std::size_t kLength = 43;
    SystemRandom random;
    std::set<std::string> seen{SessionToken::create(random)->cookie()};
    for (std::size_t i = 0; i < kWorkers; ++i) {
        std::array<int, 2> ends{};
        if (::pipe(ends.data()) != 0) {
            return 0;
        }
        const pid_t worker = ::fork();
        if (worker == 0) {
            const std::string token = SessionToken::create(random)->cookie();
            const bool written = ::write(ends[1], token.data(), token.size()) == kLength;
            ::_exit(written ? 0 : 1);
        }
        std::string token(kLength, '\0');
        ::close(ends[1]);
        const bool whole = ::read(ends[0], token.data(), kLength) == kLength;
        ::close(ends[0]);
        ::waitpid(worker, nullptr, 0);
        if (whole) {
            seen.insert(token);
        }
        seen.insert(SessionToken::create(random)->cookie());
    }
    return seen.size();
}

void forked_workers_make_tokens_of_their_own(void**) {
    assert_int_equal(tokens_of_forked_workers(), 1 + 2 * 8);
}

void tokens_are_random_or_not_at_all(void**) {
    assert_int_equal(repeated_tokens(), 0);
    assert_false(creates_without_randomness());
    assert_true(without_guard("token random", creates_without_randomness));
}

}  // namespace

int main() {
    if (!count_openssl_allocations()) {
        return 1;
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(session_comes_back),
        cmocka_unit_test(attributes_are_found_by_name),
        cmocka_unit_test(reading_does_not_allocate),
        cmocka_unit_test(truncation_is_noticed_at_every_length),
        cmocka_unit_test(other_records_are_refused),
        cmocka_unit_test(attributes_are_checked_too),
        cmocka_unit_test(record_guards_bear_load),
        cmocka_unit_test(spoilt_records_are_harmless),
        cmocka_unit_test(longer_sessions_are_refused),
        cmocka_unit_test(token_is_43_characters_of_base64url),
        cmocka_unit_test(key_is_the_digest_of_the_token),
        cmocka_unit_test(tokens_are_random_or_not_at_all),
        cmocka_unit_test(forked_workers_make_tokens_of_their_own),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
