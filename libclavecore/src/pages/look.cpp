#include "pages/look.h"

#include <array>

#include "clave/site.h"

namespace clave::pages {
namespace {

constexpr TemplateSlot kLayoutSlots[] = {
    {"lang", SlotKind::text, true},         // as in <html lang>
    {"title", SlotKind::text, true},        // of the page
    {"service", SlotKind::text, false},     // "Identificación con Cl@ve"
    {"site", SlotKind::text, false},        // name= of clave_theme
    {"phone", SlotKind::text, false},       // help_phone= of clave_theme
    {"home", SlotKind::address, false},     // "/"
    {"styles", SlotKind::markup, false},    // our style, and the site's
    {"skip", SlotKind::markup, false},      // link to #main, for keyboards
    {"banner", SlotKind::markup, true},     // of the simulator, or nothing
    {"brand", SlotKind::markup, false},     // logo and name
    {"languages", SlotKind::markup, true},  // the switch
    {"content", SlotKind::markup, true},    // the page
    {"help", SlotKind::markup, false},      // whom to call
    {"footer", SlotKind::markup, false},    // footer= and accessibility= of clave_theme
};

constexpr TemplateSlot kPageSlots[] = {
    {"title", SlotKind::text, false},
    {"need", SlotKind::text, false},  // the means of identification that are asked for
    {"ref", SlotKind::text, false},   // of the refusal, as in the log
    {"phone", SlotKind::text, false},
    {"onward", SlotKind::address, false},  // where the main button leads
    {"home", SlotKind::address, false},
    {"text", SlotKind::markup, false},      // what happened, what to do
    {"actions", SlotKind::markup, true},    // buttons, or the form to Cl@ve
    {"reference", SlotKind::markup, true},  // the sentence with the reference
    {"links", SlotKind::markup, false},     // help at Cl@ve itself
};

constexpr const char* kLayout = R"(<!DOCTYPE html>
<html lang="{{lang}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{title}} - {{service}}</title>
{{styles}}</head>
<body>
{{skip}}<header>
{{banner}}<div class="inner">
{{brand}}{{languages}}</div>
</header>
<main id="main" tabindex="-1">
{{content}}</main>
<footer>
<div class="inner">
{{help}}{{footer}}</div>
</footer>
</body>
</html>
)";

constexpr const char* kPage = R"(<h1>{{title}}</h1>
{{text}}{{actions}}{{reference}}{{links}})";

// In the order of PageId.
constexpr auto kFileNames = std::to_array<std::string_view>({"redirect",
                                                             "stepup",
                                                             "session-expired",
                                                             "cancelled",
                                                             "level-low",
                                                             "registration-basic",
                                                             "service-down",
                                                             "response-invalid",
                                                             "login-expired",
                                                             "cookies-off",
                                                             "post-lost",
                                                             "not-allowed",
                                                             "not-found",
                                                             "logout",
                                                             "logout-confirm",
                                                             "logout-unconfirmed",
                                                             "logout-unsure",
                                                             "sign-review",
                                                             "sign-redirect",
                                                             "sign-pending",
                                                             "sign-receipt",
                                                             "sign-cancelled",
                                                             "sign-expired",
                                                             "sign-failed",
                                                             "sign-lost",
                                                             "sign-no-certificate",
                                                             "sign-weak-registration",
                                                             "sign-registration-old",
                                                             "sign-blocked",
                                                             "sign-no-registration",
                                                             "sign-foreign",
                                                             "sign-too-large",
                                                             "sign-quota",
                                                             "error"});
static_assert(kFileNames.size() == static_cast<std::size_t>(PageId::error) + 1);

const OwnPage* own_page(const Look& look, PageId page, std::optional<Language> language) {
    for (const OwnPage& own : look.pages) {
        if (own.page == page && own.language == language) {
            return &own;
        }
    }
    return nullptr;
}

}  // namespace

const Look& look_of(const Site& site) {
    static const Look built_in;
    return site.look ? *site.look : built_in;
}

const Template& layout_of(const Look& look) {
    static const Template built_in = Template::compile(kLayout, kLayoutSlots).value();
    return look.layout ? *look.layout : built_in;
}

const Template& page_of(const Look& look, PageId page, Language language) {
    static const Template built_in = Template::compile(kPage, kPageSlots).value();
    const OwnPage* own = own_page(look, page, language);
    if (own == nullptr) {
        own = own_page(look, page, std::nullopt);
    }
    return own != nullptr ? own->text : built_in;
}

std::span<const TemplateSlot> layout_slots() noexcept {
    return kLayoutSlots;
}

std::span<const TemplateSlot> page_slots() noexcept {
    return kPageSlots;
}

std::string_view file_name(PageId page) noexcept {
    return kFileNames[static_cast<std::size_t>(page)];
}

}  // namespace clave::pages
