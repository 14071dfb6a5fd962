// The citizens' pages: complete HTML documents, below 20 kB, without a third-party request.
#pragma once

#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/level.h"
#include "clave/site.h"
#include "pages/catalogue.h"

namespace clave::pages {

// What a page may have to say. Everything is borrowed for the call; what a page has no use for is
// left at its default.
struct Facts {
    std::string_view ref;     // shown if not empty
    std::string_view onward;  // where the button leads; "/" unless somebody knows better
    const Requirement* needed = nullptr;
    const Credential* held = nullptr;          // step_up
    Admission wanting = Admission::level_low;  // step_up: what it lacks
    Code code = Code::internal;                // not_allowed: what happened
    std::string_view gateway_url;              // redirect, logout: the form
    std::string_view saml_request;
    std::string_view relay_state;
    std::string_view again;         // what the language switch sends; empty: there is no switch
    std::string_view logout_token;  // logout_confirm: what the button sends; may be empty
};

std::string render(PageId page, const Site& site, const Facts& facts, Language language);

// Content-Security-Policy. On the pages to the gateway the form may go to any https origin:
// Chromium holds every later redirect of the gateway against it (product.md 8.4).
std::string_view content_security_policy(PageId page) noexcept;

}  // namespace clave::pages
