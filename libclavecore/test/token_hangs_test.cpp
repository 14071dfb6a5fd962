// A token that takes an order and does not answer: t/faults/token.cpp is SoftHSM's module, and its
// C_Sign waits for a file to go away.
#include "cmocka_cpp.h"
//
#include <chrono>
#include <memory>
#include <thread>

#include "support/soft_token.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace clave::test;

std::string while_it_hangs() {
    const PrivateKey key = PrivateKey::in_token(uri("sede", "pin", CLAVE_HANGING_TOKEN)).value();
    std::string said = signs(key) ? "signed\n" : "";
    std::ofstream(path("hangs")).close();
    said += sign_request(key, "sede") + "\n";
    said += sign_request(key, "sede") + "\n";
    std::filesystem::remove(path("hangs"));
    for (int i = 0; i < 3000; ++i) {
        if (signs(key)) {
            return said + "signed again";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return said;
}

void nobody_waits_for_it(void**) {
    assert_string_equal(while_it_hangs().c_str(),
                        "signed\nE-KEY the token does not answer\n"
                        "E-KEY the token still does not answer\nsigned again");
    assert_string_equal(without_guard("token that hangs", while_it_hangs).c_str(),
                        "signed\nE-KEY the token does not answer\n"
                        "E-KEY the token has been busy for too long\nsigned again");
}

std::string forgotten_while_it_hangs() {
    auto key = std::make_unique<PrivateKey>(
        PrivateKey::in_token(uri("sede", "pin", CLAVE_HANGING_TOKEN)).value());
    std::ofstream(path("hangs")).close();
    std::string said = sign_request(*key, "sede") + "\n";
    key.reset();
    const PrivateKey next = PrivateKey::in_token(uri("old", "pin", CLAVE_HANGING_TOKEN)).value();
    std::filesystem::remove(path("hangs"));
    for (int i = 0; i < 3000; ++i) {
        if (signs(next, "old")) {
            return said + "signed with another";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return said;
}

void a_key_may_go_meanwhile(void**) {
    assert_string_equal(forgotten_while_it_hangs().c_str(),
                        "E-KEY the token does not answer\nsigned with another");
}

int make_it(void** state) {
    const int made = make_token(state);
    ::setenv("CLAVE_TOKEN_HANGS", path("hangs").c_str(), 1);
    return made;
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_for_it),
        cmocka_unit_test(a_key_may_go_meanwhile),
    };
    return cmocka_run_group_tests(tests, make_it, remove_token);
}
