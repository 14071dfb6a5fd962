// Published vectors for the primitives, and what must not open.
#include "cmocka_cpp.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "allocations.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

std::string unhex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

// Shorter keys are filled with zeros, as HMAC itself does with keys below a block.
MasterKey key_of(std::string_view bytes) {
    MasterKey key;
    const auto from = as_bytes(bytes);
    std::copy(from.begin(), from.end(), key.fill().begin());
    return key;
}

// FIPS 180-2 appendix B.
void sha256_is_that_of_fips_180(void**) {
    assert_true(hex_encode(sha256("abc")) ==
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(hex_encode(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_true(hex_encode(sha256(std::string(1000000, 'a'))) ==
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert_true(hex_encode(sha256("")) ==
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

void sha256_does_not_allocate(void**) {
    assert_int_equal(allocations_during([] { sha256("a session token"); }), 0);
}

std::string hmac_hex(std::string_view key, std::string_view message) {
    return hex_encode(hmac_sha256(key_of(key), as_bytes(message)));
}

// RFC 4231 section 4, the cases whose key fits.
std::string keyed_hashes() {
    const KeyedHash keyed(key_of("Jefe"));
    std::string all;
    for (const char* message : {"what do ya want for nothing?", "Hi There", ""}) {
        all += keyed.of(as_bytes(std::string_view(message))) ==
                       hmac_sha256(key_of("Jefe"), as_bytes(std::string_view(message)))
                   ? "same "
                   : "other ";
    }
    return all;
}

void keyed_hash_begins_anew_with_its_key(void**) {
    static const std::string seen = keyed_hashes();
    assert_string_equal(seen.c_str(), "same same same ");
}

void hmac_is_that_of_rfc_4231(void**) {
    assert_true(hmac_hex(std::string(20, '\x0b'), "Hi There") ==
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_true(hmac_hex("Jefe", "what do ya want for nothing?") ==
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_true(hmac_hex(std::string(20, '\xaa'), std::string(50, '\xdd')) ==
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

// The published vectors of RFC 5869 have keys of other lengths than ours: the definition in its
// section 2, written with the HMAC above.
std::string hkdf_by_definition(std::string_view key, const std::string& purpose) {
    const Digest extracted = hmac_sha256(MasterKey{}, as_bytes(key));
    const std::string block = purpose + '\x01';
    return hex_encode(hmac_sha256(MasterKey(std::span(extracted)), as_bytes(block)));
}

std::string derived_hex(std::string_view key, std::string_view purpose) {
    return hex_encode(derive_key(key_of(key), purpose).reveal());
}

constexpr std::string_view kKey = "0123456789abcdef0123456789ABCDEF";

void derived_keys_are_those_of_rfc_5869(void**) {
    assert_true(derived_hex(kKey, "clave state") == hkdf_by_definition(kKey, "clave state"));
    assert_true(derived_hex(kKey, "") == hkdf_by_definition(kKey, ""));
    // Computed with Python's hmac module.
    assert_true(derived_hex(kKey, "clave state") ==
                "57f0b2da7d45ecbf659284d2d31b73b52ff27c6f8fab6fa2ca244aa63bb9af26");
    assert_false(derived_hex(kKey, "a") == derived_hex(kKey, "b"));
}

// Randomness that the test chooses, or that has run out.
struct ChosenRandom final : Random {
    explicit ChosenRandom(std::string bytes) : bytes_(std::move(bytes)) {}
    bool fill(std::span<std::byte> out) noexcept override {
        const auto from = as_bytes(bytes_);
        if (from.size() < out.size()) {
            return false;
        }
        std::copy_n(from.begin(), out.size(), out.begin());
        return true;
    }

  private:
    std::string bytes_;
};

std::string sealed_hex(std::string_view key, std::string_view nonce, std::string_view context,
                       std::string_view plain) {
    ChosenRandom random(unhex(nonce));
    const auto sealed = seal(key_of(unhex(key)), random, unhex(context), as_bytes(unhex(plain)));
    return sealed ? hex_encode(*sealed) : "";
}

// "The Galois/Counter Mode of Operation", McGrew and Viega, appendix B, cases 13, 14 and 16.
void seal_is_aes_256_gcm(void**) {
    const std::string zero_key(64, '0');
    const std::string zero_nonce(24, '0');
    assert_true(sealed_hex(zero_key, zero_nonce, "", "") ==
                zero_nonce + "530f8afbc74536b9a963b4f1c4cb738b");
    assert_true(sealed_hex(zero_key, zero_nonce, "", std::string(32, '0')) ==
                zero_nonce +
                    "cea7403d4d606b6e074ec5d3baf39d18"
                    "d0d1c8a799996bf0265b98b5d48ab919");
    assert_true(sealed_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                           "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                           "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                           "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39") ==
                "cafebabefacedbaddecaf888"
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                "76fc6ece0f4e1768cddf8853bb2d551b");
}

std::vector<std::byte> sealed_text(std::string_view plain) {
    SystemRandom random;
    return seal(key_of(kKey), random, "context", as_bytes(plain)).value();
}

bool opens(std::span<const std::byte> sealed, std::string_view key = kKey,
           std::string_view context = "context") {
    return open(key_of(key), context, sealed).has_value();
}

bool opens_to(std::span<const std::byte> sealed, std::string_view plain) {
    const auto opened = open(key_of(kKey), "context", sealed);
    return opened && as_text(*opened) == plain;
}

void what_was_sealed_opens(void**) {
    assert_true(opens_to(sealed_text("destino=/vida-laboral/"), "destino=/vida-laboral/"));
    assert_true(opens_to(sealed_text(""), ""));
    assert_false(sealed_text("twice") == sealed_text("twice"));
}

int how_many_forgeries_open() {
    const auto sealed = sealed_text("destino=/vida-laboral/");
    int opened = 0;
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        opened += opens(std::span(sealed).first(i)) ? 1 : 0;
        auto flipped = sealed;
        flipped[i] ^= std::byte{0x10};
        opened += opens(flipped) ? 1 : 0;
    }
    auto longer = sealed;
    longer.push_back(std::byte{0});
    opened += opens(longer) ? 1 : 0;
    opened += opens(sealed, "another key") ? 1 : 0;
    opened += opens(sealed, kKey, "another context") ? 1 : 0;
    opened += opens(sealed, kKey, "") ? 1 : 0;
    return opened;
}

bool tampered_opens() {
    auto sealed = sealed_text("level=pin");
    sealed[14] ^= std::byte{1};
    return opens(sealed);
}

void nothing_else_opens(void**) {
    assert_int_equal(how_many_forgeries_open(), 0);
    assert_true(without_guard("seal authentic", tampered_opens));
}

bool seals_without_randomness() {
    ChosenRandom exhausted("");
    return seal(key_of(kKey), exhausted, "", as_bytes("plain")).has_value();
}

void nothing_is_sealed_without_randomness(void**) {
    assert_false(seals_without_randomness());
}

// The host's TLS reads the same queue.
unsigned long first_error_after_a_forgery() {
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    tampered_opens();
    const unsigned long first = ERR_get_error();
    return ERR_get_error() == 0 ? static_cast<unsigned long>(ERR_GET_REASON(first)) : 0;
}

void error_queue_stays_as_it_was(void**) {
    assert_int_equal(first_error_after_a_forgery(), 42);
}

int equal_fills() {
    SystemRandom random;
    std::array<std::byte, 32> a{};
    std::array<std::byte, 32> b{};
    return random.fill(a) && random.fill(b) && random.fill({}) && a != b ? 0 : 1;
}

void system_randomness_differs(void**) {
    assert_int_equal(equal_fills(), 0);
}

bool equal_texts(std::string_view a, std::string_view b) {
    return equal_in_constant_time(as_bytes(a), as_bytes(b));
}

void comparison_is_of_length_and_content(void**) {
    assert_true(equal_texts("abc", "abc"));
    assert_true(equal_texts("", ""));
    assert_false(equal_texts("abc", "abd"));
    assert_false(equal_texts("abc", "ab"));
    assert_false(equal_texts("", "a"));
}

// Looks at the memory that a key has left.
int bytes_left_behind() {
    alignas(MasterKey) std::array<std::byte, sizeof(MasterKey)> memory{};
    auto* const key = new (memory.data()) MasterKey(key_of(kKey));
    key->~MasterKey();
    const volatile std::byte* const left = memory.data();
    int count = 0;
    for (std::size_t i = 0; i < memory.size(); ++i) {
        count += left[i] != std::byte{0} ? 1 : 0;
    }
    return count;
}

void keys_are_wiped(void**) {
    assert_int_equal(bytes_left_behind(), 0);
}

}  // namespace

int main() {
    if (!count_openssl_allocations()) {
        return 1;
    }
    const CMUnitTest tests[] = {
        cmocka_unit_test(sha256_is_that_of_fips_180),
        cmocka_unit_test(sha256_does_not_allocate),
        cmocka_unit_test(hmac_is_that_of_rfc_4231),
        cmocka_unit_test(keyed_hash_begins_anew_with_its_key),
        cmocka_unit_test(derived_keys_are_those_of_rfc_5869),
        cmocka_unit_test(seal_is_aes_256_gcm),
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(nothing_else_opens),
        cmocka_unit_test(nothing_is_sealed_without_randomness),
        cmocka_unit_test(error_queue_stays_as_it_was),
        cmocka_unit_test(system_randomness_differs),
        cmocka_unit_test(comparison_is_of_length_and_content),
        cmocka_unit_test(keys_are_wiped),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
