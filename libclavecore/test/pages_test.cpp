// The citizens' pages: each renders, none lets text in as markup, none speaks of the protocol.
#include "cmocka_cpp.h"

#include <libxml/HTMLparser.h>

#include <cstdio>
#include <string>
#include <vector>

#include "clave/encoding.h"
#include "clave/level_syntax.h"
#include "login_fixture.h"
#include "pages/assets.h"
#include "pages/html.h"
#include "pages/page.h"

namespace {

using namespace clave;
using namespace clave::pages;

constexpr int kPages = static_cast<int>(PageId::error) + 1;
constexpr std::string_view kHostile = "\"><script>alert('x')</script>&{ref}";

// The language of the pages under test: pages_that() goes through all.
Language language = Language::es;

std::string page(int id, bool simulator = false) {
    Site site = test::test_site();
    site.simulator = simulator;
    const Requirement needed = test::requirement("permanente_otp");
    const Credential held;
    Facts facts;
    facts.ref = "7F3K-92QD";
    facts.onward = "/puntos/?a=1&b=2";
    facts.needed = &needed;
    facts.held = &held;
    facts.gateway_url = site.gateway_url;
    facts.saml_request = "PHNhbWw+";
    facts.relay_state = "AAAAAAAAAAAAAAAAAAAAAA";
    facts.again = "c2VhbGVk";
    return render(static_cast<PageId>(id), site, facts, language);
}

std::size_t count(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

bool is_complete(const std::string& html) {
    const std::string head = "<!DOCTYPE html>\n<html lang=\"" + std::string(tag(language)) + "\">";
    return html.starts_with(head) && count(html, "<h1>") == 1 &&
           count(html, "<main id=\"main\"") == 1 && count(html, "href=\"#main\"") == 1 &&
           count(html, "<title>") == 1 && count(html, "name=\"viewport\"") == 1 &&
           html.find('{') == std::string::npos && html.size() < 20 * 1024 && is_valid_utf8(html);
}

// HTML 4's parser does not know the newer elements; anything else it complains about is ours.
bool is_well_formed(const std::string& html) {
    htmlParserCtxtPtr parser = htmlNewParserCtxt();
    htmlDocPtr document =
        htmlCtxtReadMemory(parser, html.data(), static_cast<int>(html.size()), "", "utf-8",
                           HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    const xmlError* error = xmlCtxtGetLastError(parser);
    const bool good = error == nullptr || error->code == XML_HTML_UNKNOWN_TAG;
    xmlFreeDoc(document);
    htmlFreeParserCtxt(parser);
    return good;
}

// What a person reads: the page without its tags.
std::string visible(const std::string& html) {
    std::string text;
    bool inside = false;
    for (const char c : html.substr(html.find("<body>"))) {
        if (c == '<' || c == '>') {
            inside = c == '<';
        } else if (!inside) {
            text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return text;
}

bool speaks_plainly(const std::string& html) {
    const std::string text = visible(html);
    for (const char* word : {"saml", "assertion", "aserci", "loa", "token", "http", "e-"}) {
        if (text.find(std::string(" ") + word) != std::string::npos) {
            return false;
        }
    }
    const bool pin = text.find("cl@ve pin") != std::string::npos;
    const bool movil = text.find("cl@ve m") != std::string::npos;
    return pin == movil;
}

bool fetches_from_elsewhere(const std::string& html) {
    return html.find("src=\"http") != std::string::npos ||
           html.find("<link rel=\"stylesheet\" href=\"http") != std::string::npos ||
           html.find("src=\"//") != std::string::npos || html.find("style=") != std::string::npos ||
           html.find("onload") != std::string::npos;
}

int pages_that(bool (*hold)(const std::string&)) {
    int number = 0;
    for (const Language one : kLanguages) {
        language = one;
        for (int id = 0; id < kPages; ++id) {
            number += hold(page(id)) ? 1 : 0;
        }
    }
    language = Language::es;
    return number;
}
constexpr int kAll = kPages * static_cast<int>(kLanguages.size());

void every_page_is_a_complete_document(void**) {
    assert_int_equal(pages_that(is_complete), kAll);
    assert_int_equal(pages_that(is_well_formed), kAll);
}

void none_speaks_of_the_protocol(void**) {
    assert_int_equal(pages_that(speaks_plainly), kAll);
}

void none_fetches_from_elsewhere(void**) {
    assert_int_equal(pages_that(fetches_from_elsewhere), 0);
}

void all_carry_the_reference(void**) {
    assert_int_equal(
        pages_that([](const std::string& html) { return count(html, "7F3K-92QD") == 1; }), kAll);
}

int banners(bool simulator) {
    int number = 0;
    for (int id = 0; id < kPages; ++id) {
        number += count(page(id, simulator), "SIMULADOR") == 1 ? 1 : 0;
    }
    return number;
}

void the_simulator_says_so_on_every_page(void**) {
    assert_int_equal(banners(true), kPages);
    assert_int_equal(banners(false), 0);
}

int pages_that_a_hostile_text_breaks() {
    Site site = test::test_site();
    site.path = std::string("/") + std::string(kHostile) + "/";
    Requirement needed = test::requirement("pin");
    needed.level = kHostile;
    Facts facts;
    facts.ref = facts.onward = facts.gateway_url = facts.saml_request = facts.relay_state =
        facts.again = facts.logout_token = kHostile;
    facts.needed = &needed;
    int broken = 0;
    for (int id = 0; id < kPages; ++id) {
        const std::string html = render(static_cast<PageId>(id), site, facts, Language::es);
        const bool clean = html.find("<script>alert") == std::string::npos &&
                           html.find("\">&") == std::string::npos &&
                           html.find("&amp;{ref}") != std::string::npos;
        broken += clean ? 0 : 1;
    }
    return broken;
}

void text_never_becomes_markup(void**) {
    assert_int_equal(pages_that_a_hostile_text_breaks(), 0);
}

std::string filled() {
    const Html inner = fill("<b>{x}</b>", {{"x", "<&>"}});
    return fill("<p>{a}{b}</p>", {{"a", inner}, {"b", "'\""}}).str();
}

bool unknown_placeholder_throws() {
    try {
        const Html html = phrase("{unknown}");
        return false;
    } catch (const std::logic_error&) {
        return true;
    }
}

void html_is_escaped_once(void**) {
    const std::string* text = new std::string(filled());
    const bool once = text->starts_with("<p><b>&lt;&amp;&gt;</b>&#") ||
                      text->starts_with("<p><b>&lt;&amp;&gt;</b>&apos;");
    delete text;
    assert_true(once);
    assert_true(unknown_placeholder_throws());
}

bool works_without_script() {
    const std::string html = page(static_cast<int>(PageId::redirect));
    return html.find("<button class=\"button\" type=\"submit\">Continuar a Cl@ve</button>") !=
               std::string::npos &&
           html.find("<noscript") == std::string::npos &&
           html.find("method=\"post\" action=\"https://pasarela.example.gob.es/") !=
               std::string::npos &&
           html.find("name=\"SAMLRequest\" value=\"PHNhbWw+\"") != std::string::npos &&
           html.find("name=\"RelayState\" value=\"AAAAAAAAAAAAAAAAAAAAAA\"") != std::string::npos;
}

void the_way_to_the_gateway_needs_no_script(void**) {
    assert_true(works_without_script());
}

std::string step_up(Admission wanting, Method method, Loa loa) {
    const Site site = test::test_site();
    const Requirement needed = test::requirement("permanente_otp");
    Credential held;
    held.method = method;
    held.loa = loa;
    Facts facts;
    facts.needed = &needed;
    facts.held = &held;
    facts.wanting = wanting;
    return render(PageId::step_up, site, facts, Language::es);
}

bool step_up_says_what_is_missing() {
    const auto says = [](const std::string& html, const char* what) {
        return html.find(what) != std::string::npos;
    };
    return says(step_up(Admission::level_low, Method::pin, Loa::low), "código que recibirá") &&
           says(step_up(Admission::level_low, Method::movil, Loa::low), "Cl@ve Móvil") &&
           says(step_up(Admission::registration, Method::permanente, Loa::low),
                "registro avanza") &&
           says(step_up(Admission::too_old, Method::permanente, Loa::substantial),
                "hace un rato") &&
           !says(step_up(Admission::too_old, Method::permanente, Loa::substantial), "más segura") &&
           says(step_up(Admission::represented, Method::certificado, Loa::high), "propio nombre");
}

void a_step_up_says_what_is_missing(void**) {
    assert_true(step_up_says_what_is_missing());
}

// As an administrator writes it, without times.
Requirement clave_line(std::string_view line) {
    std::vector<std::string_view> words;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = line.find(' ');
        words.push_back(line.substr(0, end));
        line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
    }
    const auto read = read_requirement(
        words, builtin_levels(), [](std::string_view) -> std::optional<Seconds> { return {}; });
    return read ? *read : Requirement{};
}

// What the page says of a location with this `clave` line.
std::string words_for(PageId id, std::string_view line, Credential held = {},
                      Language in = Language::es) {
    const Site site = test::test_site();
    const Requirement needed = clave_line(line);
    Facts facts;
    facts.needed = &needed;
    facts.held = &held;
    return render(id, site, facts, in);
}

bool says_need(std::string_view line, std::string_view words, Language in = Language::es) {
    const std::string html = words_for(PageId::redirect, line, {}, in);
    const bool said = html.find(" " + std::string(words) + ".</p>") != std::string::npos;
    return said || (std::printf("%s\n", html.c_str()), false);
}

void what_is_needed_is_what_is_accepted(void**) {
    assert_true(says_need("pin",
                          "Cl@ve PIN, Cl@ve Móvil, Cl@ve Permanente o certificado "
                          "electrónico"));
    assert_true(says_need("permanente methods=certificado", "con certificado electrónico"));
    assert_true(
        says_need("pin methods=eidas", "con la identificación de otro país de la Unión Europea"));
    assert_true(says_need("pin methods=pin", "con Cl@ve PIN"));
    assert_true(says_need("pin loa=high", "con DNIe"));
    assert_true(says_need("permanente_otp loa=high", "con Cl@ve"));
    assert_true(says_need("permanente registration=advanced",
                          "con certificado electrónico o Cl@ve Permanente y un código que "
                          "recibirá por SMS"));
    assert_true(says_need("permanente", "Cl@ve Permanente o certificat electrònic", Language::ca));
    assert_true(
        says_need("permanente", "Cl@ve Permanente edo ziurtagiri elektronikoa", Language::eu));
    assert_true(
        says_need("permanente", "Cl@ve Permanente ou certificado electrónico", Language::gl));
    assert_true(
        says_need("permanente", "Cl@ve Permanente or an electronic certificate", Language::en));
}

// `clave_level europa loa=substantial accept=permanente:substantial,eidas:substantial`
bool own_level_names_its_methods() {
    const Site site = test::test_site();
    Requirement needed;
    needed.level = "europa";
    needed.ask = Loa::substantial;
    for (const Method method : {Method::permanente, Method::eidas}) {
        needed.offer[static_cast<std::size_t>(method)] = true;
        needed.accept[static_cast<std::size_t>(method)] = Loa::substantial;
    }
    Facts facts;
    facts.needed = &needed;
    const std::string html = render(PageId::level_low, site, facts, Language::es);
    return html.find(
               "necesita la identificación de otro país de la Unión Europea o Cl@ve "
               "Permanente y un código") != std::string::npos;
}

bool mentions_registration(PageId page, std::string_view line) {
    return words_for(page, line).find("registro avanzado en Cl@ve") != std::string::npos;
}

void the_registration_is_named_where_it_is_needed(void**) {
    assert_true(own_level_names_its_methods());
    for (const PageId page : {PageId::step_up, PageId::level_low}) {
        assert_true(mentions_registration(page, "pin registration=advanced"));
        assert_true(mentions_registration(page, "pin loa=substantial"));
        assert_false(mentions_registration(page, "permanente"));
        assert_false(mentions_registration(page, "pin loa=high"));
    }
}

bool level_low_says(const Requirement* needed, const char* words) {
    const Site site = test::test_site();
    Facts facts;
    facts.needed = needed;
    return render(PageId::level_low, site, facts, Language::es).find(words) != std::string::npos;
}

bool nothing_is_indicated_where_nothing_is_known() {
    const Requirement needed = test::requirement("pin");
    return level_low_says(&needed, "elija lo que aquí se indica") &&
           !level_low_says(nullptr, "se indica") && !level_low_says(nullptr, "necesita Cl@ve") &&
           level_low_says(nullptr, "elegir otra forma de identificarse");
}

// Who chose what was asked for, and fell short of it all the same (Cl@ve's 00057).
bool a_basic_registration_is_thought_of(std::string_view level) {
    const Requirement needed = test::requirement(level);
    return level_low_says(&needed, "puede que su registro en Cl@ve sea de nivel básico") &&
           level_low_says(&needed, "oficina de registro de Cl@ve");
}

void level_low_indicates_what_it_says(void**) {
    assert_true(nothing_is_indicated_where_nothing_is_known());
    assert_true(a_basic_registration_is_thought_of("permanente_otp"));
    assert_false(a_basic_registration_is_thought_of("pin"));
    assert_false(a_basic_registration_is_thought_of("pin loa=high"));
}

// Each language is named in itself and says which it is, and the one at hand is no button.
bool offers_the_others(const std::string& html) {
    int offered = 0;
    for (const Language one : kLanguages) {
        const std::string lang(tag(one));
        const std::string name(own_name(one));
        const std::string button =
            "name=\"l\" value=\"" + lang + "\" lang=\"" + lang + "\">" + name;
        const std::string present = "<span lang=\"" + lang + "\" aria-current=\"true\">" + name;
        offered += html.find(one == language ? present : button) != std::string::npos ? 1 : 0;
    }
    return offered == 5 && count(html, "name=\"p\" value=\"c2VhbGVk\"") == 1 &&
           html.find("action=\"/.clave/language\"") != std::string::npos;
}

bool one_language_needs_no_switch() {
    Site site = test::test_site();
    site.languages = {Language::gl};
    Facts facts;
    facts.again = "c2VhbGVk";
    return render(PageId::error, site, facts, Language::gl).find("<nav") == std::string::npos;
}

// Where `/` itself is protected, the way home would be a way to the login.
std::string cancelled_with_home(std::string home, std::string_view onward) {
    Site site = test::test_site();
    site.logout_target = std::move(home);
    Facts facts;
    facts.onward = onward;
    return render(PageId::cancelled, site, facts, Language::es) +
           render(PageId::not_found, site, facts, Language::es);
}

void the_way_home_is_a_public_page(void**) {
    const std::string usual = cancelled_with_home("/", "/puntos/");
    assert_true(usual.find("href=\"/\"") != std::string::npos);
    const std::string own = cancelled_with_home("/inicio", "/puntos/");
    assert_true(own.find("href=\"/inicio\"") != std::string::npos);
    assert_true(own.find("href=\"/\"") == std::string::npos);
    // "/" is where nobody knows better
    assert_int_equal(count(cancelled_with_home("/inicio", ""), "href=\"/inicio\""), 2);
    assert_true(cancelled_with_home("/inicio", "/").find("href=\"/inicio\"") != std::string::npos);
}

void every_page_offers_the_other_languages(void**) {
    assert_int_equal(pages_that(offers_the_others), kAll);
    assert_true(one_language_needs_no_switch());
}

bool lost_form_stays() {
    const std::string html = page(static_cast<int>(PageId::post_lost));
    return count(html, "<form action=\"/.clave/language\" target=\"_blank\">") == 1 &&
           html.find("otra pestaña") != std::string::npos;
}

void a_lost_form_stays_behind_in_its_tab(void**) {
    assert_true(lost_form_stays());
}

bool policies_are_strict() {
    for (int id = 0; id < kPages; ++id) {
        const std::string policy(content_security_policy(static_cast<PageId>(id)));
        const auto page_id = static_cast<PageId>(id);
        const bool gateway = page_id == PageId::redirect || page_id == PageId::logout;
        if (!policy.starts_with("default-src 'none'; style-src 'self'") ||
            policy.find("unsafe") != std::string::npos ||
            policy.find("frame-ancestors 'none'; base-uri 'none'") == std::string::npos ||
            (policy.find("form-action https:;") != std::string::npos) != gateway) {
            return false;
        }
    }
    return true;
}

void policies_allow_nothing_inline(void**) {
    assert_true(policies_are_strict());
}

bool assets_are_versioned() {
    const Site site = test::test_site();
    const Asset* style = find_asset(site, "clave.css");
    return style != nullptr && find_asset(site, "submit.js") != nullptr &&
           find_asset(site, "../etc/passwd") == nullptr && style->version.size() == 8 &&
           asset_url(site, "clave.css") == "/.clave/assets/clave.css?v=" + style->version &&
           style->version != find_asset(site, "submit.js")->version;
}

void assets_have_a_version(void**) {
    assert_true(assets_are_versioned());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_a_complete_document),
        cmocka_unit_test(none_speaks_of_the_protocol),
        cmocka_unit_test(none_fetches_from_elsewhere),
        cmocka_unit_test(all_carry_the_reference),
        cmocka_unit_test(the_simulator_says_so_on_every_page),
        cmocka_unit_test(text_never_becomes_markup),
        cmocka_unit_test(html_is_escaped_once),
        cmocka_unit_test(the_way_to_the_gateway_needs_no_script),
        cmocka_unit_test(a_step_up_says_what_is_missing),
        cmocka_unit_test(what_is_needed_is_what_is_accepted),
        cmocka_unit_test(the_registration_is_named_where_it_is_needed),
        cmocka_unit_test(level_low_indicates_what_it_says),
        cmocka_unit_test(the_way_home_is_a_public_page),
        cmocka_unit_test(every_page_offers_the_other_languages),
        cmocka_unit_test(a_lost_form_stays_behind_in_its_tab),
        cmocka_unit_test(policies_allow_nothing_inline),
        cmocka_unit_test(assets_have_a_version),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
