// Keys in a token: SoftHSM's, through whatever OpenSSL has for it here (product.md 8.10).
#include "cmocka_cpp.h"
//
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <openssl/rsa.h>

#include "clave/encoding.h"
#include "clave/pki.h"
#include "clave/saml.h"
#include "crypto/openssl.h"
#include "support/soft_token.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

// ---- what nginx -t would say

std::string complaint(const std::string& text) {
    const auto key = PrivateKey::in_token(text);
    return key ? std::string() : key.error().what + "; " + key.error().remedy;
}

bool complains(const std::string& text, std::string_view part) {
    const std::string said = complaint(text);
    if (said.find(part) == std::string::npos) {
        std::fprintf(stderr, "  %s: %s\n", text.c_str(), said.c_str());
    }
    return said.find(part) != std::string::npos;
}

void a_key_is_found(void**) {
    assert_string_equal(complaint(uri("sede")).c_str(), "");
    assert_string_equal(complaint(uri("curva")).c_str(), "");
    assert_string_equal(complaint(uri("sede", "pin-without-end")).c_str(), "");
    assert_string_equal(complaint("pkcs11:token=clave;id=%10;type=private?pin-source=file://" +
                                  path("pin") + "&module-path=/usr/lib/softhsm/libsofthsm2.so")
                            .c_str(),
                        "");
}

bool matches_its_certificate(const char* name) {
    const auto own = Certificate::load(path(std::string(name) + ".pem"));
    const auto other = Certificate::load(path("old.pem"));
    const PrivateKey key = key_in_token(name);
    return own && other && own->front().matches(key) && !other->front().matches(key) &&
           key.describe() == own->front().describe_key();
}

void it_is_compared_by_its_public_half(void**) {
    assert_true(matches_its_certificate("sede"));
    assert_true(matches_its_certificate("curva"));
}

void a_pin_is_not_configuration(void**) {
    const char* const kRefused = "a PIN must not be in the configuration";
    assert_true(complains("pkcs11:token=clave;object=sede?pin-value=1234", kRefused));
    assert_true(complains("pkcs11:token=clave;object=sede;pin-value=1234", kRefused));
    assert_false(complaint("pkcs11:object=sede?pin-value=1234").find("1234") != std::string::npos);
}

void what_is_wrong_is_said(void**) {
    assert_true(complains("pkcs11:token=clave", "does not name a key"));
    assert_true(complains("pkcs11:object=a b", "printable ASCII"));
    assert_true(complains("pkcs11:object=a?pin-source=|/bin/pin", "is not a file"));
    assert_true(complains("pkcs11:object=a?pin-source=file:pin", "is not a file"));
    assert_true(complains("pkcs11:object=a?pim-source=file:/pin", "unknown \"pim-source"));
    assert_true(complains("pkcs11:object=a?module-path=softhsm", "not an absolute path"));
    assert_true(complains(uri("sede", "nobody"), "cannot read the PIN file"));
    assert_true(complains(uri("sede", "tokens"), "not a regular file"));
    assert_true(complains(uri("sede", "no-pin"), "does not hold a PIN"));
    assert_true(complains(uri("sede", "two-lines"), "does not hold a PIN"));
    assert_true(complains(uri("nobody"), "cannot find the key"));
    assert_true(complains(uri("sede", "wrong-pin"), "cannot find the key"));
    assert_true(complains("pkcs11:object=sede?module-path=/nonexistent.so", "cannot find the key"));
    assert_true(complains(uri("weak"), "RSA key of 1024 bits"));
}

void a_pin_is_for_its_owner_alone(void**) {
    assert_true(complains(uri("sede", "group-pin"), "is open to others"));
    const std::string otherwise =
        without_guard("PIN file mode", [] { return complaint(uri("sede", "group-pin")); });
    assert_string_equal(otherwise.c_str(), "");
}

// ---- what they do

void a_request_is_signed(void**) {
    assert_true(signs(key_in_token("sede")));
    assert_true(signs(key_in_token("curva"), "curva"));
}

using KeyContext = std::unique_ptr<EVP_PKEY_CTX, OpenSslFree<EVP_PKEY_CTX_free>>;

// As the gateway does it, to the certificate of that name.
std::string wrapped_for(const char* name, std::string_view text) {
    const auto certificate = Certificate::load(path(std::string(name) + ".pem"));
    const KeyContext context(EVP_PKEY_CTX_new(certificate->front().public_key(), nullptr));
    std::vector<std::byte> out(256);
    std::size_t size = out.size();
    const bool done = EVP_PKEY_encrypt_init(context.get()) == 1 &&
                      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
                      EVP_PKEY_encrypt(context.get(), octets(out.data()), &size,
                                       octets(as_bytes(text).data()), text.size()) == 1;
    return done ? std::string(as_text(out)) : std::string();
}

std::string unwrapped(const PrivateKey& key, const std::string& wrapped) {
    const auto plain = key.unwrap(wrapped, OaepDigest::sha1);
    return plain ? *plain : std::string(info(plain.error().code).word);
}

void a_key_is_unwrapped_or_was_for_another(void**) {
    assert_string_equal(unwrapped(key_in_token("sede"), wrapped_for("sede", "abc")).c_str(), "abc");
    assert_string_equal(unwrapped(key_in_token("sede"), wrapped_for("old", "abc")).c_str(),
                        "E-DEC");
    assert_string_equal(unwrapped(key_in_token("curva"), wrapped_for("old", "abc")).c_str(),
                        "E-DEC");
}

// A failure closes the module under all its keys, and each finds its way back.
bool keys_share_a_token() {
    const PrivateKey sede = key_in_token("sede");
    const PrivateKey old = key_in_token("old");
    const std::string to_old = wrapped_for("old", "abc");
    bool good = signs(sede);
    for (int i = 0; i < 3; ++i) {
        good = good && unwrapped(sede, to_old) == "E-DEC" && unwrapped(old, to_old) == "abc" &&
               signs(sede);
    }
    return good;
}

void keys_of_one_token_live_side_by_side(void**) {
    assert_true(keys_share_a_token());
}

// ---- processes and threads

// As nginx's workers do: found in one process, used in its children.
int children_that_sign(const PrivateKey& key, int count) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(signs(key) && signs(key) ? 0 : 1);
        }
        children.push_back(child);
    }
    int good = 0;
    for (const pid_t child : children) {
        int status = 1;
        ::waitpid(child, &status, 0);
        good += status == 0 ? 1 : 0;
    }
    return good;
}

bool has_mapped_the_module() {
    std::ifstream maps("/proc/self/maps");
    const std::string text((std::istreambuf_iterator<char>(maps)),
                           std::istreambuf_iterator<char>());
    return text.find("libsofthsm2") != std::string::npos;
}

int found_here_used_there() {
    const PrivateKey key = key_in_token("sede");
    return has_mapped_the_module() ? -1 : children_that_sign(key, 3);
}

void who_looks_a_key_up_does_not_load_the_module(void**) {
    assert_int_equal(found_here_used_there(), 3);
}

int opened_here_used_there() {
    const PrivateKey key = key_in_token("sede");
    const bool good = signs(key);
    const int children = children_that_sign(key, 3);
    return good && signs(key) ? children : -1;
}

void what_a_parent_opened_is_left_to_it(void**) {
    assert_int_equal(opened_here_used_there(), 3);
}

int threads_that_sign(int count, int times) {
    const PrivateKey key = key_in_token("sede");
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < times; ++n) {
                good += signs(key) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return good;
}

void threads_take_turns(void**) {
    assert_int_equal(threads_that_sign(4, 10), 40);
}

// ---- a token that goes away

void take_token_away() {
    std::filesystem::rename(directory / "tokens", directory / "gone");
}

void bring_token_back() {
    std::filesystem::rename(directory / "gone", directory / "tokens");
}

std::string without_token() {
    const PrivateKey key = key_in_token("sede");
    take_token_away();
    const std::string said = sign_request(key, "sede");
    bring_token_back();
    return said;
}

void no_token_is_a_code_of_its_own(void**) {
    const std::string said = without_token();
    assert_true(said.starts_with("E-KEY "));
}

std::string after_it_is_back() {
    const PrivateKey key = key_in_token("sede");
    take_token_away();
    std::string said = signs(key) ? "signed " : "";
    bring_token_back();
    return said + (signs(key) ? "at once" : "not yet");
}

void a_token_that_failed_is_left_alone_for_a_while(void**) {
    assert_string_equal(after_it_is_back().c_str(), "not yet");
    assert_string_equal(without_guard("pause of a token", after_it_is_back).c_str(), "at once");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        // First, while nobody has loaded the module.
        cmocka_unit_test(who_looks_a_key_up_does_not_load_the_module),
        cmocka_unit_test(a_key_is_found),
        cmocka_unit_test(it_is_compared_by_its_public_half),
        cmocka_unit_test(a_pin_is_not_configuration),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(a_pin_is_for_its_owner_alone),
        cmocka_unit_test(a_request_is_signed),
        cmocka_unit_test(a_key_is_unwrapped_or_was_for_another),
        cmocka_unit_test(keys_of_one_token_live_side_by_side),
        cmocka_unit_test(what_a_parent_opened_is_left_to_it),
        cmocka_unit_test(threads_take_turns),
        cmocka_unit_test(no_token_is_a_code_of_its_own),
        cmocka_unit_test(a_token_that_failed_is_left_alone_for_a_while),
    };
    return cmocka_run_group_tests(tests, make_token, remove_token);
}
