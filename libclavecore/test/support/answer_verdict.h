// What validate_response makes of an answer, as a word: cmocka's asserts jump over destructors, so
// tests compute first and assert on plain values.
#pragma once

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guard.h"
#include "clave/iso_time.h"
#include "support/test_gateway.h"

namespace clave::test {

inline constexpr std::string_view kNow = "2026-11-21T10:00:05Z";

struct OneRequest final : saml::RequestProof {
    Result<Time> issued_at(std::string_view id) const override {
        if (id != "_request1") {
            return fail(Code::in_response_to, "not ours");
        }
        return *parse_utc("2026-11-21T09:59:40Z");
    }
};

// Made once: RSA keys take their time.
inline const TestGateway& gateway() {
    static const TestGateway instance;
    return instance;
}

inline saml::Expectations expectations(const TestGateway& from) {
    saml::Expectations expected;
    expected.gateway = {from.next_gateway().certificate, from.gateway.certificate,
                        from.elliptic_gateway().certificate};
    expected.decryption = {from.sede.key, from.old_sede().key};
    expected.acs_url = "https://sede.example.gob.es/.clave/acs";
    expected.now = *parse_utc(kNow);
    return expected;
}

// "accepted", "cancelled", "refused" (a signed failure, if not one with a code of its own), or the
// code's word.
inline std::string_view verdict(std::string_view message, const saml::Expectations& expected) {
    const Result<saml::Outcome> outcome = saml::validate_response(message, expected, OneRequest{});
    if (!outcome) {
        return info(outcome.error().code).word;
    }
    if (std::holds_alternative<saml::VerifiedAssertion>(*outcome)) {
        return "accepted";
    }
    const Code code = std::get<saml::SignedRefusal>(*outcome).code();
    if (code == Code::cancelled) {
        return "cancelled";
    }
    return code == Code::status ? "refused" : info(code).word;
}

// One way to spoil an answer: which guard stops it, and under which code.
struct Case {
    const char* what;
    const char* guard;
    std::string_view code;
    Answer answer;
    std::function<void(saml::Expectations&)> expect = {};
    std::vector<const char*> behind = {};  // guards that would stop it as well
};

// Empty if the case is stopped by its guard with its code, and if without that guard it is not.
inline std::string problem_with(const Case& spoiled) {
    enable_all_guards();
    saml::Expectations expected = expectations(gateway());
    if (spoiled.expect) {
        spoiled.expect(expected);
    }
    const std::string message = gateway().answer(spoiled.answer);
    const std::string_view with = verdict(message, expected);
    const std::string what = std::string(spoiled.what) + ": ";
    if (with != spoiled.code) {
        return what + std::string(with);
    }
    if (spoiled.guard == nullptr) {
        return {};
    }
    if (!guard_was_reached(spoiled.guard)) {
        return what + "guard not reached";
    }
    disable_guard(spoiled.guard);
    for (const char* other : spoiled.behind) {
        disable_guard(other);
    }
    const std::string_view without = verdict(message, expected);
    enable_all_guards();
    if (without == spoiled.code) {
        return what + "the guard makes no difference";
    }
    return {};
}

inline int number_of_problems(const std::vector<Case>& cases) {
    int problems = 0;
    for (const Case& one : cases) {
        const std::string problem = problem_with(one);
        if (problem.empty()) {
            continue;
        }
        std::fprintf(stderr, "  %s\n", problem.c_str());
        ++problems;
    }
    return problems;
}

}  // namespace clave::test
