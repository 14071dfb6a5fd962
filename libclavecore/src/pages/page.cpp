#include "pages/page.h"

#include "pages/document.h"

namespace clave::pages {

std::string render(PageId page, const Site& site, const Facts& facts, Language language) {
    return document(page, site, facts, language, content_of(page, site, facts, language));
}

std::string_view content_security_policy(PageId page) noexcept {
    if (page == PageId::redirect || page == PageId::logout) {
        return "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
               "form-action https:; frame-ancestors 'none'; base-uri 'none'";
    }
    if (page == PageId::sign_review) {
        return "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
               "object-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    }
    if (page == PageId::sign_redirect) {
        return "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
               "form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    }
    return "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
           "frame-ancestors 'none'; base-uri 'none'";
}

}  // namespace clave::pages
