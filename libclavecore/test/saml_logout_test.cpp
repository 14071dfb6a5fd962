// The logout's two messages: ours as protocol section 4 has it, the gateway's believed only whole
// (S-69).
#include "cmocka_cpp.h"
//
#include "clave/saml_logout.h"
#include "saml/node.h"
#include "saml/quiet.h"
#include "saml/signature.h"
#include "saml/xml_document.h"
#include "support/answer_verdict.h"
#include "support/logout_response.h"

using namespace clave;
using namespace clave::saml;
using namespace clave::test;

namespace {

// Only the validator can make one.
static_assert(!std::is_default_constructible_v<VerifiedLogout>);

LogoutRequest request() {
    LogoutRequest made;
    made.id = "_id1";
    made.issue_instant = *parse_utc("2026-11-21T10:00:00Z");
    made.destination = "https://gateway.example/Proxy2/ServiceProvider?a=1&b=2";
    made.return_url = "https://sede.example/.clave/acs";
    made.provider_id = "E00000000X_E04975701 \"ñ\" <";
    return made;
}

std::string outline(const xmlNode* node) {
    std::string text = "(" + std::string(name_of(node).local);
    for (const xmlAttr* at = node->properties; at != nullptr; at = at->next) {
        text += " " + std::string(view(at->name)) + "=" + value_of(at);
    }
    if (!is(node, element::kSignature)) {
        const std::vector<xmlNode*> inner = child_elements(node);
        for (const xmlNode* one : inner) {
            text += outline(one);
        }
        text += inner.empty() ? "|" + text_of(node) : "";
    }
    return text + ")";
}

bool is_exact() {
    const TestKey& sede = gateway().sede;
    const Result<std::string> text = sign_logout_request(request(), sede.key, sede.certificate);
    const Quiet quiet;
    const Result<Document> document = Document::parse(text.value_or(""), ByteScan::message);
    const std::string got = document ? outline(document->root()) : document.error().detail;
    const std::string expected =
        "(LogoutRequest ID=_id1 Version=2.0 IssueInstant=2026-11-21T10:00:00Z "
        "NotOnOrAfter=2026-11-21T10:05:00Z "
        "Destination=https://gateway.example/Proxy2/ServiceProvider?a=1&b=2 "
        "Reason=urn:oasis:names:tc:SAML:2.0:logout:user"
        "(Issuer|https://sede.example/.clave/acs)(Signature)"
        "(NameID Format=urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified "
        "SPNameQualifier=https://sede.example/.clave/acs|E00000000X_E04975701 \"ñ\" <))";
    if (got != expected) {
        std::fprintf(stderr, "  %s\n  %s\n", got.c_str(), expected.c_str());
    }
    return got == expected;
}

void each_field_is_as_the_protocol_has_it(void**) {
    assert_true(is_exact());
}

bool signs_with(Algorithm algorithm) {
    const TestKey key = make_test_key("Sede", algorithm);
    const Result<std::string> text = sign_logout_request(request(), key.key, key.certificate);
    const Quiet quiet;
    const Result<Document> document = Document::parse(text.value_or(""), ByteScan::message);
    const Certificate pinned[]{key.certificate};
    return document && verify_signature(*document, document->root(), pinned).has_value() &&
           text->find("-sha512\"") != std::string::npos;
}

void the_signature_is_by_the_key_of_the_certificate(void**) {
    assert_true(signs_with(Algorithm::rsa));
    assert_true(signs_with(Algorithm::ec));
}

struct Expected {
    std::vector<std::string> issuers = {};
    std::string_view now = kNow;
};

Result<VerifiedLogout> validated(const LogoutSpoiled& plan, const Expected& how) {
    LogoutExpectations expected;
    expected.gateway = {gateway().next_gateway().certificate, gateway().gateway.certificate};
    expected.issuers = how.issuers;
    expected.return_url = "https://sede.example.gob.es/.clave/acs";
    expected.now = *parse_utc(how.now);
    return validate_logout_response(logout_response(gateway(), plan), expected, OneRequest{});
}

std::string verdict_on(const LogoutSpoiled& plan, const Expected& how = {}) {
    const auto verified = validated(plan, how);
    return verified ? "confirmed" : std::string(info(verified.error().code).word);
}

struct LogoutCase {
    const char* what;
    const char* guard;  // null: more than one stands in the way
    std::string_view code;
    LogoutSpoiled plan;
    Expected how = {};
};

int problems(const std::vector<LogoutCase>& cases) {
    int wrong = 0;
    for (const LogoutCase& one : cases) {
        enable_all_guards();
        const std::string with = verdict_on(one.plan, one.how);
        std::string without = "confirmed";
        if (one.guard != nullptr) {
            disable_guard(one.guard);
            without = verdict_on(one.plan, one.how);
            enable_all_guards();
        }
        if (with != one.code || without != "confirmed") {
            std::fprintf(stderr, "  %s: %s, without its guard %s\n", one.what, with.c_str(),
                         without.c_str());
            ++wrong;
        }
    }
    return wrong;
}

constexpr std::string_view kSuccess = "status:Success\"/>";

std::vector<LogoutCase> meanings() {
    return {
        {"for another site",
         "logout.destination",
         "E-SLO",
         {.response = replaced("https://sede.example.gob.es/.clave/acs", "https://otra.example/")}},
        {"for no site",
         "logout.destination",
         "E-SLO",
         {.response = replaced(" Destination=\"https://sede.example.gob.es/.clave/acs\"", "")}},
        {"to another request",
         "logout.request-proof",
         "E-SLO",
         {.response = replaced("_request1", "_request2")}},
        {"to no request",
         nullptr,
         "E-SLO",
         {.response = replaced(" InResponseTo=\"_request1\"", "")}},
        {"too old", "logout.time", "E-SLO", {}, {{}, "2026-11-21T10:11:05Z"}},
        {"of the future", "logout.time", "E-SLO", {}, {{}, "2026-11-21T09:58:05Z"}},
        {"without time",
         "logout.time",
         "E-SLO",
         {.response = replaced(" IssueInstant=\"2026-11-21T10:00:00.000Z\"", "")}},
        {"by another issuer", "logout.issuer", "E-SLO", {}, {{"https://otra.example"}, kNow}},
        {"a failure",
         "logout.success",
         "E-SLO",
         {.response = replaced("status:Success\"", "status:Responder\"")}},
        {"a failure inside",
         "logout.status",
         "E-SLO",
         {.response = replaced(kSuccess,
                               "status:Success\"><saml2p:StatusCode "
                               "Value=\"urn:oasis:names:tc:SAML:2.0:status:PartialLogout\"/>"
                               "</saml2p:StatusCode>")}},
        {"an unknown status",
         "logout.status",
         "E-SLO",
         {.response = replaced("status:Success\"", "status:Fine\"")}},
    };
}

std::vector<LogoutCase> forms() {
    return {
        {"signed by somebody else", nullptr, "E-SIG-KEY", {.signer = &gateway().attacker()}},
        {"not signed", nullptr, "E-SIG-NONE", {.response = replaced(kSlot, "")}},
        {"changed afterwards",
         nullptr,
         "E-SIG",
         {.message = replaced("status:Success<", "status:Succes<")}},
        {"SHA-1",
         nullptr,
         "E-SIG-ALG",
         {.signature = replaced("http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
                                "http://www.w3.org/2000/09/xmldsig#rsa-sha1")}},
        {"a login's answer",
         "message.root",
         "E-STRUCT",
         {.message = [](std::string& text) { text = gateway().answer({}); }}},
        {"an assertion in it",
         nullptr,
         "E-STRUCT",
         {.response = replaced("</saml2p:LogoutResponse>",
                               "<saml2:Assertion ID=\"_a\"/></saml2p:LogoutResponse>")}},
        {"an answer in it",
         nullptr,
         "E-SIG-BIND",
         {.response = replaced("</saml2p:LogoutResponse>",
                               "<saml2p:LogoutResponse ID=\"_b\"/></saml2p:LogoutResponse>")}},
        {"a document type", nullptr, "E-FMT", {.message = replaced("?>", "?><!DOCTYPE r>")}},
        {"nothing", nullptr, "E-FMT", {.message = [](std::string& text) { text.clear(); }}},
    };
}

bool is_of_the_request() {
    const auto verified = validated({}, {});
    return verified && verified->request_id() == "_request1" &&
           verified->requested_at() == *parse_utc("2026-11-21T09:59:40Z");
}

void a_good_answer_is_a_confirmation(void**) {
    const bool confirmed = is_of_the_request() && verdict_on({}) == "confirmed" &&
                           verdict_on({}, {{"https://pasarela.example"}, kNow}) == "confirmed" &&
                           verdict_on({.signer = &gateway().next_gateway()}) == "confirmed";
    assert_true(confirmed);
}

void what_it_says_is_checked(void**) {
    assert_int_equal(problems(meanings()), 0);
}

void its_form_is_that_of_any_answer(void**) {
    assert_int_equal(problems(forms()), 0);
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_field_is_as_the_protocol_has_it),
        cmocka_unit_test(the_signature_is_by_the_key_of_the_certificate),
        cmocka_unit_test(a_good_answer_is_a_confirmation),
        cmocka_unit_test(what_it_says_is_checked),
        cmocka_unit_test(its_form_is_that_of_any_answer),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
