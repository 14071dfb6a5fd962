// What we write for FIRe and how we read it, without a network.
#include "cmocka_cpp.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "clave/crypto.h"
#include "clave/encoding.h"
#include "sign/fire_answer.h"
#include "sign/fire_form.h"
#include "sign/java_properties.h"
#include "without_guard.h"

namespace {

using namespace clave;

// --- base64 and forms (protocol section 0, 2) ---

void base64_has_the_alphabet_of_urls_and_padding(void**) {
    static const std::string whole = fire_base64("\xfb\xef\xff");
    static const std::string two = fire_base64("\xff\xff");
    static const std::string one = fire_base64("\xff");
    assert_string_equal(whole.c_str(), "--__");
    assert_string_equal(two.c_str(), "__8=");
    assert_string_equal(one.c_str(), "_w==");
    assert_int_equal(fire_base64_size(0), 0);
    assert_int_equal(fire_base64_size(1), 4);
    assert_int_equal(fire_base64_size(3), 4);
    assert_int_equal(fire_base64_size(4), 8);
}

void values_of_a_form_cannot_become_fields(void**) {
    static const std::string body =
        FireForm(1, "APP&op=99").text("subjectid", "a=b&c d+%é").base64("config", "k=v\n").body();
    assert_string_equal(body.c_str(),
                        "op=1&appid=APP%26op%3D99&subjectid=a%3Db%26c%20d%2B%25%C3%A9"
                        "&config=az12Cg==");
}

// --- F-05, F-11: the document inside the body ---

class File {
  public:
    explicit File(std::string_view text) {
        char path[] = "/tmp/clave-fire-XXXXXX";
        file_ = ::mkstemp(path);
        ::unlink(path);
        rewrite(text);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() { ::close(file_); }
    void rewrite(std::string_view text) const {
        static_cast<void>(::ftruncate(file_, 0) == 0 &&
                          ::pwrite(file_, text.data(), text.size(), 0) > 0);
    }
    FireDocument frozen(std::string_view text) const { return {file_, text.size(), sha256(text)}; }

  private:
    int file_;
};

struct Sent {
    std::string text;
    bool complete = false;
    bool right_size = false;
};

Sent send(std::string_view frozen, std::string_view now, std::size_t piece) {
    const File file(now);
    FireBody body(FireForm(1, "A"), file.frozen(frozen));
    Sent sent;
    std::string block(piece, '\0');
    for (;;) {
        const auto got = body.read(std::as_writable_bytes(std::span(block)));
        if (!got) {
            break;
        }
        if (*got == 0) {
            sent.complete = true;
            break;
        }
        sent.text.append(block, 0, *got);
    }
    sent.right_size = sent.text.size() == body.size();
    return sent;
}

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        text[i] = static_cast<char>(i * 131 % 251);
    }
    return text;
}

int wrong_bodies() {
    int wrong = 0;
    for (const std::size_t size : {1U, 2U, 3U, 12287U, 12288U, 12289U, 24576U, 100000U}) {
        const std::string document = pattern(size);
        for (const std::size_t piece : {7U, 16384U, 65536U}) {
            const Sent sent = send(document, document, piece);
            const bool right = sent.complete && sent.right_size &&
                               sent.text == "op=1&appid=A&dat=" + fire_base64(document);
            wrong += right ? 0 : 1;
        }
    }
    return wrong;
}

void f11_the_document_is_encoded_piece_by_piece(void**) {
    assert_int_equal(wrong_bodies(), 0);
}

bool any_other_document_is_sent_whole() {
    const std::string frozen = pattern(50000);
    std::string changed = frozen;
    changed.back() = static_cast<char>(changed.back() + 1);
    std::string longer = frozen + "x";
    bool sent = false;
    for (const std::string& now : {changed, longer, frozen.substr(1), std::string("short")}) {
        const Sent one = send(frozen, now, 16384);
        sent = sent || one.complete || one.right_size;
    }
    return sent;
}

void f05_a_document_that_changed_is_never_sent_whole(void**) {
    assert_false(any_other_document_is_sent_whole());
    assert_true(without_guard("FIRe document digest", any_other_document_is_sent_whole));
}

// --- properties ---

std::string written(std::string_view value) {
    return JavaProperties().set("docTitle", value).set("redirectOkUrl", "ok").text();
}

void properties_are_those_of_javas_own_writer(void**) {
    static const std::string plain = written("Sede de prueba ñ \\ 𝒜 a=b:c #!");
    assert_string_equal(plain.c_str(),
                        "docTitle=Sede de prueba \\u00F1 \\\\ \\uD835\\uDC9C a=b:c #!\n"
                        "redirectOkUrl=ok\n");
}

// As java.util.Properties reads: logical lines, escapes, white space.
std::vector<std::string> keys_read(const std::string& text) {
    std::vector<std::string> keys;
    bool continued = false;
    std::string line;
    for (const char c : text + "\n") {
        if (c == '\n' || c == '\r' || c == '\f') {
            const auto slashes = line.size() - (line.find_last_not_of('\\') + 1);
            const auto begin = line.find_first_not_of(" \t");
            if (!continued && begin != std::string::npos) {
                keys.push_back(line.substr(begin, line.find_first_of("=: \t", begin) - begin));
            }
            continued = slashes % 2 == 1;
            line.clear();
        } else {
            line += c;
        }
    }
    return keys;
}

bool some_title_becomes_a_key() {
    const std::vector<std::string> hostile{
        "a\nredirectOkUrl=https://evil.example/",
        "a\r\nredirectOkUrl=x",
        "a\rredirectOkUrl=x",
        "a\\\nredirectOkUrl=x",
        "a\\",
        "a\\\\",
        "\n\n",
        "a\fredirectOkUrl=x",
        "a\xC2\x85redirectOkUrl=x",
        "a\xE2\x80\xA8redirectOkUrl=x",
        "a\\u000aredirectOkUrl=x",
        std::string("a\0b\nredirectOkUrl=x", 17),
        "\xFF\n\xC0\x8AredirectOkUrl=x",
        " \t= : redirectOkUrl",
        "a\xE2\x80\xAE"
        "b",
    };
    bool became = false;
    for (const std::string& title : hostile) {
        const auto keys = keys_read(written(title));
        became = became || keys != std::vector<std::string>{"docTitle", "redirectOkUrl"};
    }
    return became;
}

void a_hostile_title_adds_no_key(void**) {
    assert_false(some_title_becomes_a_key());
    assert_true(without_guard("FIRe config line break", some_title_becomes_a_key));
}

void titles_keep_their_letters_only(void**) {
    static const std::string turned = written("  x\xE2\x80\xAE\xE2\x81\xA6y\xFF");
    assert_string_equal(turned.c_str(), "docTitle=xy\\uFFFD\nredirectOkUrl=ok\n");
    assert_true(is_property_key("filters.1"));
    assert_false(is_property_key("a=b"));
    assert_false(is_property_key(""));
    assert_false(is_property_key("a\nb"));
}

// --- the five shapes of an error (protocol section 2.3) ---

struct Shape {
    const char* name;
    int status;
    const char* body;
    int code;
    SignReason reason;
};

constexpr Shape kShapes[] = {
    {"A", 403, R"({"c": 503, "m": "La transacción ha caducado."})", 503, SignReason::expired},
    {"A with a quotation mark", 500, R"({"c": 510, "m": "no se pudo "conectar""})", 510,
     SignReason::unavailable},
    {"A in Latin-1", 500, "{\"c\": 505, \"m\": \"firm\xF3\"}", 505, SignReason::gateway},
    {"A without spaces", 500, R"({"c":38,"m":""})", 38, SignReason::blocked},
    {"B", 500, R"({"result":{"state":-1,"ermsg":"bloqueados","ercod":38}})", 38,
     SignReason::blocked},
    {"D", 500, "Error al firmar el lote", 0, SignReason::unavailable},
    {"E", 413, "<!doctype html><html>", 0, SignReason::configuration},
    {"E of a proxy", 502, "<html>Bad Gateway</html>", 0, SignReason::unavailable},
    {"nothing", 500, "", 0, SignReason::unavailable},
    {"truncated", 500, R"({"c": 50)", 0, SignReason::unavailable},
    {"a huge code", 500, R"({"c": 99999999999999999999, "m": ""})", 0, SignReason::unavailable},
    {"a negative code", 500, R"({"c": -1, "m": ""})", 0, SignReason::unavailable},
    {"a redirect", 302, "", 0, SignReason::configuration},
};

int wrong_shapes() {
    int wrong = 0;
    for (const Shape& shape : kShapes) {
        const FireFailure failure = fire_failure(2, shape.status, parse_fire_refusal(shape.body));
        if (failure.code != shape.code || failure.reason != shape.reason ||
            failure.status != shape.status) {
            print_error("shape %s: code %d\n", shape.name, failure.code);
            ++wrong;
        }
    }
    const std::string deep = std::string(100000, '[');
    wrong += parse_fire_refusal(deep).code == 0 ? 0 : 1;
    const FireRefusal c = parse_fire_refusal(
        "{\n  \"transactionid\":\"ba25-7d\",\n  \"redirecturl\":\"https://o.example/ko\"\n}");
    wrong += c.code == 0 && c.transaction == "ba25-7d" ? 0 : 1;
    return wrong;
}

void f12_every_shape_of_an_error_is_understood(void**) {
    assert_int_equal(wrong_shapes(), 0);
}

void f12_every_code_has_a_reason(void**) {
    struct Row {
        int code;
        SignReason reason;
    };
    constexpr Row rows[] = {
        {2, SignReason::configuration},      {8, SignReason::configuration},
        {17, SignReason::configuration},     {21, SignReason::no_registration},
        {22, SignReason::no_certificate},    {23, SignReason::no_certificate},
        {24, SignReason::weak_registration}, {26, SignReason::gateway},
        {31, SignReason::gateway},           {32, SignReason::gateway},
        {38, SignReason::blocked},           {39, SignReason::no_certificate},
        {43, SignReason::configuration},     {49, SignReason::gateway},
        {55, SignReason::configuration},     {500, SignReason::unavailable},
        {502, SignReason::configuration},    {503, SignReason::expired},
        {504, SignReason::gateway},          {505, SignReason::gateway},
        {507, SignReason::cancelled},        {508, SignReason::gateway},
        {510, SignReason::unavailable},      {777, SignReason::gateway},
    };
    for (const Row& row : rows) {
        assert_int_equal(static_cast<int>(reason_of_fire(row.code)), static_cast<int>(row.reason));
    }
    assert_true(word(SignReason::cancelled) == "cancelled");
    assert_true(word(SignReason::configuration) == "configuration");
}

bool tells_nothing_of_fires_texts() {
    const FireFailure failure =
        fire_failure(2, 500, parse_fire_refusal(R"({"c": 505, "m": "12345678Z no existe"})"));
    return failure.detail.find("12345678Z") == std::string::npos;
}

void f19_the_log_has_nothing_of_fires_texts(void**) {
    assert_true(tells_nothing_of_fires_texts());
}

// --- results ---

struct Read {
    int state = -9;
    bool grace = false;
    std::string upgrade, certificate;
};

Read read_state(std::string_view body) {
    const auto state = parse_fire_state(body);
    if (!state) {
        return {};
    }
    return {state->state, state->composed.grace.has_value(), state->composed.upgrade,
            state->composed.certificate};
}

void results_are_read_whole_or_not_at_all(void**) {
    static const Read good =
        read_state(R"({"result":{"state":0,"prov":"clavefirma","cert":"AAEC","upgrade":"ES-T"}})");
    static const Read grace =
        read_state(R"({"result":{"state":1,"grace":{"id":"g-1","date":1795348800000}}})");
    assert_int_equal(good.state, 0);
    assert_string_equal(good.upgrade.c_str(), "ES-T");
    assert_int_equal(good.certificate.size(), 3);
    assert_true(grace.state == 1 && grace.grace);
    for (const char* body :
         {"", "{}", "[]", "null", R"({"result":{}})", R"({"result":{"state":"0"}})",
          R"({"result":{"state":7}})", R"({"result":{"state":1}})",
          R"({"result":{"state":0,"state":-1}})", R"({"result":{"state":0})",
          R"({"result":{"state":1,"grace":{"id":"a b","date":1}}})"}) {
        assert_int_equal(read_state(body).state, -9);
    }
}

std::string batch_summary(std::string_view body) {
    const auto state = parse_fire_batch(body);
    if (!state) {
        return "none";
    }
    std::string summary;
    for (const auto& id : state->signed_ids) {
        summary += id + " ";
    }
    return summary + "of " + std::to_string(state->batch.documents.size());
}

void f14_a_batch_says_for_each_document_whether_it_is_signed(void**) {
    static const std::string partial = batch_summary(
        R"({"prov":"p","cert":"AA==","batch":[{"id":"a","ok":true,"dt":"","errorm":""},
            {"id":"b","ok":false,"dt":"PRESIGN_ERROR"},
            {"id":"c","ok":true,"grace":{"id":"g","date":1}}]})");
    static const std::string twice =
        batch_summary(R"({"batch":[{"id":"a","ok":false},{"id":"a","ok":true}]})");
    static const std::string untold = batch_summary(R"({"batch":[{"id":"a"}]})");
    static const std::string text = batch_summary(R"({"batch":[{"id":"a","ok":"true"}]})");
    assert_string_equal(partial.c_str(), "a of 3");
    assert_string_equal(twice.c_str(), "none");
    assert_string_equal(untold.c_str(), "none");
    assert_string_equal(text.c_str(), "none");
}

void progress_is_between_nothing_and_all(void**) {
    assert_true(parse_fire_progress("0.0") == 0.0);
    assert_true(parse_fire_progress("1") == 1.0);
    for (const char* text : {"", "1.1", "-0.1", "nan", "0.5 ", "<html>"}) {
        assert_false(parse_fire_progress(text).has_value());
    }
}

// --- F-01: where the browser is sent ---

constexpr char kPublic[] = "https://fire.example/fire-signature";

bool ours(std::string_view url) {
    return is_our_redirect(url, kPublic, "3cdd-1");
}

bool a_foreign_host_is_taken() {
    return ours("https://evil.example/fire-signature/public/entry?transactionid=3cdd-1") ||
           ours("http://fire.example/fire-signature/public/entry?transactionid=3cdd-1") ||
           ours("https://fire.example.evil/fire-signature/public/entry?transactionid=3cdd-1") ||
           ours("https://fire.example/fire-signature/public/other?transactionid=3cdd-1") ||
           ours("https://fire.example/fire-signature/public/entry/../x?transactionid=3cdd-1");
}

bool a_foreign_transaction_is_taken() {
    const std::string entry = std::string(kPublic) + "/public/entry?";
    return ours(entry + "transactionid=3cdd-2&subjectref=AA") || ours(entry + "subjectref=AA") ||
           ours(entry + "transactionid=3cdd-1&transactionid=3cdd-2") ||
           ours(entry + "transactionid=3cdd-12") || ours(entry);
}

bool what_is_no_address_is_taken() {
    const std::string entry = std::string(kPublic) + "/public/entry?transactionid=3cdd-1";
    return ours("") || ours(entry + "\r\nSet-Cookie: a=b") || ours(entry + "\"><script>") ||
           ours(entry + "#x") || ours(entry + "&x=" + std::string(3000, 'a'));
}

void f01_the_browser_is_sent_to_fire_only(void**) {
    assert_true(
        ours("https://fire.example/fire-signature/public/entry?transactionid=3cdd-1"
             "&subjectref=772494E1736BDB596C9CAAB59C802EC3&language=es"));
    assert_false(a_foreign_host_is_taken());
    assert_false(what_is_no_address_is_taken());
    assert_true(without_guard("FIRe redirect prefix", a_foreign_host_is_taken));
}

void f03_the_browser_is_sent_to_its_own_transaction(void**) {
    assert_false(a_foreign_transaction_is_taken());
    assert_true(without_guard("FIRe redirect transaction", a_foreign_transaction_is_taken));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(base64_has_the_alphabet_of_urls_and_padding),
        cmocka_unit_test(values_of_a_form_cannot_become_fields),
        cmocka_unit_test(f11_the_document_is_encoded_piece_by_piece),
        cmocka_unit_test(f05_a_document_that_changed_is_never_sent_whole),
        cmocka_unit_test(properties_are_those_of_javas_own_writer),
        cmocka_unit_test(a_hostile_title_adds_no_key),
        cmocka_unit_test(titles_keep_their_letters_only),
        cmocka_unit_test(f12_every_shape_of_an_error_is_understood),
        cmocka_unit_test(f12_every_code_has_a_reason),
        cmocka_unit_test(f19_the_log_has_nothing_of_fires_texts),
        cmocka_unit_test(results_are_read_whole_or_not_at_all),
        cmocka_unit_test(f14_a_batch_says_for_each_document_whether_it_is_signed),
        cmocka_unit_test(progress_is_between_nothing_and_all),
        cmocka_unit_test(f01_the_browser_is_sent_to_fire_only),
        cmocka_unit_test(f03_the_browser_is_sent_to_its_own_transaction),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
