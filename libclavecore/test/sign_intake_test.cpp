// What is signed is what was sent: forms as text that shows every value as it is, files as they
// are, and nothing that two parsers could read in two ways (F-05, F-06).
#include "cmocka_cpp.h"

#include <array>
#include <string>
#include <string_view>

#include "sign/intake.h"
#include "sign/multipart.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kMultipart = "multipart/form-data; boundary=x";

std::string shown(std::string_view type, std::string_view body,
                  SignFormat format = SignFormat::cades) {
    Request request;
    request.content_type = type;
    request.body = body;
    SignOrder order;
    order.format = format;
    const auto taken = document_of(request, order);
    return taken ? taken->name + "|" + taken->media_type + "|" + taken->bytes
                 : std::string(info(taken.error().code).word);
}

std::string part(std::string_view head, std::string_view content) {
    return "--x\r\nContent-Disposition: form-data; " + std::string(head) + "\r\n\r\n" +
           std::string(content) + "\r\n";
}

struct Case {
    std::string_view body;
    std::string_view text;
};
constexpr auto kForms = std::to_array<Case>({
    {"a=1&b=2", "a: 1\nb: 2\n"},
    {"b=2&a=1", "b: 2\na: 1\n"},  // as sent
    {"a=", "a: \n"},
    {"n=Pe%C3%B1a", "n: Peña\n"},
    // No value can look like another field,
    {"a=1%0Ab%3A+2", "a: 1\n    b: 2\n"},
    {"a=1%0D%0Ab%3A+2", "a: 1\n    b: 2\n"},
    {"a%3A+1%0Ab=2", "a\\x3A 1\\x0Ab: 2\n"},
    // or like something else than it is.
    {"a=%E2%80%AEfdp.exe", "a: \\xE2\\x80\\xAEfdp.exe\n"},
    {"a=%00", "E-SIGN-DOC"},
    {"a=%07%1B%5B2J", "a: \\x07\\x1B[2J\n"},
    {"a=%F1", "a: \\xF1\n"},  // Latin-1
    {"a=%5Cx07", "a: \\\\x07\n"},
    {"", "E-SIGN-DOC"},
    {"a=%", "E-SIGN-DOC"},
});

void a_form_becomes_text_that_says_what_was_sent(void**) {
    for (const Case& one : kForms) {
        static std::string expected;
        static std::string got;
        expected = one.text.starts_with("E-")
                       ? std::string(one.text)
                       : "formulario.txt|text/plain|" + std::string(one.text);
        got = shown(kForm, one.body);
        assert_string_equal(got.c_str(), expected.c_str());
    }
}

void title_and_procedure_stand_above_it(void**) {
    static const std::string text = [] {
        Request request;
        request.content_type = "application/x-www-form-urlencoded; charset=utf-8";
        request.body = "a=1";
        SignOrder order;
        order.title = "Alta";
        order.procedure = "P1";
        const auto taken = document_of(request, order);
        return taken ? taken->bytes : std::string();
    }();
    assert_string_equal(text.c_str(), "Alta\nProcedimiento: P1\n\na: 1\n");
}

void one_file_is_the_document(void**) {
    static const std::string pdf =
        part("name=\"a\"", "1") +
        part("name=\"f\"; filename=\"C:\\\\x\\\\s.pdf\"", "%PDF-1.4\r\n") + "--x--\r\n";
    static const std::string of_pdf = shown(kMultipart, pdf);
    assert_string_equal(of_pdf.c_str(), "s.pdf|application/pdf|%PDF-1.4\r\n");
    // Its first bytes say what it is, not its sender.
    static const std::string lie =
        "--x\r\nContent-Disposition: form-data; name=f; filename=a.pdf\r\n"
        "Content-Type: application/pdf\r\n\r\nhola\r\n--x--\r\n";
    static const std::string of_lie = shown(kMultipart, lie);
    assert_string_equal(of_lie.c_str(), "a.pdf|text/plain|hola");
    static const std::string as_pdf = shown(kMultipart, lie, SignFormat::pades);
    assert_string_equal(as_pdf.c_str(), "E-SIGN-DOC");
}

void several_files_are_named_with_their_digests(void**) {
    static const std::string two =
        part("name=\"a\"", "1") + part("name=\"f\"; filename=\"a\"", "x") +
        part("name=\"g\"; filename=\"b\"", "y") + part("name=\"h\"; filename=\"\"", "") + "--x--";
    static const std::string text = shown(kMultipart, two);
    assert_string_equal(text.c_str(),
                        "formulario.txt|text/plain|a: 1\n"
                        "f: fichero «a», 1 bytes, SHA-256 "
                        "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n"
                        "g: fichero «b», 1 bytes, SHA-256 "
                        "a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa\n");
}

void whatever_else_is_sent_is_taken_as_it_is(void**) {
    static const std::string json = shown("application/json", "{\"a\":1}");
    assert_string_equal(json.c_str(), "documento|text/plain|{\"a\":1}");
    static const std::string page = shown("text/html; charset=utf-8", "<script>1</script>");
    assert_string_equal(page.c_str(), "documento|text/html|<script>1</script>");
    static const std::string pdf = shown("application/pdf", "%PDF-1.4");
    assert_string_equal(pdf.c_str(), "documento.pdf|application/pdf|%PDF-1.4");
    static const std::string bytes = shown("image/svg+xml", "\x01\x02\0"sv);
    assert_true(bytes.starts_with("documento|application/octet-stream|"));
}

constexpr auto kBroken = std::to_array<std::string_view>({
    "",
    "--y\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--y--",
    "\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1",
    "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--xx--",
    "--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
    "name=b\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=a; filename*=UTF-8''b\r\n\r\n1\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\nMQ==\r\n--x--",
    "--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--x--",
    "--x--",
});

void what_parsers_could_disagree_about_is_refused(void**) {
    for (const std::string_view body : kBroken) {
        static std::string got;
        got = shown(kMultipart, body);
        assert_string_equal(got.c_str(), "E-SIGN-DOC");
    }
    for (const std::string_view type : {"multipart/form-data"sv, "multipart/form-data; boundary="sv,
                                        "multipart/form-data; boundary=x; boundary=y"sv}) {
        static std::string got;
        got = shown(type, "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--");
        assert_string_equal(got.c_str(), "E-SIGN-DOC");
    }
}

void the_guards_are_what_refuses(void**) {
    static const std::string twice = without_guard("multipart parameter twice", [] {
        return shown(kMultipart,
                     "--x\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n--x--");
    });
    assert_string_not_equal(twice.c_str(), "E-SIGN-DOC");
    static std::string many;
    for (std::size_t i = 0; i <= kMostFormParts; ++i) {
        many += part("name=a", "1");
    }
    many += "--x--";
    static const std::string refused = shown(kMultipart, many);
    assert_string_equal(refused.c_str(), "E-SIGN-DOC");
    static const std::string taken =
        without_guard("multipart parts", [] { return shown(kMultipart, many); });
    assert_string_not_equal(taken.c_str(), "E-SIGN-DOC");
}

struct Name {
    std::string_view given, safe;
};
constexpr auto kNames = std::to_array<Name>({
    {"solicitud.pdf", "solicitud.pdf"},
    {"../../etc/passwd", "passwd"},
    {"C:\\Users\\ana\\s.txt", "s.txt"},
    {"", "documento"},
    {"..", "documento"},
    {"a\"b<c>.txt", "a_b_c_.txt"},
    {"\xE2\x80\xAE"
     "fdp.exe",
     "_fdp.exe"},
    {"a\r\nb", "a__b"},
    {"mañana.txt", "mañana.txt"},
    {"\xFF.txt", "_.txt"},
});

void names_of_files_do_no_harm(void**) {
    for (const Name& one : kNames) {
        static std::string got;
        static std::string expected;
        got = safe_file_name(one.given);
        expected = one.safe;
        assert_string_equal(got.c_str(), expected.c_str());
    }
    static const std::string longest = safe_file_name(std::string(500, 'a'));
    assert_int_equal(longest.size(), 120);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_form_becomes_text_that_says_what_was_sent),
        cmocka_unit_test(title_and_procedure_stand_above_it),
        cmocka_unit_test(one_file_is_the_document),
        cmocka_unit_test(several_files_are_named_with_their_digests),
        cmocka_unit_test(whatever_else_is_sent_is_taken_as_it_is),
        cmocka_unit_test(what_parsers_could_disagree_about_is_refused),
        cmocka_unit_test(the_guards_are_what_refuses),
        cmocka_unit_test(names_of_files_do_no_harm),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
