// What is refused for its form: bytes, XML, structure, IDs (checklist 1.2 and 1.3). Every answer
// here carries a genuine signature of the gateway unless the case is about that.
#include "cmocka_cpp.h"
//
#include "support/answer_verdict.h"

using namespace clave;
using namespace clave::test;

namespace {

std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) {
        all += text;
    }
    return all;
}

Edit inserted(std::string_view before, std::string what) {
    return [before, what = std::move(what)](std::string& text) {
        swap_text(text, before, what + std::string(before));
    };
}

// Namespaces of their own, so that an element may stand anywhere.
constexpr std::string_view kForgedAssertion =
    "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_evil\" "
    "Version=\"2.0\" IssueInstant=\"2026-11-21T10:00:00Z\"/>";

std::vector<Case> bytes() {
    return {
        {"NUL", "scan.nul", "E-FMT", {.message = [](std::string& text) { text += '\0'; }}},
        {"invalid UTF-8", nullptr, "E-FMT", {.message = replaced(">Ana<", ">\xC0\x80<")}},
        {"byte order mark",
         "scan.first-byte",
         "E-FMT",
         {.message = [](std::string& text) { text.insert(0, "\xEF\xBB\xBF"); }}},
        {"white space first",
         "scan.first-byte",
         "E-FMT",
         {.message = [](std::string& text) { text.insert(0, "\n"); }}},
        {"XML 1.1",
         "scan.xml-declaration",
         "E-FMT",
         {.message = replaced("version=\"1.0\"", "version=\"1.1\"")}},
        {"UTF-7", nullptr, "E-FMT", {.message = replaced("UTF-8", "UTF-7")}},
        {"DOCTYPE",
         "scan.declaration",
         "E-FMT",
         {.message = inserted("<saml2p:Response", "<!DOCTYPE x>")},
         {},
         {"document.dtd"}},
        {"external entity",
         "scan.declaration",
         "E-FMT",
         {.message = inserted("<saml2p:Response",
                              "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>")},
         {},
         {"document.dtd"}},
        {"undefined entity", nullptr, "E-FMT", {.message = replaced(">Ana<", ">&xxe;<")}},
        {"comment",
         "scan.comment",
         "E-STRUCT",
         {.message = replaced(">Ana<", ">A<!-- -->na<")},
         {},
         {"tree.node-kind"}},
        {"CDATA",
         "scan.comment",
         "E-STRUCT",
         {.message = replaced(">Ana<", "><![CDATA[Ana]]><")},
         {},
         {"tree.node-kind"}},
        {"instruction",
         "scan.instruction",
         "E-STRUCT",
         {.message = replaced(">Ana<", ">A<?x y?>na<")},
         {},
         {"tree.node-kind"}},
        {"style sheet",
         "scan.instruction",
         "E-STRUCT",
         {.message = replaced("<saml2p:Response", "<?xml-stylesheet href=\"x\"?><saml2p:Response")},
         {},
         {"tree.node-kind"}},
        {"two roots", nullptr, "E-FMT", {.message = [](std::string& text) { text += "<x/>"; }}},
        {"cut off",
         nullptr,
         "E-FMT",
         {.message =
              [](std::string& text) {
                  text.pop_back();
                  text.pop_back();
              }}},
        {"end of CDATA in text", nullptr, "E-FMT", {.message = replaced(">Ana<", ">A]]>na<")}},
        {"empty", nullptr, "E-FMT", {.message = [](std::string& text) { text.clear(); }}},
        {"too large",
         "message.size",
         "E-SIZE",
         {.response = inserted("<saml2p:Status>", repeated(" ", 131072))}},
    };
}

std::vector<Case> limits() {
    return {
        {"depth",
         "tree.depth",
         "E-STRUCT",
         {.response = inserted("<saml2p:StatusMessage>", repeated("<saml2p:StatusCode>", 40) +
                                                             repeated("</saml2p:StatusCode>", 40))},
         {},
         {"shape.once"}},
        {"nodes",
         "tree.nodes",
         "E-STRUCT",
         {.response = inserted("</saml2:AudienceRestriction>",
                               repeated("<saml2:Audience>x</saml2:Audience>", 2000))}},
        {"attributes",
         "tree.attributes",
         "E-STRUCT",
         {.response =
              [](std::string& text) {
                  std::string many;
                  for (int i = 0; i < 40; ++i) {
                      many += " a" + std::to_string(i) + "=\"\"";
                  }
                  swap_text(text, "<saml2p:Status>", "<saml2p:Status" + many + ">");
              }},
         {},
         {"shape.attribute"}},
        {"declarations",
         "tree.declarations",
         "E-STRUCT",
         {.response =
              [](std::string& text) {
                  std::string many;
                  for (int i = 0; i < 70; ++i) {
                      many += " xmlns:n" + std::to_string(i) + "=\"urn:" + std::to_string(i) + "\"";
                  }
                  swap_text(text, "<saml2p:Status>", "<saml2p:Status" + many + ">");
              }},
         {},
         {"scan.declarations"}},
        {"relative namespace",
         "tree.relative-namespace",
         "E-STRUCT",
         {.message = replaced("<saml2p:Status>", "<saml2p:Status xmlns:z=\"1\">")}},
        {"undeclared prefix",
         "document.namespaces",
         "E-STRUCT",
         {.message = replaced("<saml2p:Status>", "<saml2p:Status q:x=\"1\">")},
         {},
         {"shape.attribute"}},
        {"xml redefined",
         "document.namespaces",
         "E-STRUCT",
         {.message = replaced("<saml2p:Status>", "<saml2p:Status xmlns:xml=\"urn:x\">")}},
    };
}

std::vector<Case> identifiers() {
    return {
        {"one ID twice",
         "tree.id-unique",
         "E-ID-DUP",
         {.response = replaced("ID=\"_assertion1\"", "ID=\"_response1\"")}},
        {"one ID in another spelling",
         "tree.id-unique",
         "E-ID-DUP",
         {.signature = replaced("<ds:Signature>", "<ds:Signature Id=\"_assertion1\">")}},
        {"two spellings",
         "tree.id-once",
         "E-STRUCT",
         {.response = replaced("ID=\"_assertion1\"", "ID=\"_assertion1\" id=\"_x\"")},
         {},
         {"shape.attribute"}},
        {"prefixed spelling",
         "tree.id-once",
         "E-STRUCT",
         {.response = replaced("ID=\"_response1\"", "ID=\"_response1\" saml2p:ID=\"_x\"")},
         {},
         {"shape.attribute"}},
        {"xml:id",
         "tree.xml-id",
         "E-STRUCT",
         {.response = replaced("<saml2p:Status>", "<saml2p:Status xml:id=\"_x\">")},
         {},
         {"shape.attribute"}},
        {"ID with a space",
         "signature.id",
         "E-STRUCT",
         {.response = replaced("ID=\"_assertion1\"", "ID=\"_a b\""), .sign_assertion = false},
         [](saml::Expectations&) {},
         {"assertion.id"}},
    };
}

std::vector<Case> shapes() {
    return {
        {"another message",
         nullptr,
         "E-STRUCT",
         {.response =
              [](std::string& text) {
                  swap_text(text, "<saml2p:Response ", "<saml2p:LogoutResponse ");
                  swap_text(text, "</saml2p:Response>", "</saml2p:LogoutResponse>");
              }}},
        {"SAML 1.1",
         "message.version",
         "E-STRUCT",
         {.response = replaced("Version=\"2.0\"", "Version=\"1.1\"")}},
        {"two assertions",
         "shape.one-assertion",
         "E-STRUCT",
         {.response = inserted("<saml2:Assertion", std::string(kForgedAssertion))},
         {},
         {"shape.once"}},
        {"plain and encrypted",
         "shape.one-assertion",
         "E-STRUCT",
         {.response = inserted("<saml2:EncryptedAssertion", std::string(kForgedAssertion)),
          .encrypt = true}},
        {"a Response inside",
         "shape.one-response",
         "E-SIG-BIND",
         {.response = inserted("<saml2p:Status>", "<saml2p:Response/>")},
         {},
         {"shape.position"}},
        {"a Signature elsewhere",
         "shape.position",
         "E-SIG-BIND",
         {.response =
              [](std::string& text) {
                  swap_text(text, kSlot, "");
                  swap_text(text, "<saml2p:Status>", "<saml2p:Status>" + std::string(kSlot));
              }}},
        {"Extensions",
         "shape.position",
         "E-STRUCT",
         {.response =
              inserted("<saml2p:Status>", "<saml2p:Extensions>" + std::string(kForgedAssertion) +
                                              "</saml2p:Extensions>")}},
        {"Advice",
         "shape.position",
         "E-STRUCT",
         {.response =
              inserted("<saml2:AuthnStatement",
                       "<saml2:Advice>" + std::string(kForgedAssertion) + "</saml2:Advice>")}},
        {"StatusDetail",
         "shape.position",
         "E-STRUCT",
         {.response = inserted("</saml2p:Status>", "<saml2p:StatusDetail/>")}},
        {"an element in a value",
         "shape.position",
         "E-STRUCT",
         {.response = replaced(">Ana<", ">Ana<b/><")}},
        {"an assertion in an assertion",
         "shape.position",
         "E-STRUCT",
         {.response = inserted("<saml2:Subject>", std::string(kForgedAssertion))}},
        {"right name, wrong namespace",
         "shape.position",
         "E-STRUCT",
         {.response = inserted("<saml2p:Status>", "<Assertion xmlns=\"urn:other\"/>")}},
        {"Subject twice",
         "shape.once",
         "E-STRUCT",
         {.response = inserted("<saml2:Subject>", "<saml2:Subject/>")}},
        {"an unknown attribute",
         "shape.attribute",
         "E-STRUCT",
         {.response = replaced("<saml2p:Status>", "<saml2p:Status x=\"\">")}},
        {"text between elements",
         "shape.text",
         "E-STRUCT",
         {.response = replaced("<saml2p:Status>", "<saml2p:Status>x")}},
        {"ds:Object",
         "shape.no-object",
         "E-STRUCT",
         {.signature = inserted("</ds:Signature>", "<ds:Object/>")}},
        {"an assertion in the signature",
         "shape.no-saml-inside",
         "E-STRUCT",
         {.signature = inserted("</ds:KeyInfo>", std::string(kForgedAssertion))}},
        {"success without assertion",
         nullptr,
         "E-STRUCT",
         {.response =
              [](std::string& text) {
                  swap_text(text,
                            TestGateway::between(text, "<saml2:Assertion ", "</saml2:Assertion>"),
                            "");
              }}},
        {"assertion without ID",
         "assertion.id",
         "E-STRUCT",
         {.response = replaced(" ID=\"_assertion1\"", "")}},
        {"assertion of SAML 1.1",
         "assertion.version",
         "E-STRUCT",
         {.assertion = replaced("Version=\"2.0\"", "Version=\"1.1\"")}},
        {"plain where encryption is required",
         "assertion.encrypted",
         "E-STRUCT",
         {},
         [](saml::Expectations& expected) { expected.require_encryption = true; }},
    };
}

void hostile_bytes_are_refused(void**) {
    assert_int_equal(number_of_problems(bytes()), 0);
}
void limits_hold(void**) {
    assert_int_equal(number_of_problems(limits()), 0);
}
void ids_are_unique(void**) {
    assert_int_equal(number_of_problems(identifiers()), 0);
}
void only_the_known_shape_passes(void**) {
    assert_int_equal(number_of_problems(shapes()), 0);
}

}  // namespace

int main() {
    saml::initialise();
    const CMUnitTest tests[] = {
        cmocka_unit_test(hostile_bytes_are_refused),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(ids_are_unique),
        cmocka_unit_test(only_the_known_shape_passes),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
