// Memory that libxml2 and xmlsec do not get, at each allocation in turn (checklist H-28): an answer
// then says what it always says, or nothing, and nobody crashes.
#include "cmocka_cpp.h"
//
#include <libxml/xmlmemory.h>

#include <cstdlib>
#include <cstring>

#include "support/answer_verdict.h"

using namespace clave;
using namespace clave::test;

namespace {

constexpr long kAll = -1;

long spared = kAll;  // so many allocations still succeed, then one fails
bool has_failed = false;

bool fails() {
    if (spared == kAll || --spared != kAll) {
        return false;
    }
    has_failed = true;
    return true;
}

void* allocate(std::size_t size) {
    return fails() ? nullptr : std::malloc(size);
}
void* reallocate(void* old, std::size_t size) {
    return fails() ? nullptr : std::realloc(old, size);
}
char* duplicate(const char* text) {
    return fails() ? nullptr : strdup(text);
}

void ignore(void*, const char*, ...) {}

// The number of the first missing allocation with which `attempt` says something else than with all
// of its memory; kAll if there is none. Nothing, "", may always be said.
template <class Attempt>
long first_lie(Attempt attempt) {
    const std::string truth = attempt();
    if (truth.empty()) {
        broken_test("no answer to begin with");
    }
    for (long n = 0;; ++n) {
        spared = n;
        has_failed = false;
        const std::string said = attempt();
        spared = kAll;
        if (!has_failed) {
            return kAll;
        }
        if (!said.empty() && said != truth) {
            return n;
        }
    }
}

std::string text_of(const Result<saml::Outcome>& outcome) {
    const auto* verified = outcome ? std::get_if<saml::VerifiedAssertion>(&*outcome) : nullptr;
    if (verified == nullptr) {
        return {};
    }
    const Identity& who = verified->identity();
    const Credential& how = verified->credential();
    return who.nif + "|" + who.id + "|" + who.full_name() + "|" + who.first_surname + "|" +
           who.represented_nif + "|" + who.represented_name + "|" + std::string(name(how.method)) +
           "|" + std::string(name(how.loa)) + "|" + verified->request_id() + "|" +
           verified->assertion_id() + "|" + format_utc(how.authenticated_at) + "|" +
           format_utc(verified->not_on_or_after());
}

long lie_about_an_answer(const Answer& plan) {
    const std::string message = gateway().answer(plan);
    const saml::Expectations expected = expectations(gateway());
    return first_lie(
        [&] { return text_of(saml::validate_response(message, expected, OneRequest{})); });
}

// The last that an assertion says: that somebody acts for a company.
void represent(std::string& assertion) {
    const std::string prefix = "http://eidas.europa.eu/attributes/legalperson/";
    swap_text(
        assertion, "</saml2:AttributeStatement>",
        TestGateway::attribute(prefix + "LegalPersonIdentifier", TestGateway::value("A00000000")) +
            TestGateway::attribute(prefix + "LegalName", TestGateway::value("Ejemplo S.A.")) +
            "</saml2:AttributeStatement>");
    swap_text(assertion, ">SEGSOC<", ">AFIRMA<");
}

void an_answer_says_the_same_or_nothing(void**) {
    assert_int_equal(lie_about_an_answer({.assertion = represent}), kAll);
}

void an_encrypted_answer_says_the_same_or_nothing(void**) {
    assert_int_equal(lie_about_an_answer({.assertion = represent, .encrypt = true}), kAll);
}

}  // namespace

int main() {
    xmlMemSetup(std::free, allocate, reallocate, duplicate);
    xmlSetGenericErrorFunc(nullptr, &ignore);  // libxml2's lists complain
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_says_the_same_or_nothing),
        cmocka_unit_test(an_encrypted_answer_says_the_same_or_nothing),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
