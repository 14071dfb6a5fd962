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
    {.name = "cancelled", .page = PageId::cancelled},
    {.name = "level-low", .page = PageId::level_low},
    {.name = "registration-basic", .page = PageId::registration_basic},
    {.name = "service-down", .page = PageId::service_down},
    {.name = "response-invalid", .page = PageId::response_invalid, .onward = ""},
    {.name = "login-expired", .page = PageId::login_expired},
    {.name = "cookies-off", .page = PageId::cookies_off},
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
    {.name = "error", .page = PageId::error, .onward = ""},
};

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
    // Of the sizes that they have in service.
    const std::string message(3400, 'P');
    const std::string again(400, 'A');
    facts.gateway_url = "/gateway";
    facts.saml_request = message;
    facts.relay_state = "AAAAAAAAAAAAAAAAAAAAAA";
    facts.logout_token = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    facts.again = again;
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
    for (const char* name : {"clave.css", "theme.css", "submit.js", "session.js", "logo.svg"}) {
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
