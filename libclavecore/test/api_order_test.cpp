// What an application may order, and what it is told of everything else: a member that we do not
// know is no silent default, and nothing of an order is repeated (product.md section 5).
#include "cmocka_cpp.h"

#include <array>
#include <string>
#include <string_view>

#include "clave/encoding.h"
#include "sign/api_order.h"
#include "sign/document_kind.h"
#include "without_guard.h"
#include "zone_fixture.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr std::string_view kDigest =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

// The good order, with `from` replaced by `to`.
std::string order_with(std::string_view from, std::string_view to) {
    std::string json = R"({"nif":"00000000T","session":"0123456789abcdef","format":"cades",)"
                       R"("operation":"sign","title":"Alta","procedure":"P1","return":"/r?n=1",)"
                       R"("idempotency_key":"k-1","documents":[{"id":"d1","name":"á b.txt",)"
                       R"("type":"text/plain","sha256":")" +
                       std::string(kDigest) + R"("}]})";
    const std::size_t at = json.find(from);
    return at == std::string::npos ? "no " + std::string(from) : json.replace(at, from.size(), to);
}

Result<ApiOrder> read(std::string_view json) {
    Site site;
    site.origin = "https://sede.example";
    return read_order(site, json, 2);
}

std::string verdict(std::string_view json) {
    const auto order = read(json);
    return order ? "ok" : std::string(info(order.error().code).word) + " " + order.error().detail;
}

struct Case {
    std::string_view from, to;
    std::string_view verdict;  // begins with
};
constexpr auto kCases = std::to_array<Case>({
    {"\"nif\"", "\"nif\"", "ok"},
    {R"("session":"0123456789abcdef",)", "", "ok"},
    {R"("operation":"sign",)", "", "ok"},
    {R"("procedure":"P1",)", "", "ok"},
    {"cades", "none", "ok"},
    {"00000000T", "X0000000T", "ok"},

    {"\"cades\"", "\"cades\",\"upgrade\":\"LTA-LEVEL\"", "ok"},
    {"\"cades\"", "\"cades\",\"upgrade\":\"LTA\"", R"(E-API-FIELD "upgrade" should be)"},
    {"\"cades\"", "\"none\",\"upgrade\":\"ES-T\"", R"(E-API-FIELD "upgrade" is not for)"},

    {"00000000T", "00000000A", R"(E-API-FIELD "nif" should be)"},
    {"00000000T", "00000000t", R"(E-API-FIELD "nif" should be)"},
    {R"("nif":"00000000T")", R"("nif":null)", R"(E-API-FIELD "nif" should be a string)"},
    {R"("nif":"00000000T",)", "", R"(E-API-FIELD "nif" is missing)"},
    {R"("nif":"00000000T")", R"("nif":"")", R"(E-API-FIELD "nif" should have)"},
    {R"("nif":)", R"("NIF":)", R"(E-API-FIELD "nif" is missing)"},
    {"0123456789abcdef\"", "0123456789ABCDEF\"", R"(E-API-FIELD "session")"},
    {"0123456789abcdef\"", "0123456789abcde\"", R"(E-API-FIELD "session")"},
    {"cades", "CAdES", R"(E-API-FIELD "format")"},
    {"\"sign\"", "\"cosign\"", R"(E-API-FIELD "operation")"},
    {"\"Alta\"", "\"A\\u202eB\"", R"(E-API-FIELD "title" has control)"},
    {"\"Alta\"", "\"A\\nB\"", R"(E-API-FIELD "title" has control)"},
    {"\"Alta\"", "\"A\\u0000B\"", "E-API-FMT"},
    {"\"Alta\"", "7", R"(E-API-FIELD "title" should be a string)"},
    {"/r?n=1", "r", R"(E-API-FIELD "return")"},
    {"/r?n=1", "//evil.example", R"(E-API-FIELD "return")"},
    {"/r?n=1", "/\\\\evil.example", R"(E-API-FIELD "return")"},
    {"/r?n=1", "https://sede.example/r", R"(E-API-FIELD "return")"},
    {"/r?n=1", "/.clave/logout", R"(E-API-FIELD "return")"},
    {"/r?n=1", "/.clave/sign/0000000000000000000000000000/", R"(E-API-FIELD "return")"},
    {"\"k-1\"", "\"k 1\"", R"(E-API-FIELD "idempotency_key")"},
    {"\"k-1\"", "\"\"", R"(E-API-FIELD "idempotency_key")"},
    {"\"k-1\"", "\"k\",\"urgent\":true", "E-API-FIELD a member that is not known"},
    {"\"d1\"", "\"d1\",\"x\":1", "E-API-FIELD \"documents[0]\" has a member"},
    {"\"d1\"", "\"..\"", R"(E-API-FIELD "documents[0].id")"},
    {"\"d1\"", "\"a/b\"", R"(E-API-FIELD "documents[0].id")"},
    {"á b.txt", "../b.txt", R"(E-API-FIELD "documents[0].name")"},
    {"á b.txt", "a\\\"b", R"(E-API-FIELD "documents[0].name")"},
    {"text/plain", "text", R"(E-API-FIELD "documents[0].type")"},
    {"text/plain", "text/plain; charset=utf-8", R"(E-API-FIELD "documents[0].type")"},
    {"text/plain", "/plain", R"(E-API-FIELD "documents[0].type")"},
    {kDigest, "0123456789ABCDEF", R"(E-API-FIELD "documents[0].sha256")"},
    {"cades", "pades", R"(E-API-FIELD "documents[0].type")"},
    {"\"k-1\"", "\"k\",\"stop_on_error\":false", "ok"},
    {"\"k-1\"", "\"k\",\"stop_on_error\":true", R"(E-API-FIELD "stop_on_error" is for several)"},
    {"\"k-1\"", "\"k\",\"stop_on_error\":1", R"(E-API-FIELD "stop_on_error" should be)"},
    {R"([{"id")", R"(["d",{"id")", R"(E-API-FIELD "documents[0]" should be)"},
    {R"([{"id")", R"([1,2,{"id")", R"(E-API-FIELD "documents" should be)"},
    {R"("documents":[)", R"("documents":[],"documents":[)", "E-API-FMT"},
    {R"({"nif":"00000000T")", R"([)", "E-API-FMT"},
    {"}]}", "}]", "E-API-FMT"},
    {"}]}", "}]} x", "E-API-FMT"},
    {"Alta", "\xFF", "E-API-FMT"},
});

void an_order_is_read_strictly(void**) {
    for (const Case& one : kCases) {
        static std::string got, expected;
        got = verdict(order_with(one.from, one.to));
        expected = one.verdict;
        if (!got.starts_with(expected)) {
            assert_string_equal(got.c_str(), (expected + " ← " + std::string(one.to)).c_str());
        }
    }
}

void what_is_ordered_is_what_was_said(void**) {
    static const std::string all = [] {
        const auto order = read(order_with("nif", "nif"));
        return order->nif + " " + order->session + " " + order->title + " " + order->procedure +
               " " + order->target + " " + order->idempotency_key + " " + order->documents[0].id +
               " " + order->documents[0].name + " " + order->documents[0].media_type + " " +
               hex_encode(order->documents[0].sha256);
    }();
    static const std::string expected =
        "00000000T 0123456789abcdef Alta P1 /r?n=1 k-1 d1 á b.txt text/plain " +
        std::string(kDigest);
    assert_string_equal(all.c_str(), expected.c_str());
}

// An application that sends its order again may write it in another way.
void the_same_order_has_the_same_meaning(void**) {
    static const bool same = [] {
        const auto order = read(order_with("Alta", "Alta"));
        const auto again = read(order_with("{\"nif\":\"00000000T\",\"session\"",
                                           " {\"nif\" : \"\\u00300000000T\",\n \"session\""));
        const auto other = read(order_with("Alta", "Baja"));
        return order->meaning == again->meaning && order->meaning != other->meaning;
    }();
    assert_true(same);
}

// Each of them is what refuses, and nothing behind it does.
void no_guard_of_an_order_is_for_nothing(void**) {
    struct Guarded {
        const char* guard;
        std::string_view from, to;
    };
    for (const Guarded& one : {Guarded{"api nif", "00000000T", "00000000A"},
                               {"api session", "\"0123456789abcdef\"", "\"x\""},
                               {"api operation", "\"sign\"", "\"cosign\""},
                               {"api upgrade", "\"cades\"", "\"cades\",\"upgrade\":\"LTA\""},
                               {"api control characters", "\"Alta\"", "\"A\\nB\""},
                               {"api return", "/r?n=1", "//evil.example"},
                               {"api idempotency_key", "k-1", "k 1"},
                               {"api id", "\"d1\"", "\"..\""},
                               {"api name", "á b.txt", "../b"},
                               {"api type", "text/plain", "text"},
                               {"api unknown member", "\"k-1\"", "\"k\",\"urgent\":true"}}) {
        static std::string json, without;
        json = order_with(one.from, one.to);
        without = without_guard(one.guard, [] { return verdict(json); });
        assert_string_equal(without.c_str(), "ok");
        assert_string_not_equal(verdict(json).c_str(), "ok");
    }
}

void a_document_is_announced_once(void**) {
    static const std::string twice = [] {
        const std::string json = order_with("nif", "nif");
        const std::size_t at = json.find('[');
        const std::string document = json.substr(at + 1, json.find(']') - at - 1);
        return order_with("}]}", "}," + document + "]}");
    }();
    static const std::string said = verdict(twice);
    assert_string_equal(said.c_str(),
                        "E-API-FIELD \"documents[1].id\" is that of another document");
    static const std::string without =
        without_guard("api document twice", [] { return verdict(twice); });
    assert_string_equal(without.c_str(), "ok");
}

// --- what a document is, however it is cut

std::string kind_of(std::string_view bytes, std::size_t piece) {
    DocumentKind kind;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        kind.feed(bytes.substr(at, piece));
    }
    return kind.media_type("text/html");
}

void a_document_in_pieces_is_what_it_is_whole(void**) {
    struct Kind {
        std::string_view bytes, type;
    };
    for (const Kind& one : {Kind{"%PDF-1.7\n\xE2\xE3", "application/pdf"},
                            {"\x89PNG\r\n\x1A\n....", "image/png"},
                            {"España €uro 𝄞 fin", "text/html"},
                            {"Espa\xF1"
                             "a en Latin-1",
                             "application/octet-stream"},
                            {std::string_view("a\0b", 3), "application/octet-stream"},
                            {"media letra \xE2\x82", "application/octet-stream"}}) {
        for (std::size_t piece = 1; piece <= one.bytes.size(); ++piece) {
            static std::string got, expected;
            got = kind_of(one.bytes, piece);
            expected = one.type;
            assert_string_equal(got.c_str(), expected.c_str());
        }
    }
}

// --- what is kept of it

Transaction ordered(std::size_t documents) {
    Transaction made;
    made.service = "S;X@https://sede.example";
    made.nif = "00000000T";
    made.unclaimed = true;
    made.only_session = "0123456789abcdef";
    for (std::size_t i = 0; i < documents; ++i) {
        AnnouncedDocument one;
        one.id = "d" + std::to_string(i);
        one.name = "a.txt";
        one.media_type = "text/plain";
        one.size = i + 1;
        one.sha256 = key_of(i);
        one.state = i == 0 ? DocumentState::finished : DocumentState::failed;
        one.reason = SignReason::blocked;
        one.fetched = i == 0;
        one.signature_sha256 = key_of(100 + i);
        made.documents.push_back(std::move(one));
    }
    describe_documents(made);
    return made;
}

void a_record_has_its_documents(void**) {
    static const bool same = [] {
        for (const std::size_t count : {1U, 2U, 10U}) {
            const auto record = encode(ordered(count));
            const auto read = record ? decode_transaction(*record) : std::nullopt;
            const auto again = read ? encode(*read) : record;
            if (!read || !again || *again != *record || read->documents.size() != count ||
                !read->unclaimed || read->only_session != "0123456789abcdef" ||
                read->documents.back().reason != SignReason::blocked) {
                return false;
            }
        }
        return true;
    }();
    assert_true(same);
    static const bool none_of_its_beginnings = [] {
        const auto record = encode(ordered(2));
        for (std::size_t size = 0; size < record->size(); ++size) {
            if (decode_transaction(std::span(*record).first(size))) {
                return false;
            }
        }
        return true;
    }();
    assert_true(none_of_its_beginnings);
}

// One confirmation for all of them: another document, name or order of them is another one (F-05).
void several_documents_have_one_digest(void**) {
    static const bool differ = [] {
        const Transaction is = ordered(3);
        Transaction other = is;
        other.documents[2].sha256 = key_of(50);
        describe_documents(other);
        Transaction renamed = is;
        renamed.documents[1].name = "b.txt";
        describe_documents(renamed);
        Transaction turned = is;
        std::swap(turned.documents[0], turned.documents[1]);
        describe_documents(turned);
        return is.sha256 != other.sha256 && is.sha256 != renamed.sha256 &&
               is.sha256 != turned.sha256 && is.size == 6;
    }();
    assert_true(differ);
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_read_strictly),
        cmocka_unit_test(what_is_ordered_is_what_was_said),
        cmocka_unit_test(the_same_order_has_the_same_meaning),
        cmocka_unit_test(no_guard_of_an_order_is_for_nothing),
        cmocka_unit_test(a_document_is_announced_once),
        cmocka_unit_test(a_document_in_pieces_is_what_it_is_whole),
        cmocka_unit_test(a_record_has_its_documents),
        cmocka_unit_test(several_documents_have_one_digest),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
