// Writes every page as it can be seen, in every language, for scripts/check-pages:
// DIRECTORY/NAME.LANG.html, assets/ and manifest.json. `write_pages DIRECTORY [TEMPLATES]`.
#include <cstdio>
#include <fstream>
#include <string>

#include "clave/look.h"
#include "login_fixture.h"
#include "pages/assets.h"
#include "pages/page.h"

namespace {

using namespace clave;

struct Sight {
    const char* name;
    PageId page;
    Code code = Code::internal;
    Admission wanting = Admission::level_low;
    const char* onward = "/vida-laboral/informe?a=1";
    bool refusal = true;
    pages::DocumentView view = pages::DocumentView::text;
    const char* format = "XAdES";
    bool again = true;  // of a signature: it can be tried again
    bool delivered = false;
    bool unconfirmed = false;
    SignReason reason = SignReason::gateway;
    pages::SignWay way = pages::SignWay::form;
    bool several = false;  // documents
    bool form_waits = false;
    bool signing = false;
    bool fields = false;  // beside the document
};

constexpr Sight kSights[] = {
    {.name = "redirect", .page = PageId::redirect, .refusal = false},
    {.name = "stepup", .page = PageId::step_up, .refusal = false},
    {.name = "stepup-registration",
     .page = PageId::step_up,
     .wanting = Admission::registration,
     .refusal = false},
    {.name = "stepup-again",
     .page = PageId::step_up,
     .wanting = Admission::too_old,
     .refusal = false},
    {.name = "stepup-represented",
     .page = PageId::step_up,
     .wanting = Admission::represented,
     .refusal = false},
    {.name = "session-expired", .page = PageId::session_expired, .refusal = false},
    {.name = "session-expired-form",
     .page = PageId::session_expired,
     .refusal = false,
     .form_waits = true},
    {.name = "session-expired-signing",
     .page = PageId::session_expired,
     .refusal = false,
     .signing = true},
    {.name = "cancelled", .page = PageId::cancelled},
    {.name = "level-low", .page = PageId::level_low},
    {.name = "registration-basic", .page = PageId::registration_basic},
    {.name = "service-down", .page = PageId::service_down},
    {.name = "response-invalid", .page = PageId::response_invalid, .onward = ""},
    {.name = "login-expired", .page = PageId::login_expired},
    {.name = "cookies-off", .page = PageId::cookies_off},
    {.name = "cookies-none", .page = PageId::cookies_off, .code = Code::state},
    {.name = "post-lost", .page = PageId::post_lost, .code = Code::post_lost},
    {.name = "post-large", .page = PageId::post_lost, .code = Code::post_too_large},
    {.name = "post-room", .page = PageId::post_lost, .code = Code::post_no_room},
    {.name = "not-allowed", .page = PageId::not_allowed},
    {.name = "not-represented", .page = PageId::not_allowed, .code = Code::represented},
    {.name = "not-same", .page = PageId::not_allowed, .code = Code::subject_change},
    {.name = "not-found", .page = PageId::not_found, .onward = ""},
    {.name = "logout", .page = PageId::logout, .refusal = false},
    {.name = "logout-confirm", .page = PageId::logout_confirm, .refusal = false},
    {.name = "logout-unconfirmed", .page = PageId::logout_unconfirmed, .onward = ""},
    {.name = "logout-unsure", .page = PageId::logout_unsure, .onward = ""},
    {.name = "sign-review", .page = PageId::sign_review, .refusal = false},
    {.name = "sign-review-pdf",
     .page = PageId::sign_review,
     .refusal = false,
     .view = pages::DocumentView::pdf},
    {.name = "sign-review-fields",
     .page = PageId::sign_review,
     .refusal = false,
     .view = pages::DocumentView::pdf,
     .fields = true},
    {.name = "sign-review-download",
     .page = PageId::sign_review,
     .refusal = false,
     .view = pages::DocumentView::none},
    {.name = "sign-review-html",
     .page = PageId::sign_review,
     .refusal = false,
     .view = pages::DocumentView::html},
    {.name = "sign-review-image",
     .page = PageId::sign_review,
     .refusal = false,
     .view = pages::DocumentView::image},
    {.name = "sign-review-answer",
     .page = PageId::sign_review,
     .refusal = false,
     .way = pages::SignWay::answer},
    {.name = "sign-review-several",
     .page = PageId::sign_review,
     .refusal = false,
     .way = pages::SignWay::order,
     .several = true},
    {.name = "sign-redirect", .page = PageId::sign_redirect, .refusal = false},
    {.name = "sign-pending", .page = PageId::sign_pending, .refusal = false},
    {.name = "sign-pending-answer",
     .page = PageId::sign_pending,
     .refusal = false,
     .way = pages::SignWay::answer},
    {.name = "sign-receipt", .page = PageId::sign_receipt, .refusal = false},
    {.name = "sign-receipt-cades",
     .page = PageId::sign_receipt,
     .refusal = false,
     .format = "CAdES",
     .delivered = true},
    {.name = "sign-receipt-pades",
     .page = PageId::sign_receipt,
     .refusal = false,
     .format = "PAdES"},
    {.name = "sign-receipt-plain",
     .page = PageId::sign_receipt,
     .refusal = false,
     .format = "PKCS#1",
     .delivered = true},
    {.name = "sign-receipt-order",
     .page = PageId::sign_receipt,
     .refusal = false,
     .way = pages::SignWay::order},
    {.name = "sign-receipt-several",
     .page = PageId::sign_receipt,
     .refusal = false,
     .delivered = true,
     .way = pages::SignWay::order,
     .several = true},
    {.name = "sign-receipt-unconfirmed",
     .page = PageId::sign_receipt,
     .refusal = false,
     .format = "CAdES",
     .unconfirmed = true},
    {.name = "sign-cancelled", .page = PageId::sign_cancelled, .refusal = false},
    {.name = "sign-cancelled-answer",
     .page = PageId::sign_cancelled,
     .refusal = false,
     .way = pages::SignWay::answer},
    {.name = "sign-cancelled-order",
     .page = PageId::sign_cancelled,
     .refusal = false,
     .again = false,
     .way = pages::SignWay::order},
    {.name = "sign-expired", .page = PageId::sign_expired},
    {.name = "sign-failed", .page = PageId::sign_failed},
    {.name = "sign-failed-away", .page = PageId::sign_failed, .reason = SignReason::unavailable},
    {.name = "sign-failed-exchanged",
     .page = PageId::sign_failed,
     .reason = SignReason::wrong_document},
    {.name = "sign-failed-refused",
     .page = PageId::sign_failed,
     .reason = SignReason::configuration},
    {.name = "sign-failed-unfit",
     .page = PageId::sign_failed,
     .code = Code::sign_document,
     .again = false},
    {.name = "sign-failed-unready",
     .page = PageId::sign_failed,
     .code = Code::api_state,
     .again = false},
    {.name = "sign-failed-erased",
     .page = PageId::sign_failed,
     .code = Code::sign_erased,
     .again = false},
    {.name = "sign-lost", .page = PageId::sign_lost},
    {.name = "sign-lost-order",
     .page = PageId::sign_lost,
     .again = false,
     .way = pages::SignWay::order},
    {.name = "sign-lost-forgotten", .page = PageId::sign_lost, .reason = SignReason::forgotten},
    {.name = "sign-lost-forgotten-order",
     .page = PageId::sign_lost,
     .again = false,
     .reason = SignReason::forgotten,
     .way = pages::SignWay::order},
    {.name = "sign-no-certificate", .page = PageId::sign_no_certificate},
    {.name = "sign-weak-registration", .page = PageId::sign_weak_registration},
    {.name = "sign-registration-old", .page = PageId::sign_registration_old},
    {.name = "sign-blocked", .page = PageId::sign_blocked},
    {.name = "sign-no-registration", .page = PageId::sign_no_registration},
    {.name = "sign-foreign", .page = PageId::sign_foreign, .again = false},
    {.name = "sign-too-large", .page = PageId::sign_too_large, .again = false},
    {.name = "sign-quota", .page = PageId::sign_quota, .again = false},
    {.name = "error", .page = PageId::error, .onward = ""},
};

constexpr pages::SignedDocument kSeveral[] = {
    {.name = "solicitud.txt",
     .media_type = "text/plain",
     .view = pages::DocumentView::text,
     .size = 48213,
     .sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
     .signature_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
    {.name = "declaracion-responsable-de-la-persona-solicitante-2026-11-29.xml",
     .media_type = "text/xml",
     .view = pages::DocumentView::text,
     .size = 1213,
     .sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
     .signature_sha256 = ""},
    {.name = "anexo.bin",
     .media_type = "application/octet-stream",
     .size = 913,
     .sha256 = "fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13",
     .signature_sha256 = "",
     .lost = true},
};

constexpr pages::OpenSignature kOpen[] = {
    {.base = "/.clave/sign/Zk3xQ0aVb5n8Rr2mP1tLcA/",
     .title = "Alta de beneficiario",
     .number = "7F3K-92QD-4MTX",
     .created = Time{Seconds{1'795'968'000}}},
    {.base = "/.clave/sign/pdf/",
     .title = "declaracion-responsable-de-la-persona-solicitante-2026-11-29.xml",
     .number = "92QD-7F3K-4MTX",
     .created = Time{Seconds{1'795'971'600}}},
};

pages::SignFacts sign_facts(const Sight& sight) {
    pages::SignFacts sign;
    if (sight.page == PageId::sign_quota) {
        sign.open = kOpen;
    }
    const bool pdf = sight.view == pages::DocumentView::pdf;
    const bool html = sight.view == pages::DocumentView::html;
    const bool image = sight.view == pages::DocumentView::image;
    sign.base = pdf     ? "/.clave/sign/pdf/"
                : html  ? "/.clave/sign/html/"
                : image ? "/.clave/sign/image/"
                        : "/.clave/sign/Zk3xQ0aVb5n8Rr2mP1tLcA/";
    sign.number = "7F3K-92QD-4MTX-00B6";
    sign.title = "Solicitud de alta de beneficiario";
    sign.procedure = "Alta de beneficiario de la asistencia sanitaria";
    sign.document_name = pdf ? "solicitud-de-alta-de-beneficiario-2026-11-29.pdf" : "solicitud.txt";
    sign.media_type = pdf ? "application/pdf" : "text/plain";
    sign.view = sight.view;
    sign.fields = sight.fields;
    sign.way = sight.way;
    sign.documents = sight.several ? kSeveral : std::span<const pages::SignedDocument>();
    sign.size = 48213;
    sign.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    sign.signer_name = "María de los Ángeles Fernández-Echeverría Núñez";
    sign.signer_nif = "00000000T";
    sign.format = sight.format;
    sign.token = sight.again ? "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" : "";
    sign.redirect = "/gateway";
    sign.signature_sha256 = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
    sign.certificate_issuer = "SIMULADOR AC de firma en la nube";
    sign.certificate_serial = "3A:01:9C:44:7E:20:5B:11";
    sign.signed_at = Time(Seconds{1'795'968'322});
    sign.delivered = sight.delivered;
    sign.unconfirmed = sight.unconfirmed;
    sign.reason = sight.reason;
    sign.certificate_ends_soon = sight.delivered;
    sign.certificate_ends = Time(Seconds{1'800'000'000});
    return sign;
}

void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

std::string html_of(const Sight& sight, const Site& site, Language language) {
    const Requirement needed = test::requirement("permanente_otp");
    Credential held;
    held.method = Method::pin;
    pages::Facts facts;
    facts.ref = sight.refusal ? "7F3K-92QD" : "";
    facts.onward = sight.onward;
    facts.needed = &needed;
    facts.held = &held;
    facts.wanting = sight.wanting;
    facts.code = sight.code;
    facts.form_waits = sight.form_waits;
    facts.signing = sight.signing;
    // Of the sizes that they have in service.
    const std::string message(3400, 'P');
    const std::string again(400, 'A');
    facts.gateway_url = "/gateway";
    facts.saml_request = message;
    facts.relay_state = "AAAAAAAAAAAAAAAAAAAAAA";
    facts.logout_token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    facts.again = again;
    const pages::SignFacts sign = sign_facts(sight);
    facts.sign = sight.page >= PageId::sign_review && sight.page < PageId::error ? &sign : nullptr;
    return pages::render(sight.page, site, facts, language);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: write_pages DIRECTORY [TEMPLATES]\n", stderr);
        return 2;
    }
    const std::string directory = std::string(argv[1]) + "/";
    Site site = test::test_site();
    site.simulator = argc > 2;
    LookWords words;
    if (argc > 2) {
        words.pages = argv[2];
        words.name = "Sede electrónica de Villaejemplo de la Sierra";
        words.accent = "#7a1f3d";
        words.footer = "Ayuntamiento de Villaejemplo de la Sierra";
        words.accessibility = "/accesibilidad";
        words.logo = words.pages + "/logo.svg";
        words.css = words.pages + "/site.css";
        auto look = load_look(words);
        if (!look) {
            std::fprintf(stderr, "%s\n", look.error().error.what.c_str());
            return 1;
        }
        site.look = *look;
    }
    for (const char* name :
         {"clave.css", "theme.css", "submit.js", "go.js", "session.js", "logo.svg"}) {
        if (const pages::Asset* asset = pages::find_asset(site, name)) {
            write_file(directory + "assets/" + name, asset->body);
        }
    }
    std::string manifest = "[";
    for (const Sight& sight : kSights) {
        for (const Language language : kLanguages) {
            const std::string file =
                std::string(sight.name) + "." + std::string(tag(language)) + ".html";
            write_file(directory + file, html_of(sight, site, language));
            manifest += std::string(manifest.size() > 1 ? ",\n" : "\n") + R"({"name": ")" +
                        sight.name + R"(", "lang": ")" + std::string(tag(language)) +
                        R"(", "file": ")" + file + R"(", "policy": ")" +
                        std::string(pages::content_security_policy(sight.page)) + "\"}";
        }
    }
    write_file(directory + "manifest.json", manifest + "\n]\n");
    return 0;
}
