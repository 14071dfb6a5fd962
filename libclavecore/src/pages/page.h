// The citizens' pages: complete HTML documents, below 20 kB, without a third-party request.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/host.h"
#include "clave/level.h"
#include "clave/sign_words.h"
#include "clave/site.h"
#include "pages/catalogue.h"

namespace clave::pages {

// How a document is shown before it is signed.
enum class DocumentView { text, html, pdf, image, none };  // none: to download only

// Where a document comes from: it is the person's own form, the application's answer to a request
// (clave_sign upstream), or ordered by an application beforehand (clave_sign_api).
enum class SignWay { form, answer, order };

// One of several that are signed together.
struct SignedDocument {
    std::string_view name, media_type;
    DocumentView view = DocumentView::none;
    std::uint64_t size = 0;
    std::string_view sha256;            // hex
    std::string_view signature_sha256;  // hex; empty: it is not signed
    bool lost = false;                  // it was, and is not here
};

// One that is not over yet.
struct OpenSignature {
    std::string_view base;   // where it goes on
    std::string_view title;  // of what is signed, or the document's name
    std::string_view number;
    Time created{};
};

// What a page about a signature has to say; borrowed. Text of others may be anything: what cannot
// be seen in it is written out (F-06).
struct SignFacts {
    std::string_view base;    // "/.clave/sign/ID/", where the document is and forms go; a GET of it
                              // shows the present state. Empty: there is nothing behind the page
    std::string_view number;  // of the transaction, as people read it out
    std::string_view title, procedure, document_name, media_type;
    DocumentView view = DocumentView::none;
    bool fields = false;  // sign_review: something was sent with the document, and is at "fields"
    SignWay way = SignWay::form;
    std::uint64_t size = 0;   // bytes
    std::string_view sha256;  // hex, of the document
    // Where there are several, what is said above of a document is of none of them.
    std::span<const SignedDocument> documents;
    std::string_view signer_name, signer_nif;
    std::string_view format;    // "XAdES"
    std::string_view token;     // what forms send as `token`; empty: there is no trying again
    std::string_view redirect;  // sign_redirect: the link
    Time ready{};  // sign_pending: signed, and completed then; the page is at `address`
    std::string_view address;
    // sign_receipt
    std::string_view origin;  // of the site
    std::string_view signature_sha256, certificate_issuer, certificate_serial;
    Time signed_at{};
    bool delivered = false;    // the application has it
    bool unconfirmed = false;  // it was handed over, and has not said that it has it
    bool certificate_ends_soon = false;
    Time certificate_ends{};
    // sign_failed, where there is a `base`
    SignReason reason = SignReason::gateway;
    std::span<const OpenSignature> open;  // sign_quota
};

// What a page may have to say. Everything is borrowed for the call; what a page has no use for is
// left at its default.
struct Facts {
    std::string_view ref;     // shown if not empty
    std::string_view onward;  // where the button leads; "/" unless somebody knows better
    const Requirement* needed = nullptr;
    const Credential* held = nullptr;          // step_up
    Admission wanting = Admission::level_low;  // step_up: what it lacks
    Code code = Code::internal;                // not_allowed, cookies_off, sign_failed: what it was
    bool form_waits = false;                   // session_expired: what was sent is kept
    bool signing = false;                      // session_expired: back from Cl@ve Firma
    std::string_view gateway_url;              // redirect, logout: the form
    std::string_view saml_request;
    std::string_view relay_state;
    std::string_view again;           // what the language switch sends; empty: there is no switch
    std::string_view logout_token;    // logout_confirm: what the button sends; may be empty
    const SignFacts* sign = nullptr;  // sign_*; without it they say what happened and no more
};

std::string render(PageId page, const Site& site, const Facts& facts, Language language);

// Content-Security-Policy. On the pages to the gateway the form may go to any https origin:
// Chromium holds every later redirect of the gateway against it (product.md 8.4). The one of
// sign_review lets the page show the document, which comes from this origin.
std::string_view content_security_policy(PageId page) noexcept;

}  // namespace clave::pages
