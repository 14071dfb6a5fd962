// What the validator makes of good answers, and of those in which the gateway says no.
#include "cmocka_cpp.h"
//
#include "clave/encoding.h"
#include "support/answer_verdict.h"

using namespace clave;
using namespace clave::test;

namespace {

// ---- what passes

std::string_view verdict_of(const Answer& plan,
                            const std::function<void(saml::Expectations&)>& expect = {}) {
    saml::Expectations expected = expectations(gateway());
    if (expect) {
        expect(expected);
    }
    return verdict(gateway().answer(plan), expected);
}

std::string summary_of(const Answer& plan,
                       const std::function<void(saml::Expectations&)>& expect = {}) {
    saml::Expectations expected = expectations(gateway());
    if (expect) {
        expect(expected);
    }
    const auto outcome = saml::validate_response(gateway().answer(plan), expected, OneRequest{});
    if (!outcome) {
        return outcome.error().detail;
    }
    const auto& verified = std::get<saml::VerifiedAssertion>(*outcome);
    const Identity& who = verified.identity();
    const Credential& how = verified.credential();
    std::string text = who.nif + "|" + who.id + "|" + who.full_name() + "|" +
                       std::string(name(how.method)) + "|" + std::string(name(how.loa)) + "|" +
                       format_utc(how.authenticated_at) + "|" + verified.request_id() + "|" +
                       verified.assertion_id() + "|" + format_utc(verified.not_on_or_after());
    if (how.advanced_registration) {
        text += "|advanced";
    }
    if (how.represented) {
        text += "|for " + who.represented_nif + " " + who.represented_name;
    }
    for (const auto& [attribute, value] : who.attributes) {
        text += "|" + attribute + "=" + value;
    }
    return text;
}

constexpr const char* kAna =
    "00000000T|00000000T|Ana García López|permanente|substantial|2026-11-21T09:59:50Z|_request1|"
    "_assertion1|2026-11-21T10:06:01Z";

bool is_ana(const Answer& plan) {
    const std::string got = summary_of(plan);
    if (got != kAna) {
        std::fprintf(stderr, "  %s\n", got.c_str());
    }
    return got == kAna;
}

void a_good_answer_is_accepted(void**) {
    assert_true(is_ana({}));
}

void an_encrypted_answer_is_accepted(void**) {
    assert_true(is_ana({.encrypt = true}));
    assert_true(is_ana({.encrypt = true, .recipient = &gateway().old_sede()}));
    assert_true(is_ana({.encrypt = true, .sign_assertion = true}));
    assert_true(is_ana({.encrypted = replaced("aes256-gcm", "aes256-gcm"), .encrypt = true}));
}

void every_pinned_key_is_accepted(void**) {
    assert_true(is_ana({.signer = &gateway().next_gateway()}));
    assert_true(is_ana({.signer = &gateway().elliptic_gateway()}));
    assert_true(is_ana({.sign_assertion = true}));
    assert_true(is_ana({.sign_assertion = true, .assertion_signer = &gateway().next_gateway()}));
}

void key_info_decides_nothing(void**) {
    assert_true(is_ana({.signature = [](std::string& text) {
        swap_text(text, TestGateway::between(text, "<ds:KeyInfo>", "</ds:KeyInfo>"), "");
    }}));
    assert_true(is_ana({.signature = [](std::string& text) {
        swap_text(text, gateway().gateway.certificate.base64_der(),
                  gateway().attacker().certificate.base64_der());
    }}));
}

void harmless_variations_are_accepted(void**) {
    assert_true(is_ana({.signature = replaced("sha512\"/><ds:Ref", "sha256\"/><ds:Ref")}));
    assert_true(is_ana({.signature = replaced("xmlenc#sha512", "xmlenc#sha256")}));
    assert_true(
        is_ana({.signature = replaced(
                    "xml-exc-c14n#\"/></ds:Transforms>",
                    "xml-exc-c14n#\"><ec:InclusiveNamespaces "
                    "xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"xs eidas\"/>"
                    "</ds:Transform></ds:Transforms>")}));
    assert_true(is_ana({.response = replaced(">Ana<", ">&#65;na<")}));
    assert_true(is_ana({.response = replaced("<saml2p:Status>", "\n  <saml2p:Status>\r\n")}));
    assert_true(is_ana({.response = replaced(">SEGSOC<", ">segsoc<")}));
    assert_true(is_ana({.response = replaced(" Consent=\"urn:oasis:names:tc:SAML:2.0:consent:"
                                             "obtained\"",
                                             "")}));
    // A transliterated twin beside the value.
    assert_true(is_ana(
        {.response = replaced(
             ">Ana</saml2:AttributeValue>",
             ">Ana</saml2:AttributeValue><saml2:AttributeValue eidas:LatinScript=\"false\">\xCE\x91"
             "</saml2:AttributeValue>")}));
    // One of the audiences is us.
    assert_true(is_ana(
        {.response = replaced("<saml2:Audience>",
                              "<saml2:Audience>https://other</saml2:Audience><saml2:Audience>")}));
}

void identifiers_are_read_by_method(void**) {
    const auto person = [](std::string_view id, std::string_view method) {
        return summary_of({.response =
                               [id, method](std::string& text) {
                                   swap_text(text, ">00000000T</saml2:NameID>",
                                             ">opaque</saml2:NameID>");
                                   swap_text(text, ">00000000T</saml2:AttributeValue>",
                                             ">" + std::string(id) + "</saml2:AttributeValue>");
                                   swap_text(text, ">SEGSOC<", ">" + std::string(method) + "<");
                               }})
            .substr(0, 24);
    };
    assert_true(person("ES/ES/X0000000T", "SEGSOC") == "X0000000T|X0000000T|Ana ");
    assert_true(person("DE/ES/abc-123", "EIDAS").starts_with("|DE/ES/abc-123|Ana"));
    assert_true(person("00000000T", "EIDAS").starts_with("00000000T|00000000T|Ana"));
}

void registration_and_wanted_attributes_are_kept(void**) {
    const std::string got = summary_of(
        {.response = replaced("</saml2:AttributeStatement>",
                              TestGateway::attribute("http://es.minhafp.clave/RegisterType",
                                                     TestGateway::value("2")) +
                                  "</saml2:AttributeStatement>")},
        [](saml::Expectations& expected) {
            expected.registration_attribute = "http://es.minhafp.clave/RegisterType";
            expected.registration_values = {"1", "2"};
            expected.wanted_attributes = {"http://es.minhafp.clave/RelayState", "urn:absent"};
        });
    const bool good =
        got == std::string(kAna) + "|advanced|http://es.minhafp.clave/RelayState=a1b2c3d4";
    assert_true(good);
}

std::string legal_person() {
    const std::string prefix = "http://eidas.europa.eu/attributes/legalperson/";
    return TestGateway::attribute(prefix + "LegalPersonIdentifier",
                                  TestGateway::value("A00000000")) +
           TestGateway::attribute(prefix + "LegalName", TestGateway::value("Ejemplo S.A."));
}

std::string partial_afirma(std::string_view classification) {
    const std::string xml =
        "<a:R xmlns:a=\"urn:afirma\"><a:Campo><a:idCampo>clasificacion</a:idCampo><a:valorCampo>" +
        std::string(classification) +
        "</a:valorCampo></a:Campo><a:Campo><a:idCampo>NIF-CIF</a:idCampo><a:valorCampo>A00000000"
        "</a:valorCampo></a:Campo><a:Campo><a:idCampo>razonSocial</a:idCampo><a:valorCampo>"
        "<![CDATA[Ejemplo S.A.]]></a:valorCampo></a:Campo></a:R>";
    return TestGateway::attribute("http://es.minhafp.clave/PartialAfirma",
                                  TestGateway::value(base64_encode(as_bytes(xml))));
}

Edit with_attributes(std::string more, std::string_view method = "AFIRMA") {
    return [more = std::move(more), method](std::string& text) {
        swap_text(text, "</saml2:AttributeStatement>", more + "</saml2:AttributeStatement>");
        swap_text(text, ">SEGSOC<", ">" + std::string(method) + "<");
    };
}

void representatives_are_marked(void**) {
    const auto represented = [](const std::string& more) {
        return summary_of({.response = with_attributes(more)})
                   .find("|for A00000000 Ejemplo S.A.") != std::string::npos;
    };
    assert_true(represented(legal_person()));
    assert_true(represented(partial_afirma("11")));
    assert_false(represented(partial_afirma("0")));
}

// ---- what a signed failure is

std::string_view status_verdict(std::string_view status) {
    return verdict_of(
        {.response = [status](std::string& text) { TestGateway::make_error(text, status); }});
}

std::string status_code(std::string_view top, std::string_view nested) {
    const std::string prefix = "urn:oasis:names:tc:SAML:2.0:status:";
    std::string text = "<saml2p:StatusCode Value=\"" + prefix + std::string(top) + "\">";
    if (!nested.empty()) {
        text += "<saml2p:StatusCode Value=\"" + prefix + std::string(nested) + "\"/>";
    }
    return text + "</saml2p:StatusCode>";
}

void refusals_of_the_gateway_are_told_apart(void**) {
    assert_true(status_verdict(status_code("Responder", "AuthnFailed")) == "cancelled");
    assert_true(status_verdict(status_code("Requester", "RequestDenied")) == "cancelled");
    assert_true(status_verdict(status_code("Responder", "")) == "refused");
    assert_true(status_verdict(status_code("Requester", "InvalidAttrNameOrValue")) == "refused");
}

std::string_view says(std::string_view nested, std::string_view message) {
    return status_verdict(status_code("Responder", nested) + "<saml2p:StatusMessage>" +
                          std::string(message) + "</saml2p:StatusMessage>");
}

void a_refused_level_or_certificate_is_told_apart(void**) {
    assert_true(status_verdict("<saml2p:StatusCode "
                               "Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\">"
                               "<saml2p:StatusCode Value=\"http://www.stork.gov.eu/saml20/"
                               "statusCodes/QAANotSupported\"/></saml2p:StatusCode>") == "E-LOA");
    for (const char* number : {"00041", "00042", "00057", "00058"}) {
        assert_true(says("", std::string(number) + " El QAA de la respuesta") == "E-LOA");
        assert_true(says("AuthnFailed", std::string("(") + number + ")") == "E-LOA");
        assert_true(says("RequestDenied", number) == "cancelled");
    }
    for (const char* number : {"00067", "00068", "00070"}) {
        assert_true(says("", std::string(number) + " Se ha utilizado un certificado") == "E-REPR");
    }
    assert_true(says("", "00060 El proceso ha fallado: 00057") == "refused");
    assert_true(says("AuthnFailed", "000570") == "cancelled");
    assert_true(says("", "57") == "refused");
}

std::string text_of_refusal() {
    const std::string message = gateway().answer({.response = [](std::string& text) {
        TestGateway::make_error(text, status_code("Responder", "") +
                                          "<saml2p:StatusMessage>a\"b\\ñ ó\u20AC" +
                                          std::string(400, 'x') + "</saml2p:StatusMessage>");
    }});
    const auto outcome = saml::validate_response(message, expectations(gateway()), OneRequest{});
    return outcome ? std::get<saml::SignedRefusal>(*outcome).status() : std::string{};
}

void the_text_of_a_refusal_is_fit_for_the_log(void**) {
    const std::string text = text_of_refusal();
    const std::size_t size = text.size();
    const bool good = text.find("Responder  a?b?n o?x") != std::string::npos;
    assert_int_equal(size, 256);
    assert_true(good);
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_is_accepted),
        cmocka_unit_test(an_encrypted_answer_is_accepted),
        cmocka_unit_test(every_pinned_key_is_accepted),
        cmocka_unit_test(key_info_decides_nothing),
        cmocka_unit_test(harmless_variations_are_accepted),
        cmocka_unit_test(identifiers_are_read_by_method),
        cmocka_unit_test(registration_and_wanted_attributes_are_kept),
        cmocka_unit_test(representatives_are_marked),
        cmocka_unit_test(refusals_of_the_gateway_are_told_apart),
        cmocka_unit_test(a_refused_level_or_certificate_is_told_apart),
        cmocka_unit_test(the_text_of_a_refusal_is_fit_for_the_log),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
