// What a stranger sends must mean one thing only, and what we write must arrive as it was meant.
#include "cmocka_cpp.h"

#include <array>
#include <string>
#include <string_view>

#include "clave/encoding.h"
#include "without_guard.h"

namespace {

using namespace clave;
using namespace std::string_view_literals;

struct Pair {
    const char* plain;
    const char* encoded;
};
// RFC 4648 section 10.
constexpr auto kPublished = std::to_array<Pair>({{"", ""},
                                                 {"f", "Zg=="},
                                                 {"fo", "Zm8="},
                                                 {"foo", "Zm9v"},
                                                 {"foob", "Zm9vYg=="},
                                                 {"fooba", "Zm9vYmE="},
                                                 {"foobar", "Zm9vYmFy"}});

const char* first_wrong_base64() {
    for (const Pair& pair : kPublished) {
        if (base64_encode(as_bytes(pair.plain)) != pair.encoded ||
            base64_decode(pair.encoded) != pair.plain) {
            return pair.encoded;
        }
    }
    return "";
}

void base64_is_that_of_rfc_4648(void**) {
    assert_string_equal(first_wrong_base64(), "");
}

bool base64_accepts(std::string_view text) {
    return base64_decode(text).has_value();
}

void base64_passes_over_line_breaks_only(void**) {
    assert_true(base64_decode("Zm9v\r\nYmFy\n") == "foobar");
    assert_true(base64_decode("Zg=\n=\r\n") == "f");
    assert_false(base64_accepts("Zm9v YmFy"));
    assert_false(base64_accepts("Zm9v\tYmFy"));
}

// Checklist S-34.
void base64_refuses_every_second_spelling(void**) {
    assert_false(base64_accepts("_-8="));      // the other alphabet
    assert_false(base64_accepts("Zg"));        // no padding
    assert_false(base64_accepts("Zg="));       // half of it
    assert_false(base64_accepts("Zm9v===="));  // padding of nothing
    assert_false(base64_accepts("Zm9v="));
    assert_false(base64_accepts("Zg==Zg=="));  // text after padding
    assert_false(base64_accepts("Zm8=\n="));
    assert_false(base64_accepts("Zh=="));  // trailing bits
    assert_false(base64_accepts("Zm9="));
    assert_false(base64_accepts("Z"));
    assert_false(base64_accepts("Zm9vY"));
    assert_false(base64_accepts("="));
    assert_false(base64_accepts("Zm\0v"sv));
    assert_false(base64_accepts("Zm9\xC3"));
    assert_false(base64_accepts("Zm9v;"));
}

void base64_guards_bear_load(void**) {
    assert_true(without_guard("base64 padding", [] { return base64_accepts("Zg"); }));
    assert_true(without_guard("base64 trailing bits", [] { return base64_accepts("Zh=="); }));
    assert_true(without_guard("base64 text after padding", [] { return base64_accepts("Z=g="); }));
}

bool url_accepts(std::string_view text) {
    return base64url_decode(text).has_value();
}

bool url_round_trip(std::string_view plain) {
    const auto decoded = base64url_decode(base64url_encode(as_bytes(plain)));
    return decoded && as_text(*decoded) == plain;
}

void base64url_has_one_spelling(void**) {
    assert_true(base64url_encode(as_bytes("\xFB\xFF\xFE")) == "-__-");
    assert_true(url_round_trip(""));
    assert_true(url_round_trip("f"));
    assert_true(url_round_trip("fo\0bar"sv));
    assert_false(url_accepts("+//+"));
    assert_false(url_accepts("Zg=="));
    assert_false(url_accepts("Zm9v\n"));
    assert_false(url_accepts("Zm9v "));
    assert_false(url_accepts("Z"));
    assert_false(url_accepts("Zh"));
    assert_true(without_guard("base64url trailing bits", [] { return url_accepts("Zh"); }));
}

bool url_fills(std::size_t bytes, std::string_view text) {
    std::array<std::byte, 8> out{};
    return base64url_decode_to(std::span(out).first(bytes), text);
}

void base64url_fills_exactly(void**) {
    assert_true(url_fills(3, "Zm9v"));
    assert_true(url_fills(0, ""));
    assert_false(url_fills(2, "Zm9v"));
    assert_false(url_fills(4, "Zm9v"));
    assert_false(url_fills(3, "Zm9"));
}

// Every text of four characters over an alphabet with all that is special.
int texts_that_do_not_re_encode() {
    constexpr std::string_view kLetters = "AQgw/-= \n";
    int wrong = 0;
    std::string text(4, ' ');
    for (const char a : kLetters) {
        for (const char b : kLetters) {
            for (const char c : kLetters) {
                for (const char d : kLetters) {
                    text = {a, b, c, d};
                    const auto decoded = base64_decode(text);
                    std::erase(text, '\n');
                    wrong += decoded && base64_encode(as_bytes(*decoded)) != text ? 1 : 0;
                }
            }
        }
    }
    return wrong;
}

void accepted_base64_re_encodes_to_itself(void**) {
    assert_int_equal(texts_that_do_not_re_encode(), 0);
}

void hexadecimal_is_lower_case(void**) {
    assert_true(hex_encode(as_bytes("\x00\x9F\xAb"sv)) == "009fab");
}

void percent_encoding_leaves_the_unreserved(void**) {
    assert_true(percent_encode("AZaz09-._~") == "AZaz09-._~");
    assert_true(percent_encode("Peña & \r\n%") == "Pe%C3%B1a%20%26%20%0D%0A%25");
}

void markup_is_escaped(void**) {
    assert_true(html_escape("<a b=\"c\" d='e'>&\n") ==
                "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;\n");
    assert_true(xml_escape("<\t\r\n'\">&") == "&lt;&#9;&#13;&#10;&#39;&quot;&gt;&amp;");
}

// RFC 3629 section 10 and the ends of each range.
constexpr auto kUtf8 = std::to_array<const char*>(
    {"", "A", "Peña", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
     "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "Ω€𐍈"});
constexpr auto kNotUtf8 = std::to_array<const char*>(
    {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC2",
     "\xC2"
     "A",
     "\xE0\x9F\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xE2\x82", "\xF0\x8F\xBF\xBF",
     "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "caf\xE9",
     "A\xE2\x82"
     "A"});

template <class Table>
const char* first_where_utf8_is_not(const Table& table, bool valid) {
    for (const char* text : table) {
        if (is_valid_utf8(text) != valid) {
            return text[0] == '\0' ? "(empty)" : text;
        }
    }
    return "";
}

void utf8_is_that_of_rfc_3629(void**) {
    assert_string_equal(first_where_utf8_is_not(kUtf8, true), "");
    assert_string_equal(first_where_utf8_is_not(kNotUtf8, false), "");
}

// Checklist S-66.
constexpr auto kWithControls =
    std::to_array<std::string_view>({"\0"sv, "a\tb", "a\r", "\n", "\x1F", "\x7F", "\u0080",
                                     "\u009F", "\u202A", "\u202E", "\u2066", "x\u2069y"});
constexpr auto kWithout = std::to_array<std::string_view>(
    {"", " ~", "\u00A0", "Àé", "\u2029", "\u202F", "\u2065", "\u206A", "\u20AC", "\u3000"});

template <class Table>
int how_many_have_controls(const Table& table) {
    int count = 0;
    for (const std::string_view text : table) {
        count += has_control_characters(text) ? 1 : 0;
    }
    return count;
}

void control_characters_are_found(void**) {
    assert_int_equal(how_many_have_controls(kWithControls), kWithControls.size());
    assert_int_equal(how_many_have_controls(kWithout), 0);
}

struct ForLog {
    std::string_view text, ascii;
};
constexpr auto kForLog = std::to_array<ForLog>({
    {"", ""},
    {"E-SIG 5 ~", "E-SIG 5 ~"},
    {"La operación ha sido cancelada. ¡Añádala!", "La operacion ha sido cancelada. !Anadala!"},
    {"ÀÈÍÓÚÜÑÇ àèíóúüñç l·l 1ª 2º", "AEIOUUNC aeiouunc l.l 1a 2o"},
    {"a\tb\r\n\x7F", "a?b???"},
    {"\u0085\u00FF\u0100\u20AC\U0001F600", "?y???"},
    {"caf\xE9 \xC3", "caf? ?"},
    {"\xE2\x82z\xC0\xAF", "??z??"},
});

void texts_for_the_log_are_ascii(void**) {
    for (const ForLog& one : kForLog) {
        assert_string_equal(ascii_text(one.text).c_str(), std::string(one.ascii).c_str());
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(base64_passes_over_line_breaks_only),
        cmocka_unit_test(base64_refuses_every_second_spelling),
        cmocka_unit_test(base64_guards_bear_load),
        cmocka_unit_test(base64url_has_one_spelling),
        cmocka_unit_test(base64url_fills_exactly),
        cmocka_unit_test(accepted_base64_re_encodes_to_itself),
        cmocka_unit_test(hexadecimal_is_lower_case),
        cmocka_unit_test(percent_encoding_leaves_the_unreserved),
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(utf8_is_that_of_rfc_3629),
        cmocka_unit_test(control_characters_are_found),
        cmocka_unit_test(texts_for_the_log_are_ascii),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
