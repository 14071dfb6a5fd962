// The pages about a signature: each says what happened and what was sent, none lets text of others
// become markup or look like something else (S-74, F-06), times are those of Madrid's clocks.
#include "cmocka_cpp.h"

#include <cstdio>
#include <string>
#include <string_view>

#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "login/endpoints.h"
#include "login/page_ticket.h"
#include "login_fixture.h"
#include "pages/assets.h"
#include "pages/madrid_time.h"
#include "pages/page.h"
#include "pages/visible_text.h"
#include "seen.h"

namespace {

using namespace clave;
using namespace clave::pages;
using test::Seen;

constexpr int kFirst = static_cast<int>(PageId::sign_review);
constexpr int kFirstEnd = static_cast<int>(PageId::sign_cancelled);
constexpr int kLastEnd = static_cast<int>(PageId::sign_too_large);
constexpr int kLast = static_cast<int>(PageId::sign_quota);
constexpr std::string_view kHostile = "\"><script>alert('x')</script>&{ref}";

SignFacts example() {
    SignFacts sign;
    sign.base = "/.clave/sign/ID/";
    sign.number = "7F3K-92QD-4MTX";
    sign.title = "Alta de beneficiario";
    sign.procedure = "Beneficiarios";
    sign.document_name = "solicitud.pdf";
    sign.media_type = "application/pdf";
    sign.view = DocumentView::pdf;
    sign.size = 12'345;
    sign.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    sign.signer_name = "Ana García";
    sign.signer_nif = "00000000T";
    sign.format = "XAdES";
    sign.token = "c2VhbGVk";
    sign.redirect = "https://firma.example.gob.es/x?a=1&b=2";
    sign.signature_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
    sign.certificate_issuer = "AC de pruebas";
    sign.certificate_serial = "3A:01";
    sign.signed_at = *parse_utc("2026-11-29T16:05:22Z");
    sign.certificate_ends = *parse_utc("2027-03-31T22:30:00Z");
    return sign;
}

std::string html_of(PageId page, const SignFacts* sign, Language language = Language::es) {
    const Site site = test::test_site();
    Facts facts;
    facts.ref = "7F3K-92QD";
    facts.onward = "/beneficiario/";
    facts.again = "c2VhbGVk";
    facts.sign = sign;
    return render(page, site, facts, language);
}

std::string html_of(PageId page, const SignFacts& sign, Language language = Language::es) {
    return html_of(page, &sign, language);
}

bool says(const std::string& html, std::string_view what) {
    if (html.find(what) != std::string::npos) {
        return true;
    }
    std::printf("does not say: %s\n", std::string(what).c_str());
    return false;
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (std::size_t at = text.find(what); at != std::string_view::npos;
         at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

bool is_complete(const std::string& html) {
    return count(html, "<h1>") == 1 && count(html, "<main id=\"main\"") == 1 &&
           html.find('{') == std::string::npos && html.size() < 20UL * 1024 &&
           is_valid_utf8(html) && html.find("http-equiv") == std::string::npos &&
           html.find(" style=") == std::string::npos &&
           html.find("src=\"http") == std::string::npos &&
           html.find("action=\"http") == std::string::npos;
}

int incomplete_pages(const SignFacts* sign) {
    int number = 0;
    for (const Language language : kLanguages) {
        for (int id = kFirst; id <= kLast; ++id) {
            const std::string html = html_of(static_cast<PageId>(id), sign, language);
            number += is_complete(html) ? 0 : 1;
        }
    }
    return number;
}

int incomplete_pages() {
    SignFacts sign = example();
    int number = incomplete_pages(nullptr) + incomplete_pages(&sign);
    sign.delivered = sign.certificate_ends_soon = true;
    sign.token = {};
    for (const char* format : {"CAdES", "pades", "NONE", ""}) {
        sign.format = format;
        number += incomplete_pages(&sign);
    }
    for (const DocumentView view :
         {DocumentView::text, DocumentView::html, DocumentView::image, DocumentView::none}) {
        sign.view = view;
        number += incomplete_pages(&sign);
    }
    return number;
}

void every_page_is_complete_in_every_language(void**) {
    assert_int_equal(incomplete_pages(), 0);
}

// Every language has a sentence of its own, so that no row of the catalogue was copied.
int titles_that_two_languages_share() {
    int number = 0;
    for (int id = kFirst; id <= kLast; ++id) {
        for (const Language one : kLanguages) {
            for (const Language other : kLanguages) {
                const auto title = [id](Language language) {
                    const std::string html = html_of(static_cast<PageId>(id), nullptr, language);
                    const std::size_t begin = html.find("<h1>") + 4;
                    return html.substr(begin, html.find("</h1>") - begin);
                };
                number += one != other && title(one) == title(other) ? 1 : 0;
            }
        }
    }
    return number;
}

void titles_are_translated(void**) {
    assert_int_equal(titles_that_two_languages_share(), 0);
}

// -- Text of others -----------------------------------------------------------------------------

int pages_that_a_hostile_text_breaks() {
    SignFacts sign = example();
    sign.base = sign.number = sign.title = sign.procedure = sign.document_name = sign.media_type =
        sign.sha256 = sign.signer_name = sign.signer_nif = sign.format = sign.token =
            sign.redirect = sign.signature_sha256 = sign.certificate_issuer =
                sign.certificate_serial = kHostile;
    const OpenSignature open[] = {{kHostile, kHostile, kHostile, {}}};
    sign.open = open;
    int broken = 0;
    for (int id = kFirst; id <= kLast; ++id) {
        for (const DocumentView view : {DocumentView::text, DocumentView::pdf}) {
            sign.view = view;
            const std::string html = html_of(static_cast<PageId>(id), sign);
            const bool clean = html.find("<script>alert") == std::string::npos &&
                               html.find("\">&") == std::string::npos &&
                               html.find("&amp;{ref}") != std::string::npos;
            broken += clean ? 0 : 1;
        }
    }
    return broken;
}

void text_of_others_never_becomes_markup(void**) {
    assert_int_equal(pages_that_a_hostile_text_breaks(), 0);
}

bool names_show_what_they_hide() {
    SignFacts sign = example();
    const std::string turned = "renuncia\u202Efdp.exe";
    sign.document_name = sign.title = sign.procedure = sign.media_type = sign.signer_name =
        sign.certificate_issuer = turned;
    bool all = true;
    for (const PageId page : {PageId::sign_review, PageId::sign_receipt, PageId::sign_failed}) {
        const std::string html = html_of(page, sign);
        all = all && html.find("\u202E") == std::string::npos &&
              says(html, "renuncia[U+202E]fdp.exe");
    }
    return all;
}

void names_of_files_cannot_turn_around(void**) {
    assert_true(names_show_what_they_hide());
}

Seen visible(std::string_view text) {
    return visible_text(text);
}

void what_cannot_be_seen_is_written_out(void**) {
    assert_string_equal(visible("Año 2026 – ñandú €.pdf").c_str(), "Año 2026 – ñandú €.pdf");
    assert_string_equal(visible("a\u200Bb\u2066c\uFEFFd").c_str(), "a[U+200B]b[U+2066]c[U+FEFF]d");
    assert_string_equal(visible("a\tb\r\nc\x7F").c_str(), "a[U+0009]b[U+000D][U+000A]c[U+007F]");
    assert_string_equal(visible("a\u00ADb\u2028c").c_str(), "a[U+00AD]b[U+2028]c");
    assert_string_equal(visible("x\U000E0041y").c_str(), "x[U+E0041]y");
    assert_string_equal(visible("\xC3(\xFF\xE2\x82").c_str(), "\uFFFD(\uFFFD\uFFFD\uFFFD");
    assert_string_equal(visible(std::string_view("a\0b", 3)).c_str(), "a[U+0000]b");
    assert_string_equal(visible("").c_str(), "");
}

// -- Before signing -----------------------------------------------------------------------------

bool review_shows_what_is_signed() {
    const std::string html = html_of(PageId::sign_review, example());
    return says(html, "<bdi>Alta de beneficiario</bdi>") &&
           says(html, "<bdi>solicitud.pdf</bdi>") && says(html, "12,3 kB (application/pdf)") &&
           says(html, "<code>9f86d081") && says(html, "Ana García") && says(html, "00000000T") &&
           says(html, "código que recibirá por SMS") &&
           says(html, "href=\"/.clave/sign/ID/document?download=1\"") &&
           says(html, "action=\"/.clave/sign/ID/confirm\"") &&
           says(html, "action=\"/.clave/sign/ID/cancel\"") &&
           count(html, "name=\"token\" value=\"c2VhbGVk\"") == 2 &&
           says(html, "type=\"checkbox\" name=\"read\" value=\"1\" required>") &&
           html.find("<script") == std::string::npos;
}

void a_review_shows_what_is_signed(void**) {
    assert_true(review_shows_what_is_signed());
}

std::string review(DocumentView view) {
    SignFacts sign = example();
    sign.view = view;
    return html_of(PageId::sign_review, sign);
}

bool documents_are_shown_by_kind() {
    for (const DocumentView view : {DocumentView::text, DocumentView::html, DocumentView::image}) {
        // An empty sandbox attribute: no scripts, no forms, no origin.
        if (!says(review(view),
                  "<iframe class=\"document\" sandbox src=\"/.clave/sign/ID/document\"") ||
            !says(review(view), "<a href=\"/.clave/sign/ID/document\">Abrir el documento</a>")) {
            return false;
        }
    }
    const std::string none = review(DocumentView::none);
    return says(review(DocumentView::pdf),
                "<object class=\"document\" type=\"application/pdf\" "
                "data=\"/.clave/sign/ID/document\"") &&
           review(DocumentView::pdf).find("<iframe") == std::string::npos &&
           none.find("<iframe") == std::string::npos && none.find("<object") == std::string::npos &&
           says(none, "document?download=1");
}

void a_document_is_shown_as_it_can_be(void**) {
    assert_true(documents_are_shown_by_kind());
}

std::string size_shown(std::uint64_t size, Language language = Language::es) {
    SignFacts sign = example();
    sign.size = size;
    sign.media_type = {};
    const std::string html = html_of(PageId::sign_review, sign, language);
    const std::string label = language == Language::en ? "<dt>Size</dt><dd>" : "Tamaño</dt><dd>";
    const std::size_t begin = html.find(label) + label.size();
    return html.substr(begin, html.find("</dd>", begin) - begin);
}

void sizes_are_for_people(void**) {
    assert_string_equal(Seen(size_shown(0)).c_str(), "0 bytes");
    assert_string_equal(Seen(size_shown(999)).c_str(), "999 bytes");
    assert_string_equal(Seen(size_shown(1000)).c_str(), "1,0 kB");
    assert_string_equal(Seen(size_shown(999'999)).c_str(), "999,9 kB");
    assert_string_equal(Seen(size_shown(1'000'000)).c_str(), "1,0 MB");
    assert_string_equal(Seen(size_shown(8'388'608, Language::en)).c_str(), "8.3 MB");
    assert_string_equal(Seen(size_shown(UINT64_MAX)).c_str(), "18,4 EB");
}

bool way_to_signing_needs_no_script() {
    const std::string html = html_of(PageId::sign_redirect, example());
    const Site site = test::test_site();
    return says(html,
                "<a class=\"button\" id=\"to-firma\" "
                "href=\"https://firma.example.gob.es/x?a=1&amp;b=2\">") &&
           says(html, "<script src=\"" + asset_url(site, "go.js") + "\" defer></script>") &&
           html.find("<noscript") == std::string::npos &&
           says(find_asset(site, "go.js")->body, "getElementById(\"to-firma\")");
}

void the_way_to_signing_needs_no_script(void**) {
    assert_true(way_to_signing_needs_no_script());
}

bool waiting_is_up_to_the_person() {
    const std::string html = html_of(PageId::sign_pending, example());
    return says(html, "<a class=\"button\" href=\"/.clave/sign/ID/\">Comprobar de nuevo</a>") &&
           html.find("<meta http-equiv") == std::string::npos &&
           html.find("<script") == std::string::npos;
}

void a_page_that_waits_does_not_move(void**) {
    assert_true(waiting_is_up_to_the_person());
}

// Of a day in November: an hour ahead of UTC.
bool what_is_completed_later_says_when_and_where() {
    pages::SignFacts sign = example();
    sign.ready = Time{Seconds{1'796'000'000}};  // 2026-11-30T00:53:20Z
    sign.address = "https://sede.example/.clave/sign/ID/";
    const std::string html = html_of(PageId::sign_pending, sign);
    return says(html, "Ha firmado; falta completar la firma") && says(html, "30/11/2026") &&
           says(html, "01:53:20") && says(html, "https://sede.example/.clave/sign/ID/") &&
           says(html, "No tiene que esperar aquí ni volver a firmar") &&
           says(html,
                "<a class=\"button\" href=\"/.clave/sign/ID/\">Comprobar si está lista</a>") &&
           html.find("<script") == std::string::npos;
}

void who_has_signed_is_not_held(void**) {
    assert_true(what_is_completed_later_says_when_and_where());
}

// -- After signing ------------------------------------------------------------------------------

bool receipt_says_everything() {
    SignFacts sign = example();
    const std::string html = html_of(PageId::sign_receipt, sign);
    sign.delivered = sign.certificate_ends_soon = true;
    const std::string later = html_of(PageId::sign_receipt, sign);
    return says(html, "7F3K-92QD-4MTX") &&
           says(html, "29/11/2026, 17:05:22, hora peninsular española (UTC+1)") &&
           says(html, "29/11/2026, 16:05:22, hora universal (UTC)") && says(html, "Ana García") &&
           says(html, "9f86d081") && says(html, "60303ae2") && says(html, "AC de pruebas") &&
           says(html, "3A:01") && says(html, "href=\"/.clave/sign/ID/signature\"") &&
           says(html, "href=\"/.clave/sign/ID/receipt.json\"") &&
           says(html, "href=\"https://valide.redsara.es/valide/\"") &&
           says(html, "href=\"/.clave/sign/ID/deliver\">Continuar con el trámite") &&
           html.find("caduca") == std::string::npos &&
           later.find("/deliver\"") == std::string::npos &&
           // 31 March, 22:30 UTC, is the day after in Madrid.
           says(later, "caduca pronto, el 01/04/2027") && says(later, "href=\"/beneficiario/\"") &&
           says(html_of(PageId::sign_receipt, sign, Language::en), "29 November 2026, 17:05:22") &&
           says(html_of(PageId::sign_receipt, sign, Language::en), "ends soon, on 1 April 2027") &&
           says(html_of(PageId::sign_receipt, sign, Language::eu), "2027/04/01");
}

void a_receipt_says_everything(void**) {
    assert_true(receipt_says_everything());
}

std::string receipt(std::string_view format) {
    SignFacts sign = example();
    sign.format = format;
    sign.document_name = "a; rm -rf ~";
    return html_of(PageId::sign_receipt, sign);
}

bool commands_follow_the_format() {
    const std::string html = receipt("CAdES-BES");
    const std::size_t begin = html.find("<pre");
    const std::string command = html.substr(begin, html.find("</pre>") - begin);
    return says(command, "openssl cms -verify") && says(receipt("XAdES"), "xmlsec1 --verify") &&
           says(receipt("PADES"), "pdfsig") && says(receipt("NONE"), "openssl dgst -sha256") &&
           says(receipt("NONE"), "Firma simple") && says(receipt(""), "openssl dgst -sha256") &&
           // Whoever pastes it into a shell pastes nothing that others wrote.
           command.find("rm -rf") == std::string::npos;
}

void a_receipt_tells_how_to_check_it(void**) {
    assert_true(commands_follow_the_format());
}

// -- The ends -----------------------------------------------------------------------------------

bool ends_say_that_nothing_was_sent() {
    SignFacts sign = example();
    for (int id = kFirstEnd; id <= kLastEnd; ++id) {
        const auto page = static_cast<PageId>(id);
        const bool perhaps_signed = page == PageId::sign_failed || page == PageId::sign_lost;
        sign.token = "c2VhbGVk";
        const std::string html = html_of(page, sign);
        sign.token = {};
        const std::string last = html_of(page, sign);
        const bool good =
            says(html, perhaps_signed ? "<p>No se ha enviado ni registrado nada"
                                      : "<p>No se ha firmado nada. Tampoco se ha enviado") &&
            says(html, "<form method=\"post\" action=\"/.clave/sign/ID/again\">") &&
            says(html, "name=\"token\" value=\"c2VhbGVk\"") && says(html, "Volver a intentarlo") &&
            says(html, "Conservamos lo que escribió") &&
            says(html, "https://clave.gob.es/registro/preguntas-frecuentes") &&
            last.find("/again\"") == std::string::npos &&
            last.find("Conservamos") == std::string::npos &&
            says(last, "href=\"/beneficiario/\">Volver al trámite");
        if (!good) {
            std::printf("page %d\n", id);
            return false;
        }
    }
    return true;
}

void every_end_says_that_nothing_was_sent(void**) {
    assert_true(ends_say_that_nothing_was_sent());
}

// -- Where the document comes from ---------------------------------------------------------------

// Who has filled in no form is not told of one, and of an office that has made the document itself
// nobody knows that it has registered nothing.
bool ends_fit_the_way_in() {
    constexpr std::string_view kOfForms[] = {
        "rmulari",      "inprimaki", "Idatzi zenuena",     "lo que escrib",   "que va escriure",
        "o que escrib", "you typed", "registrado nada en", "Nor has anything"};
    SignFacts sign = example();
    for (const SignWay way : {SignWay::answer, SignWay::order}) {
        sign.way = way;
        sign.token = way == SignWay::order ? "" : "c2VhbGVk";
        for (int id = kFirst; id < static_cast<int>(PageId::sign_too_large); ++id) {
            for (const Language language : kLanguages) {
                const std::string html = html_of(static_cast<PageId>(id), sign, language);
                for (const std::string_view words : kOfForms) {
                    if (html.find(words) != std::string::npos) {
                        std::printf("page %d says: %s\n", id, std::string(words).c_str());
                        return false;
                    }
                }
            }
        }
    }
    return true;
}

bool pages_say_who_asks() {
    SignFacts sign = example();
    sign.way = SignWay::answer;
    const bool answered =
        says(html_of(PageId::sign_review, sign),
             "El organismo le pide que firme este documento.") &&
        says(html_of(PageId::sign_review, sign), "entregaremos la firma al organismo") &&
        says(html_of(PageId::sign_cancelled, sign), "el organismo no ha recibido ninguna firma") &&
        says(html_of(PageId::sign_cancelled, sign), "Conservamos el documento") &&
        says(html_of(PageId::sign_lost, sign), "<p>El organismo no ha recibido ninguna firma.") &&
        says(html_of(PageId::sign_pending, sign), "El organismo todavía no ha recibido la firma") &&
        says(html_of(PageId::sign_receipt, sign), "Falta un paso");
    sign.way = SignWay::order;
    sign.token = {};
    const SignedDocument several[] = {
        {"a.txt", "text/plain", DocumentView::text, 1, sign.sha256, sign.signature_sha256, false},
        {"b.txt", "text/plain", DocumentView::text, 1, sign.sha256, {}, false},
        {"c.txt", "text/plain", DocumentView::text, 1, sign.sha256, {}, true}};
    const bool ordered =
        says(html_of(PageId::sign_lost, sign), "vuelva al trámite y empiece desde allí") &&
        says(html_of(PageId::sign_receipt, sign), "El organismo recogerá lo que ha firmado");
    sign.documents = several;
    sign.delivered = true;
    const std::string receipt = html_of(PageId::sign_receipt, sign);
    return answered && ordered &&
           says(html_of(PageId::sign_review, sign), "le pide que firme estos documentos.") &&
           // heard among other links, each says which document it is of
           says(html_of(PageId::sign_review, sign),
                R"(document?d=2" aria-describedby="d2">Abrir el documento</a>)") &&
           says(html_of(PageId::sign_review, sign), R"(<h2 id="d2">2. <bdi>b.txt</bdi></h2>)") &&
           says(receipt, R"(signature?d=1" aria-describedby="d1">)") &&
           says(receipt, "Lo que ha firmado ya se ha entregado") &&
           says(receipt, "Este documento no se ha firmado.") &&
           says(receipt, "La firma de este documento se perdió");
}

void texts_fit_where_the_document_comes_from(void**) {
    assert_true(ends_fit_the_way_in());
    assert_true(pages_say_who_asks());
}

// -- Around them --------------------------------------------------------------------------------

bool policies_allow_what_is_needed() {
    const std::string review_policy(content_security_policy(PageId::sign_review));
    const std::string redirect_policy(content_security_policy(PageId::sign_redirect));
    for (int id = kFirst; id <= kLast; ++id) {
        const std::string policy(content_security_policy(static_cast<PageId>(id)));
        const bool review_page = id == kFirst;
        if (!policy.starts_with("default-src 'none'; ") ||
            policy.find("form-action 'self'; frame-ancestors 'none'; base-uri 'none'") ==
                std::string::npos ||
            (policy.find("frame-src") != std::string::npos) != review_page) {
            return false;
        }
    }
    return says(review_policy, "frame-src 'self'; object-src 'self'") &&
           review_policy.find("script-src") == std::string::npos &&
           says(redirect_policy, "script-src 'self'");
}

void policies_allow_what_is_needed_and_no_more(void**) {
    assert_true(policies_allow_what_is_needed());
}

// The language switch leads to the address of the signature: what there is to say of it may be
// something else by now. A page that has no address is shown again from its ticket.
Seen after_switching(const char* base) {
    Site site = test::test_site();
    test::MapStore store;
    test::NoPool pool;
    test::FixedClock clock;
    test::CountingRandom random;
    const KeyRing key(test::test_key());
    const LoginServices services{store, pool, clock, random, key, key,     key,    key,
                                 key,   key,  key,   key,    key, nullptr, nullptr};
    SignFacts sign = example();
    sign.base = base;
    Facts facts;
    facts.onward = "/beneficiario/";
    facts.sign = &sign;
    const std::string query =
        "p=" + page_ticket(services, site, PageId::sign_too_large, facts) + "&l=ca";
    Request request;
    request.method = "GET";
    request.path = "/.clave/language";
    request.query = query;
    auto switching = serve_language(services, site, request);
    switching.start();
    const Reply reply = switching.result();
    std::string seen = std::to_string(reply.status);
    for (const auto& [name, value] : reply.headers) {
        if (name == "Location" || (name == "Set-Cookie" && value.find("-lang=ca") != value.npos)) {
            seen += " " + value.substr(0, value.find(';'));
        }
    }
    return seen + (reply.body.find("massa gran") != std::string::npos ? " text" : "");
}

void the_language_switch_leads_to_the_signature(void**) {
    assert_string_equal(after_switching("/.clave/sign/ID/").c_str(),
                        "303 /.clave/sign/ID/ __Host-clave-lang=ca");
    assert_string_equal(after_switching("").c_str(), "200 __Host-clave-lang=ca text");
}

// -- Madrid's clocks ----------------------------------------------------------------------------

Seen madrid(const char* utc) {
    const Time time = *parse_utc(utc);
    const int offset = madrid_offset_hours(time);
    const ClockReading clock = read_clock(time, offset);
    return clock.year + "-" + clock.month + "-" + clock.day + " " + clock.time + " +" +
           std::to_string(offset);
}

void clocks_go_forward_and_back(void**) {
    assert_string_equal(madrid("2026-03-29T00:59:59Z").c_str(), "2026-03-29 01:59:59 +1");
    assert_string_equal(madrid("2026-03-29T01:00:00Z").c_str(), "2026-03-29 03:00:00 +2");
    assert_string_equal(madrid("2026-10-25T00:59:59Z").c_str(), "2026-10-25 02:59:59 +2");
    assert_string_equal(madrid("2026-10-25T01:00:00Z").c_str(), "2026-10-25 02:00:00 +1");
    // The last Sunday as the 31st, and as the 25th.
    assert_string_equal(madrid("2024-03-31T00:59:59Z").c_str(), "2024-03-31 01:59:59 +1");
    assert_string_equal(madrid("2024-03-31T01:00:00Z").c_str(), "2024-03-31 03:00:00 +2");
    assert_string_equal(madrid("2027-10-31T00:59:59Z").c_str(), "2027-10-31 02:59:59 +2");
    assert_string_equal(madrid("2029-03-25T01:00:00Z").c_str(), "2029-03-25 03:00:00 +2");
}

void days_and_years_turn_at_midnight_in_madrid(void**) {
    assert_string_equal(madrid("2026-12-31T22:59:59Z").c_str(), "2026-12-31 23:59:59 +1");
    assert_string_equal(madrid("2026-12-31T23:00:00Z").c_str(), "2027-01-01 00:00:00 +1");
    assert_string_equal(madrid("2026-07-31T22:00:00Z").c_str(), "2026-08-01 00:00:00 +2");
    assert_string_equal(madrid("2028-02-28T23:30:00Z").c_str(), "2028-02-29 00:30:00 +1");
    assert_string_equal(madrid("2040-06-15T12:00:00Z").c_str(), "2040-06-15 14:00:00 +2");
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_complete_in_every_language),
        cmocka_unit_test(titles_are_translated),
        cmocka_unit_test(text_of_others_never_becomes_markup),
        cmocka_unit_test(names_of_files_cannot_turn_around),
        cmocka_unit_test(what_cannot_be_seen_is_written_out),
        cmocka_unit_test(a_review_shows_what_is_signed),
        cmocka_unit_test(a_document_is_shown_as_it_can_be),
        cmocka_unit_test(sizes_are_for_people),
        cmocka_unit_test(the_way_to_signing_needs_no_script),
        cmocka_unit_test(a_page_that_waits_does_not_move),
        cmocka_unit_test(who_has_signed_is_not_held),
        cmocka_unit_test(a_receipt_says_everything),
        cmocka_unit_test(a_receipt_tells_how_to_check_it),
        cmocka_unit_test(every_end_says_that_nothing_was_sent),
        cmocka_unit_test(texts_fit_where_the_document_comes_from),
        cmocka_unit_test(policies_allow_what_is_needed_and_no_more),
        cmocka_unit_test(the_language_switch_leads_to_the_signature),
        cmocka_unit_test(clocks_go_forward_and_back),
        cmocka_unit_test(days_and_years_turn_at_midnight_in_madrid),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
