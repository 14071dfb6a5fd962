// What is refused for what it says, however genuine (checklist 1.5, protocol-clave.md section 8).
#include "cmocka_cpp.h"
//
#include <type_traits>

#include "clave/encoding.h"
#include "support/answer_verdict.h"

using namespace clave;
using namespace clave::test;

namespace {

// Only the validator can make one.
static_assert(!std::is_default_constructible_v<saml::VerifiedAssertion>);
static_assert(!std::is_constructible_v<saml::VerifiedAssertion, Identity, Credential>);
static_assert(!std::is_default_constructible_v<saml::SignedRefusal>);
static_assert(!std::is_constructible_v<saml::SignedRefusal, bool>);

constexpr std::string_view kAcs = "https://sede.example.gob.es/.clave/acs";

Answer in_assertion(std::string_view from, std::string_view to) {
    return {.assertion = replaced(from, to)};
}
// In the Response itself: its attributes come first in the text.
Answer in_response(std::string_view from, std::string_view to) {
    return {.response = replaced(from, to)};
}

std::vector<Case> envelope() {
    return {
        {"no Status",
         nullptr,
         "E-STATUS",
         {.response =
              [](std::string& text) {
                  swap_text(text, TestGateway::between(text, "<saml2p:Status>", "</saml2p:Status>"),
                            "");
              }}},
        {"an odd status", nullptr, "E-STATUS", in_response("status:Success\"", "status:Ok\"")},
        {"a failure inside Success", "status.consistent", "E-STATUS",
         in_response("status:Success\"/>",
                     "status:Success\"><saml2p:StatusCode "
                     "Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/>"
                     "</saml2p:StatusCode>")},
        {"a foreign Issuer",
         "response.issuer",
         "E-ISS",
         {},
         [](saml::Expectations& expected) { expected.issuers = {"https://se-pasarela.example"}; }},
        {"Destination of another", "response.destination", "E-DEST",
         in_response("Destination=\"https", "Destination=\"http")},
        {"no Destination", "response.destination", "E-DEST",
         in_response(" Destination=\"https://sede.example.gob.es/.clave/acs\"", "")},
        {"unsolicited",
         "response.in-response-to",
         "E-IRT",
         in_response(" InResponseTo=\"_request1\"", ""),
         {},
         {"response.request-proof", "subject.in-response-to"}},
        {"not our request",
         "response.request-proof",
         "E-IRT",
         {.response =
              [](std::string& text) {
                  swap_text(text, "InResponseTo=\"_request1\"", "InResponseTo=\"_request2\"");
                  swap_text(text, "InResponseTo=\"_request1\"", "InResponseTo=\"_request2\"");
              }}},
        {"no IssueInstant", "time.issue-instant", "E-TIME",
         in_response(" IssueInstant=\"2026-11-21T10:00:00.000Z\"", "")},
        {"issued in the future", "time.issued-in-future", "E-TIME",
         in_response("2026-11-21T10:00:00.000Z", "2026-11-21T10:01:06Z")},
        {"issued long ago", "time.issued-long-ago", "E-TIME",
         in_response("2026-11-21T10:00:00.000Z", "2026-11-21T09:49:04Z")},
        {"a refusal of another request",
         nullptr,
         "E-IRT",
         {.response =
              [](std::string& text) {
                  TestGateway::make_error(text,
                                          "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:"
                                          "status:Responder\"/>");
                  swap_text(text, "InResponseTo=\"_request1\"", "InResponseTo=\"_request2\"");
              }}},
    };
}

std::vector<Case> subjects() {
    constexpr std::string_view kNameId =
        "<saml2:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">00000000T"
        "</saml2:NameID>";
    constexpr std::string_view kBearer = "cm:bearer";
    return {
        {"no NameID", "subject.name-id", "E-SUBJ", in_assertion(kNameId, "")},
        {"an empty NameID", "subject.name-id", "E-SUBJ",
         in_assertion(">00000000T</saml2:NameID>", "> </saml2:NameID>")},
        {"two NameID", "subject.name-id", "E-SUBJ",
         in_assertion(kNameId, std::string(kNameId) + std::string(kNameId))},
        {"another person's NameID", "person.name-id", "E-SUBJ",
         in_assertion(">00000000T</saml2:NameID>", ">99999999r</saml2:NameID>")},
        {"holder of key", "subject.bearer", "E-SUBJ", in_assertion(kBearer, "cm:holder-of-key")},
        {"two confirmations", "subject.one-confirmation", "E-SUBJ",
         in_assertion("</saml2:Subject>",
                      "<saml2:SubjectConfirmation Method=\"x\"/></saml2:Subject>")},
        {"two data", "subject.one-data", "E-SUBJ",
         in_assertion("</saml2:SubjectConfirmation>",
                      "<saml2:SubjectConfirmationData/></saml2:SubjectConfirmation>")},
        {"another recipient", "subject.recipient", "E-DEST",
         in_assertion("Recipient=\"https://sede", "Recipient=\"https://Sede")},
        {"answers another request", "subject.in-response-to", "E-IRT",
         in_assertion("InResponseTo=\"_request1\"", "InResponseTo=\"_request2\"")},
        {"confirmation over", "subject.not-on-or-after", "E-TIME",
         in_assertion("10:05:00Z", "09:59:05Z")},
        {"confirmation of days", "subject.window", "E-TIME",
         in_assertion("2026-11-21T10:05:00Z", "2026-11-22T10:00:06Z")},
        {"confirmation not begun", "subject.not-before", "E-TIME",
         in_assertion("<saml2:SubjectConfirmationData ",
                      "<saml2:SubjectConfirmationData NotBefore=\"2026-11-21T10:01:06Z\" ")},
    };
}

std::vector<Case> conditions() {
    const std::string audience = "<saml2:Audience>" + std::string(kAcs) + "</saml2:Audience>";
    return {
        {"no NotOnOrAfter", "conditions.times-present", "E-TIME",
         in_assertion(" NotOnOrAfter=\"2026-11-21T10:05:01Z\"", "")},
        {"a time with offset", "conditions.times-present", "E-TIME",
         in_assertion("10:05:01Z", "10:05:01+00:00")},
        {"not yet valid", "conditions.not-before", "E-TIME",
         in_assertion("NotBefore=\"2026-11-21T10:00:00Z\"", "NotBefore=\"2026-11-21T10:01:06Z\"")},
        {"no longer valid",
         "conditions.not-on-or-after",
         "E-TIME",
         {.assertion =
              [](std::string& text) {
                  swap_text(text, "NotBefore=\"2026-11-21T10:00:00Z\"",
                            "NotBefore=\"2026-11-21T09:00:00Z\"");
                  swap_text(text, "10:05:01Z", "09:59:05Z");
              }}},
        {"ends before it begins", "conditions.order", "E-TIME",
         in_assertion("10:05:01Z", "10:00:00Z")},
        {"valid for days", "conditions.window", "E-TIME",
         in_assertion("2026-11-21T10:05:01Z", "2026-11-22T10:00:01Z")},
        {"no audience", "conditions.audience-present", "E-AUD",
         in_assertion("<saml2:AudienceRestriction>" + audience + "</saml2:AudienceRestriction>",
                      "")},
        {"another audience", "conditions.audience", "E-AUD",
         in_assertion(audience, "<saml2:Audience>https://other</saml2:Audience>")},
        {"a longer audience", "conditions.audience", "E-AUD",
         in_assertion("acs</saml2:Audience>", "acs/</saml2:Audience>")},
        {"white space around the audience", "conditions.audience", "E-AUD",
         in_assertion("acs</saml2:Audience>", "acs </saml2:Audience>")},
        {"two restrictions, one not ours", "conditions.audience", "E-AUD",
         in_assertion("<saml2:OneTimeUse/>",
                      "<saml2:AudienceRestriction><saml2:Audience>x</saml2:Audience>"
                      "</saml2:AudienceRestriction>")},
        {"an empty restriction", "conditions.audience", "E-AUD", in_assertion(audience, "")},
    };
}

std::vector<Case> authentications() {
    constexpr std::string_view kContext = "<saml2:AuthnContext>";
    constexpr std::string_view kSubstantial = "http://eidas.europa.eu/LoA/substantial";
    constexpr std::string_view kInstant = " AuthnInstant=\"2026-11-21T09:59:50Z\"";
    return {
        {"two statements", "authn.one-statement", "E-LOA",
         in_assertion("<saml2:AttributeStatement>",
                      "<saml2:AuthnStatement/><saml2:AttributeStatement>")},
        {"no AuthnInstant", "authn.instant", "E-TIME", in_assertion(kInstant, "")},
        {"authenticated in the future", "authn.instant-in-future", "E-TIME",
         in_assertion("09:59:50Z", "10:01:06Z")},
        {"authenticated before the request", "authn.instant-before-request", "E-TIME",
         in_assertion("09:59:50Z", "09:58:39Z")},
        {"session over", "authn.session-end", "E-TIME",
         in_assertion(kInstant,
                      std::string(kInstant) + " SessionNotOnOrAfter=\"2026-11-21T09:59:05Z\"")},
        {"two contexts",
         "authn.one-context",
         "E-LOA",
         in_assertion(kContext,
                      "<saml2:AuthnContext><saml2:AuthnContextClassRef>x"
                      "</saml2:AuthnContextClassRef></saml2:AuthnContext>" +
                          std::string(kContext)),
         {},
         {"authn.loa"}},
        {"LoA in capitals", "authn.loa", "E-LOA",
         in_assertion(kSubstantial, "http://eidas.europa.eu/LoA/Substantial")},
        {"LoA beyond high", "authn.loa", "E-LOA",
         in_assertion(kSubstantial, "http://eidas.europa.eu/LoA/zzz")},
        {"no LoA", "authn.loa", "E-LOA", in_assertion(kSubstantial, "")},
    };
}

// The value of one attribute, in place of the good one.
Answer valued(std::string_view good, std::string_view bad) {
    return in_assertion(">" + std::string(good) + "</saml2:AttributeValue>",
                        ">" + std::string(bad) + "</saml2:AttributeValue>");
}

Answer added(const std::string& attribute, std::string_view method = "SEGSOC") {
    return {.assertion = [attribute, method](std::string& text) {
        swap_text(text, "</saml2:AttributeStatement>", attribute + "</saml2:AttributeStatement>");
        swap_text(text, ">SEGSOC<", ">" + std::string(method) + "<");
    }};
}

Answer foreign(std::string_view id, std::string_view method) {
    return {.assertion = [id = std::string(id), method](std::string& text) {
        swap_text(text, ">00000000T</saml2:NameID>", ">opaque</saml2:NameID>");
        swap_text(text, ">00000000T</saml2:AttributeValue>", ">" + id + "</saml2:AttributeValue>");
        swap_text(text, ">SEGSOC<", ">" + std::string(method) + "<");
    }};
}

std::vector<Case> attributes() {
    const std::string clave = "http://es.minhafp.clave/";
    const std::string person = "http://eidas.europa.eu/attributes/naturalperson/";
    return {
        {"no statement",
         "attributes.present",
         "E-ATTR",
         {.assertion =
              [](std::string& text) {
                  swap_text(text,
                            TestGateway::between(text, "<saml2:AttributeStatement>",
                                                 "</saml2:AttributeStatement>"),
                            "");
              }},
         {},
         {"attributes.required", "person.method", "person.identifier", "person.name-id"}},
        {"no name", "attributes.name", "E-ATTR",
         added(TestGateway::attribute("", TestGateway::value("x")))},
        {"another format of names", "attributes.name-format", "E-ATTR",
         in_assertion("attrname-format:uri", "attrname-format:basic")},
        {"an attribute twice", "attributes.unique", "E-ATTR",
         added(
             TestGateway::attribute(person + "PersonIdentifier", TestGateway::value("99999999R")))},
        {"two values", "attributes.one-value", "E-ATTR",
         in_assertion(">Ana</saml2:AttributeValue>",
                      ">Ana</saml2:AttributeValue><saml2:AttributeValue>Eva"
                      "</saml2:AttributeValue>")},
        {"nil", "attributes.not-nil", "E-ATTR",
         in_assertion("xsi:type=\"xs:string\">Ana", "xsi:nil=\"true\">Ana")},
        {"an odd LatinScript", "attributes.latin-script", "E-ATTR",
         in_assertion("xsi:type=\"xs:string\">Ana", "LatinScript=\"no\">Ana")},
        {"only the transliteration", "attributes.required", "E-ATTR",
         in_assertion("xsi:type=\"xs:string\">Ana", "LatinScript=\"false\">Ana")},
        {"a long value", "attributes.length", "E-ATTR", valued("Ana", std::string(513, 'a'))},
        {"a line break", "attributes.printable", "E-ATTR", valued("Ana", "A&#10;na")},
        {"a bidirectional override", "attributes.printable", "E-ATTR",
         valued("Ana",
                "\xE2\x80\xAE"
                "Ana")},
        {"a blank value", "attributes.not-blank", "E-ATTR", valued("Ana", " ")},
        {"wrong check letter", "person.identifier", "E-ATTR", foreign("00000000A", "SEGSOC")},
        {"lower case", "person.identifier", "E-ATTR", foreign("00000000t", "SEGSOC")},
        {"made for another country", "person.identifier", "E-ATTR",
         foreign("ES/FR/00000000T", "EIDAS")},
        {"a foreigner with Permanente", "person.identifier", "E-ATTR",
         foreign("DE/ES/abc", "SEGSOC")},
        {"an unknown method", "person.method", "E-ATTR", valued("SEGSOC", "STORK")},
        {"too much wanted",
         "person.attributes-size",
         "E-ATTR",
         {.assertion =
              [](std::string& text) {
                  for (const char* name : {"a", "b", "c", "d", "e"}) {
                      swap_text(
                          text, "</saml2:AttributeStatement>",
                          TestGateway::attribute(name, TestGateway::value(std::string(500, 'x'))) +
                              "</saml2:AttributeStatement>");
                  }
              }},
         [](saml::Expectations& expected) {
             expected.wanted_attributes = {"a", "b", "c", "d", "e"};
         }},
        {"a representative's attributes", "represented.representative", "E-ATTR",
         added(TestGateway::attribute(person + "representative/PersonIdentifier",
                                      TestGateway::value("ES/ES/99999999R")))},
        {"PartialAfirma that is not base64", nullptr, "E-ATTR",
         added(TestGateway::attribute(clave + "PartialAfirma", TestGateway::value("-")), "AFIRMA")},
        {"PartialAfirma without the represented", "represented.fields", "E-ATTR",
         added(TestGateway::attribute(
                   clave + "PartialAfirma",
                   TestGateway::value(base64_encode(as_bytes(
                       "<a><idCampo>clasificacion</idCampo><valorCampo>1</valorCampo></a>")))),
               "AFIRMA")},
        {"a legal person without identifier", nullptr, "E-ATTR",
         added(TestGateway::attribute("http://eidas.europa.eu/attributes/legalperson/LegalName",
                                      TestGateway::value("Ejemplo S.A.")))},
        {"represented where nobody may be", "person.represented", "E-REPR",
         added(TestGateway::attribute(
                   "http://eidas.europa.eu/attributes/legalperson/LegalPersonIdentifier",
                   TestGateway::value("A00000000")) +
               TestGateway::attribute("http://eidas.europa.eu/attributes/legalperson/LegalName",
                                      TestGateway::value("Ejemplo S.A."))),
         [](saml::Expectations& expected) { expected.represented_allowed_somewhere = false; }},
    };
}

void the_response_is_for_us(void**) {
    assert_int_equal(number_of_problems(envelope()), 0);
}
void the_subject_is_confirmed(void**) {
    assert_int_equal(number_of_problems(subjects()), 0);
}
void conditions_hold(void**) {
    assert_int_equal(number_of_problems(conditions()), 0);
}
void authentication_is_fresh_and_rated(void**) {
    assert_int_equal(number_of_problems(authentications()), 0);
}
void attributes_are_sound(void**) {
    assert_int_equal(number_of_problems(attributes()), 0);
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_response_is_for_us),
        cmocka_unit_test(the_subject_is_confirmed),
        cmocka_unit_test(conditions_hold),
        cmocka_unit_test(authentication_is_fresh_and_rated),
        cmocka_unit_test(attributes_are_sound),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
