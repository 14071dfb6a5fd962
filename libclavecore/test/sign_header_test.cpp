// What an application says with a document to sign: understood in one way, or refused with a reason
// (F-01, F-06). And what a document is, however it is cut into pieces.
#include "cmocka_cpp.h"

#include <array>
#include <string>
#include <string_view>

#include "login_fixture.h"
#include "sign/document_kind.h"
#include "sign/sign_header.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

// "return|format|name|title|procedure", or the code.
std::string read(std::string_view value) {
    const auto header = read_sign_header(test::test_site(), value);
    if (!header) {
        return std::string(info(header.error().code).word);
    }
    constexpr auto kNames = std::to_array<const char*>({"cades", "xades", "pades", "none"});
    return header->deliver + "|" +
           (header->format ? kNames[static_cast<std::size_t>(*header->format)] : "") + "|" +
           header->name + "|" + header->title + "|" + header->procedure;
}

struct Case {
    std::string_view value, read;
};
constexpr auto kGood = std::to_array<Case>({
    {"return=/recibido", "/recibido||||"},
    {"return=/recibido; format=pades; name=solicitud.pdf; title=Alta; procedure=P1",
     "/recibido|pades|solicitud.pdf|Alta|P1"},
    {"procedure=P1;title=Alta;name=a;format=none;return=/", "/|none|a|Alta|P1"},
    {" \treturn=/recibido ;\tformat=xades ", "/recibido|xades|||"},
    {";;return=/recibido; ;", "/recibido||||"},  // RFC 9110: a parameter may be missing
    {"return=/recibido?n=1&m=a=b", "/recibido?n=1&m=a=b||||"},
    {"return=\"/recibido?n=1;m=2,3\"", "/recibido?n=1;m=2,3||||"},
    {"return=/r; title=\"Alta de \\\"beneficiario\\\"; \\\\ n.º 1\"",
     "/r|||Alta de \"beneficiario\"; \\ n.º 1|"},
    {"return=/r; format=\"cades\"", "/r|cades|||"},
    {"return=/r; name=\"../a.pdf\"", "/r||../a.pdf||"},  // made harmless where it is used
});

constexpr auto kBad = std::to_array<std::string_view>({
    "",
    ";",
    "format=cades",
    "return=/r; upgrade=es-t",
    "return=/r; upgrade=ES-T; upgrade=ES-T",
    "/recibido",
    "return",
    "return=",
    "return=\"\"",
    "return=/r return=/s",
    "return=/r, format=cades",
    "return=/r; =x",
    "return=/r; title",
    "return=/r; title=",
    "return=/r; title=\"\"",
    "return=/r; title=Alta de beneficiario",
    "return=/r; title=\"Alta",
    "return=/r; title=\"Alta\\",
    "return=/r; title=\"Alta\"x",
    "return=/r; title=a\"b",
    "return=/r; title=\\a",
    "return = /r",
    "Return=/r",
    "return=/r; format=pdf",
    "return=/r; format=CADES",
    "return=/r; operation=sign",
    "return=/r; x=1",
    "return=/r; title=a; title=a",
    "return=/r; return=/s",
    "return=/r; format=cades; format=cades",
    "return=/r; title=\"\x01\"",
    "return=/r; title=\"\xE2\x80\xAE"
    "fdp\"",
    "return=/r; title=\"\xF1\"",
    "return=/r; name=\"a\nb\"",
    // elsewhere, or to somebody who leads elsewhere
    "return=recibido",
    "return=https://evil.example/",
    "return=//evil.example/",
    "return=/\\evil.example",
    "return=\"/\\\\evil.example\"",
    "return=/%5cevil.example",
    "return=/%2fevil.example",
    "return=\"/a b\"",
    "return=\"/a\r\nSet-Cookie: a\"",
    "return=\"/\xC3\xB1\"",
    "return=/a#b",
    "return=/.clave/logout",
    "return=/.clave/sign/0000000000000000000000000000/",
});

void good_ones_are_understood(void**) {
    for (const Case& one : kGood) {
        static std::string got;
        static std::string expected;
        got = read(one.value);
        expected = one.read;
        assert_string_equal(got.c_str(), expected.c_str());
    }
}

void others_are_refused(void**) {
    for (const std::string_view value : kBad) {
        static std::string got;
        got = read(value);
        assert_string_equal(got.c_str(), "E-SIGN-HEADER");
    }
    static const std::string longest = read("return=/r; title=" + std::string(200, 'a'));
    assert_string_not_equal(longest.c_str(), "E-SIGN-HEADER");
    static const std::string longer = read("return=/r; title=" + std::string(201, 'a'));
    assert_string_equal(longer.c_str(), "E-SIGN-HEADER");
    static const std::string far = read("return=/" + std::string(1024, 'a'));
    assert_string_equal(far.c_str(), "E-SIGN-HEADER");
}

struct Guarded {
    std::string_view guard, value;
};
constexpr auto kGuarded = std::to_array<Guarded>({
    {"sign header repeated", "return=/r; title=a; title=b"},
    {"sign header characters",
     "return=/r; title=\"\xE2\x80\xAE"
     "a\""},
    {"sign header upgrade", "return=/r; upgrade=ES-Z"},
    {"sign header return", "return=//evil.example/"},
    {"sign header own path", "return=/.clave/sign/0000000000000000000000000000/"},
});

void the_guards_are_what_refuses(void**) {
    for (const Guarded& one : kGuarded) {
        static std::string got;
        got = without_guard(one.guard, [&] { return read(one.value); });
        assert_string_not_equal(got.c_str(), "E-SIGN-HEADER");
    }
    static const std::string longer = without_guard(
        "sign header length", [] { return read("return=/r; title=" + std::string(201, 'a')); });
    assert_string_not_equal(longer.c_str(), "E-SIGN-HEADER");
}

// What is wrong is said without what was sent: it goes to a log.
void the_reason_repeats_no_value(void**) {
    for (const std::string_view value :
         {"return=/r; title=\"00000000T\x01\""sv, "return=https://00000000T/"sv, "00000000T=1"sv,
          "return=/r; format=00000000T"sv, "return=/r; name=00000000T 1"sv}) {
        static bool told;
        told = [&] {
            const auto header = read_sign_header(test::test_site(), value);
            return header.has_value() || header.error().detail.empty() ||
                   header.error().detail.find("00000000T") != std::string::npos;
        }();
        assert_false(told);
    }
}

void what_it_does_not_say_the_location_does(void**) {
    static const std::string told = [] {
        SignOrder location;
        location.format = SignFormat::xades;
        location.title = "Alta";
        location.procedure = "P1";
        SignHeader header;
        header.deliver = "/r";
        header.title = "Baja";
        const SignOrder order = order_with(location, header).value_or(SignOrder());
        return order.deliver + " " + order.title + " " + order.procedure + " " +
               (order.format == SignFormat::xades ? "xades" : "other");
    }();
    assert_string_equal(told.c_str(), "/r Baja P1 xades");
}

std::string upgrade_with(std::string_view value) {
    SignOrder location;
    location.upgrade = "LTA-LEVEL";
    const auto header = read_sign_header(test::test_site(), value);
    const auto order = order_with(location, header.value_or(SignHeader()));
    return order ? order->upgrade : std::string(info(order.error().code).word);
}

// A location that asks for more than fits into what an application chooses.
void format_and_upgrade_have_to_go_together(void**) {
    static const std::string told = upgrade_with("return=/r") + " " +
                                    upgrade_with("return=/r; upgrade=ES-T") + " " +
                                    upgrade_with("return=/r; format=pades") + " " +
                                    upgrade_with("return=/r; format=pades; upgrade=T-LEVEL");
    assert_string_equal(told.c_str(), "LTA-LEVEL ES-T E-SIGN-HEADER T-LEVEL");
}

// --- what a document is ---

std::string type_in_pieces(std::string_view bytes, std::size_t piece, std::string_view claimed) {
    DocumentKind type;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        type.feed(bytes.substr(at, piece));
    }
    return type.media_type(claimed);
}

struct Typed {
    std::string_view bytes, claimed, type;
};
constexpr auto kTyped = std::to_array<Typed>({
    {"%PDF-1.4\n\xFF", "text/plain", "application/pdf"},
    {"\x89PNG\r\n\x1A\n\xFF", "", "image/png"},
    {"%PDF", "application/pdf", "text/plain"},
    {"hola", "", "text/plain"},
    {"<p>hola", "text/html; charset=utf-8", "text/html"},
    {"<a/>", "application/xml", "application/xml"},
    {"<svg/>", "image/svg+xml", "text/plain"},
    {"ma\xC3\xB1"
     "ana \xE2\x82\xAC \xF0\x9F\x98\x80",
     "", "text/plain"},
    {"\xF0\x9F\x98\x80", "", "text/plain"},
    {"", "", "text/plain"},
    {"a\xC3", "text/plain", "application/octet-stream"},
    {"a\xF0\x9F\x98", "text/plain", "application/octet-stream"},
    {"a\xC3(", "text/plain", "application/octet-stream"},
    {"\xE2\x82(", "text/html", "application/octet-stream"},
    {"\xC3\xC3\xB1", "", "application/octet-stream"},
    {"\xB1", "", "application/octet-stream"},
    {"\xED\xA0\x80", "", "application/octet-stream"},
    {"a\0b"sv, "text/plain", "application/octet-stream"},
});

void a_document_is_what_its_bytes_are_in_any_pieces(void**) {
    for (const Typed& one : kTyped) {
        for (std::size_t piece = 1; piece <= 10; ++piece) {
            static std::string got;
            static std::string expected;
            got = type_in_pieces(one.bytes, piece, one.claimed);
            expected = one.type;
            assert_string_equal(got.c_str(), expected.c_str());
        }
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(good_ones_are_understood),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(the_guards_are_what_refuses),
        cmocka_unit_test(the_reason_repeats_no_value),
        cmocka_unit_test(what_it_does_not_say_the_location_does),
        cmocka_unit_test(format_and_upgrade_have_to_go_together),
        cmocka_unit_test(a_document_is_what_its_bytes_are_in_any_pieces),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
