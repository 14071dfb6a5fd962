// The site's own look: what templates may say, where their placeholders may stand, and that nothing
// put into them becomes markup (S-74).
#include "cmocka_cpp.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "clave/look.h"
#include "login_fixture.h"
#include "pages/accent.h"
#include "pages/look.h"
#include "pages/page.h"
#include "pages/session_script.h"
#include "pages/template.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::pages;
using test::Seen;

constexpr TemplateSlot kSlots[] = {
    {"word", SlotKind::text, false},
    {"way", SlotKind::address, false},
    {"part", SlotKind::markup, false},
};

Seen filled(const char* text) {
    auto made = Template::compile(text, kSlots);
    if (!made) {
        return std::to_string(made.error().line) + ": " + made.error().what;
    }
    const Html part = fill("<b>{x}</b>", {{"x", "<&>"}});
    return made->fill({{"word", "\"><script>'&{{word}}"}, {"way", "/a?b=1&c=\"'"}, {"part", part}})
        .str();
}

bool refuses(const char* text, const char* because, int line = 1) {
    const std::string said = filled(text).c_str();
    if (said.starts_with(std::to_string(line) + ": ") && said.find(because) != std::string::npos) {
        return true;
    }
    std::printf("%s\n  says %s\n", text, said.c_str());
    return false;
}

void values_are_escaped_where_they_stand(void**) {
    assert_string_equal(filled("<p>{{ word }}</p>").c_str(),
                        "<p>&quot;&gt;&lt;script&gt;&#39;&amp;{{word}}</p>");
    assert_string_equal(filled("<p title=\"a {{word}}\">").c_str(),
                        "<p title=\"a &quot;&gt;&lt;script&gt;&#39;&amp;{{word}}\">");
    assert_string_equal(filled("<a href='{{way}}#x'>{{part}}</a>").c_str(),
                        "<a href='/a?b=1&amp;c=&quot;&#39;#x'><b>&lt;&amp;&gt;</b></a>");
    assert_string_equal(filled("{{way}} < 2 && a<3 }} <!-- no --> <!DOCTYPE html><br/>").c_str(),
                        "/a?b=1&amp;c=&quot;&#39; < 2 && a<3 }} <!-- no --> <!DOCTYPE html><br/>");
    assert_string_equal(filled("").c_str(), "");
}

void placeholders_have_their_places(void**) {
    assert_true(
        refuses("<p>\n\n{{wrod}}", "unknown placeholder \"wrod\"; did you mean \"word\"?", 3));
    assert_true(refuses("{{word", "without \"}}\""));
    assert_true(refuses("<p class={{word}}>", "needs quotes"));
    assert_true(refuses("<p {{word}}>", "between attributes"));
    assert_true(refuses("<p{{word}}>", "name of a tag"));
    assert_true(refuses("<p title=\"{{part}}\">", "is markup"));
    assert_true(refuses("<a href=\"{{word}}\">", "is no address"));
    assert_true(refuses("<a href=\"/x?y={{way}}\">", "is no address"));
    assert_true(refuses("<a\n href=\"/x?y={{word}}\">", "is no address", 2));
    assert_true(refuses("<!-- {{word}} -->", "a comment"));
    assert_true(refuses("</p {{word}}>", "a tag"));
}

void what_the_policy_forbids_is_refused(void**) {
    assert_true(refuses("<p>\n<script src=\"/a.js\"></script>", "scripts are not", 2));
    assert_true(refuses("<SCRIPT>x</SCRIPT>", "scripts are not"));
    assert_true(refuses("<style>p{}</style>", "inline style"));
    assert_true(refuses("<p STYLE='color:red'>", "inline style"));
    assert_true(refuses("<p onClick=\"x()\">", "inline script (\"onclick\")"));
    assert_true(refuses("<p/onclick=x>", "inline script"));
    assert_true(refuses("<a href=\" JavaScript:x()\">", "inline script"));
    assert_true(refuses("<img src=data:x>", "inline script or data"));
    assert_true(refuses("<img src=\"https://evil.example/x.png\">", "of another site"));
    assert_true(refuses("<img src=\"//evil.example/x.png\">", "of another site"));
    assert_true(
        refuses("<link rel=stylesheet href=\"http://evil.example/x.css\">", "another site"));
    assert_true(refuses("<form action=https://evil.example/>", "of another site"));
    assert_true(refuses("<iframe src=/x>", "<iframe> is not allowed"));
    assert_true(refuses("<base href=/x>", "<base> is not allowed"));
    assert_true(refuses("<meta http-equiv=refresh content=0>", "\"http-equiv\" is not allowed"));
    assert_string_equal(filled("<a href=\"https://www.example.gob.es/\">").c_str(),
                        "<a href=\"https://www.example.gob.es/\">");
}

void what_is_broken_is_refused(void**) {
    assert_true(refuses("<p\n", "a tag without an end", 2));
    assert_true(refuses("a\n<p title=\"", "without an end", 2));
    assert_true(refuses("<!-- ", "a comment without an end"));
    assert_true(
        refuses("a\nb \xff c", "the template is not in UTF-8; save it in that encoding", 2));
    assert_string_equal(filled("<p ===\"\"'>x").c_str(), "<p ===\"\"'>x");
}

bool is_required(const char* text, std::span<const TemplateSlot> slots, const char* missing) {
    const auto made = Template::compile(text, slots);
    return !made && made.error().what.find(missing) != std::string::npos;
}

void what_a_page_cannot_do_without_is_required(void**) {
    assert_true(is_required("{{actions}}", page_slots(), "{{reference}} is missing"));
    assert_true(is_required("{{reference}}", page_slots(), "{{actions}} is missing"));
    assert_true(is_required("{{lang}}{{title}}{{languages}}{{content}}", layout_slots(),
                            "{{banner}} is missing"));
}

// -- A directory of them ------------------------------------------------------------------------

class Directory {
  public:
    Directory() {
        char name[] = "/tmp/clave-look-XXXXXX";
        path_ = ::mkdtemp(name) != nullptr ? name : "";
    }
    ~Directory() { std::filesystem::remove_all(path_); }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    std::string write(const std::string& file, const std::string& text) const {
        std::ofstream(path_ + "/" + file, std::ios::binary) << text;
        return path_ + "/" + file;
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

std::string said(const LookWords& words, const Directory& directory) {
    const auto look = load_look(words);
    if (look) {
        return "good";
    }
    const LookMistake& wrong = look.error();
    std::string text = wrong.error.what + " | " + wrong.error.remedy;
    if (!wrong.file.empty()) {
        text += " in " + wrong.file + ":" + std::to_string(wrong.line);
    }
    for (std::size_t at = text.find(directory.path()); at != std::string::npos;
         at = text.find(directory.path())) {
        text.replace(at, directory.path().size(), "DIR");
    }
    return text;
}

Seen with_file(const char* file, const char* text) {
    const Directory directory;
    directory.write(file, text);
    LookWords words;
    words.pages = directory.path();
    return said(words, directory);
}

void templates_are_checked_by_name_and_line(void**) {
    assert_string_equal(with_file("cancelled.html", "{{actions}}{{reference}}").c_str(), "good");
    assert_string_equal(with_file("error.ca.html", "{{actions}}{{reference}}").c_str(), "good");
    assert_string_equal(with_file("notes.txt", "{{what}}").c_str(), "good");
    assert_string_equal(
        with_file("cancelled.html", "{{actions}}\n{{reference}}\n{{acions}}").c_str(),
        "unknown placeholder \"acions\"; did you mean \"actions\"? (known: "
        "\"title\", \"need\", \"ref\", \"phone\", \"onward\", \"home\", \"text\", "
        "\"actions\", \"reference\", \"links\") |  in DIR/cancelled.html:3");
    assert_string_equal(with_file("error.va.html", "").c_str(),
                        "\"DIR/error.va.html\" is for an unknown language | name it PAGE.html, or "
                        "PAGE.ca.html for Catalan alone");
    assert_non_null(std::strstr(with_file("canceled.html", "").c_str(),
                                "there is no page \"canceled\"; did you mean \"cancelled\"?"));
}

std::string shown(const Directory& directory, PageId page, Language language,
                  const LookWords& theme = {}) {
    LookWords words = theme;
    words.pages = directory.path();
    Site site = test::test_site();
    site.look = load_look(words).value();
    Facts facts;
    facts.ref = "7F3K-92QD";
    facts.onward = "/puntos/?a=\"><script>";
    facts.again = "c2VhbGVk";
    return render(page, site, facts, language);
}

bool templates_take_their_places() {
    const Directory directory;
    directory.write("layout.html",
                    "<html lang=\"{{lang}}\"><title>{{title}}</title>{{banner}}{{languages}}"
                    "<main>{{content}}</main>");
    directory.write("cancelled.html", "ALL {{actions}}{{reference}}<a href=\"{{onward}}\">x</a>");
    directory.write("cancelled.ca.html", "TOTS {{actions}}{{reference}}");
    const std::string spanish = shown(directory, PageId::cancelled, Language::es);
    const std::string catalan = shown(directory, PageId::cancelled, Language::ca);
    const std::string other = shown(directory, PageId::error, Language::ca);
    return spanish.starts_with("<html lang=\"es\"><title>No se ha completado") &&
           spanish.find("<main>ALL <p class=\"actions\">") != std::string::npos &&
           spanish.find("<script>") == std::string::npos &&
           catalan.find("<main>TOTS ") != std::string::npos &&
           catalan.find("ALL") == std::string::npos &&
           other.find("<h1>Alguna cosa ha fallat</h1>") != std::string::npos;
}

bool theme_is_everywhere() {
    const Directory directory;
    LookWords theme;
    theme.name = "Sede <de> Ejemplo";
    theme.footer = "Plaza & Mayor";
    theme.help_phone = "900 123 456";
    theme.accessibility = "/accesibilidad";
    theme.accent = "#7a1f3d";
    theme.css = directory.write("own.css", "h1 { color: red; }");
    theme.logo = directory.write("own.svg", "<svg/>");
    for (int id = 0; id <= static_cast<int>(PageId::error); ++id) {
        const std::string html = shown(directory, static_cast<PageId>(id), Language::es, theme);
        for (const char* part : {"Sede &lt;de&gt; Ejemplo", "Plaza &amp; Mayor",
                                 "llame al 900 123 456", "href=\"/accesibilidad\"",
                                 "/.clave/assets/theme.css?v=", "/.clave/assets/logo.svg?v="}) {
            if (html.find(part) == std::string::npos) {
                return false;
            }
        }
    }
    return true;
}

void the_look_is_the_sites(void**) {
    assert_true(templates_take_their_places());
    assert_true(theme_is_everywhere());
}

Seen with_theme(std::string LookWords::*field, const char* value, const char* file = nullptr) {
    const Directory directory;
    LookWords words;
    words.*field = file != nullptr ? directory.write(file, value) : value;
    return said(words, directory);
}

void themes_are_checked(void**) {
    assert_string_equal(with_theme(&LookWords::accent, "#7a1f3d").c_str(), "good");
    assert_string_equal(with_theme(&LookWords::accent, "blue").c_str(),
                        "accent \"blue\" is no colour | give it as in \"accent=#0b5394\"");
    assert_string_equal(
        with_theme(&LookWords::accent, "#ffcc00").c_str(),
        "accent \"#ffcc00\" has a contrast of 1.4 on light ground | choose a darker "
        "one: 4.5 is the least that can be read");
    assert_string_equal(with_theme(&LookWords::logo, "x", "logo.gif").c_str(),
                        "logo \"DIR/logo.gif\" is of no known kind | give a .svg, .png, .jpg or "
                        ".webp file");
    assert_string_equal(with_theme(&LookWords::css, "/none.css").c_str(),
                        "cannot read \"/none.css\": (2: No such file or directory) | it must be "
                        "readable at start");
    assert_string_equal(
        with_theme(&LookWords::css, "p {}\n@import url(https://x/);\n", "a.css").c_str(),
        "style from another site | the policy of the pages forbids it in DIR/a.css:2");
    assert_string_equal(
        with_theme(&LookWords::accessibility, "javascript:x").c_str(),
        "accessibility=javascript:x is no address | give a path or an https URL, as "
        "in \"accessibility=/accesibilidad\"");
    assert_string_equal(with_theme(&LookWords::footer, "a\nb").c_str(),
                        "footer= should be a line of UTF-8 text | ");
}

bool accents_are_lightened() {
    const auto dark = accent_style("#123");
    return dark && dark->find("--act: #112233") != std::string::npos &&
           dark->find("(prefers-color-scheme: dark) { :root { --act: #") != std::string::npos &&
           dark->rfind("#112233") == dark->find("#112233");
}

void a_dark_accent_is_lightened_on_dark_ground(void**) {
    assert_true(accents_are_lightened());
}

bool script_speaks_every_language() {
    const std::string script = session_script();
    return script.find("WORDS[lang]") != std::string::npos &&
           script.find("eu:{title:\"Zure saioa amaitzear dago\"") != std::string::npos &&
           script.size() < 9 * 1024;
}

void the_session_script_has_its_words(void**) {
    assert_true(script_speaks_every_language());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(values_are_escaped_where_they_stand),
        cmocka_unit_test(placeholders_have_their_places),
        cmocka_unit_test(what_the_policy_forbids_is_refused),
        cmocka_unit_test(what_is_broken_is_refused),
        cmocka_unit_test(what_a_page_cannot_do_without_is_required),
        cmocka_unit_test(templates_are_checked_by_name_and_line),
        cmocka_unit_test(the_look_is_the_sites),
        cmocka_unit_test(themes_are_checked),
        cmocka_unit_test(a_dark_accent_is_lightened_on_dark_ground),
        cmocka_unit_test(the_session_script_has_its_words),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
