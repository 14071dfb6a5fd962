#include "pages/content.h"

#include "pages/assets.h"
#include "pages/sign_pages.h"
#include "pages/writer.h"

namespace clave::pages {
namespace {

// The button is a real one and outside <noscript>: the script may fail to load, too.
void form_to_gateway(Writer& page, std::string_view field, Key label) {
    page.act(fill(R"(<form id="to-clave" method="post" action="{action}">
<input type="hidden" name="{field}" value="{request}">
<input type="hidden" name="RelayState" value="{relay}">
<p class="actions"><button class="button" type="submit">{label}</button></p>
</form>
<script src="{script}" defer></script>
)",
                  {{"action", page.facts().gateway_url},
                   {"field", field},
                   {"request", page.facts().saml_request},
                   {"relay", page.facts().relay_state},
                   {"label", page.say(label)},
                   {"script", asset_url(page.site(), "submit.js")}}));
}

void redirect(Writer& page) {
    page.title("redirect.title");
    page.paragraph("redirect.body", {{"need", page.need()}});
    page.paragraph("redirect.wait");
    form_to_gateway(page, "SAMLRequest", "redirect.button");
}

void logout(Writer& page) {
    page.title("logout.title");
    page.paragraph("logout.onward");
    page.paragraph("redirect.wait");
    form_to_gateway(page, "logoutRequest", "logout.onward_button");
}

void logout_confirm(Writer& page) {
    page.title("logout.ask_title");
    page.paragraph("logout.ask_body");
    page.act(fill(R"(<form method="post" action="{action}">
<input type="hidden" name="token" value="{token}">
<p class="actions"><button class="button" type="submit">{label}</button>
<a class="button plain" href="{home}">{back}</a></p>
</form>
)",
                  {{"action", page.site().path + "logout"},
                   {"token", page.facts().logout_token},
                   {"label", page.say("logout.ask_button")},
                   {"home", page.home()},
                   {"back", page.say("common.back_home")}}));
}

void step_up(Writer& page) {
    const Admission wanting = page.facts().wanting;
    const bool once_more = wanting == Admission::too_old || wanting == Admission::represented;
    page.title(once_more ? Key("stepup.title_again") : Key("stepup.title"));
    page.paragraph("stepup.have", {{"method", page.held_method()}});
    switch (wanting) {
        case Admission::too_old:
            page.paragraph("stepup.too_old");
            break;
        case Admission::represented:
            page.paragraph("stepup.represented");
            break;
        case Admission::registration:
            page.paragraph("stepup.need", {{"need", page.need()}});
            page.paragraph("stepup.registration");
            break;
        case Admission::granted:
        case Admission::level_low:
            page.paragraph("stepup.need", {{"need", page.need()}});
            if (page.needs_advanced_registration()) {
                page.paragraph("stepup.registration");
            }
            break;
    }
    page.paragraph("stepup.keep");
    page.actions("stepup.button");
}

void level_low(Writer& page) {
    page.title("level.title");
    if (page.names_methods()) {
        page.paragraph("level.body", {{"need", page.need()}});
        if (page.needs_advanced_registration()) {
            page.paragraph("stepup.registration");
        }
        page.paragraph("level.retry");
        if (page.may_lack_registration()) {
            page.paragraph("level.registration");
            page.paragraph("reg.how");
        }
    } else {
        page.paragraph("cancelled.other_ways");
    }
    page.actions("common.try_again");
}

void session_expired(Writer& page) {
    page.title("expired.title");
    page.paragraph("expired.body");
    if (page.facts().signing) {
        page.paragraph("expired.signing");
    }
    if (page.facts().form_waits) {
        page.paragraph("expired.saved");
    }
    page.paragraph("expired.how", {{"need", page.need()}});
    page.actions("stepup.button");
}

void not_allowed(Writer& page) {
    page.title("deny.title");
    if (page.facts().code == Code::represented) {
        page.paragraph("deny.represented");
    } else if (page.facts().code == Code::subject_change) {
        page.paragraph("deny.changed");
    } else {
        page.paragraph("deny.body");
    }
    page.paragraph("deny.how");
    page.actions("common.try_again");
}

// A page that consists of a title, paragraphs and one thing to do.
void plain(Writer& page, Key title, std::initializer_list<Key> paragraphs, Key action) {
    page.title(title);
    for (const Key paragraph : paragraphs) {
        page.paragraph(paragraph, {{"need", page.need()}});
    }
    page.actions(action);
}

void write(PageId id, Writer& page) {
    switch (id) {
        case PageId::redirect:
            return redirect(page);
        case PageId::step_up:
            return step_up(page);
        case PageId::session_expired:
            return session_expired(page);
        case PageId::cancelled:
            return plain(page, "cancelled.title", {"cancelled.body", "cancelled.other_ways"},
                         "common.try_again");
        case PageId::level_low:
            return level_low(page);
        case PageId::registration_basic:
            return plain(page, "reg.title", {"reg.why", "reg.how"}, "common.try_again");
        case PageId::service_down:
            return plain(page, "down.title", {"down.body", "down.deadline"}, "common.try_again");
        case PageId::response_invalid:
            if (page.facts().code == Code::status) {  // it is whole, and says that it failed there
                return plain(page, "invalid.title", {"invalid.status"}, "common.try_again");
            }
            return plain(page, "invalid.title", {"invalid.body", "invalid.retry"},
                         "common.try_again");
        case PageId::login_expired:
            return plain(page, "stale.title", {"stale.body", "stale.restart"}, "common.try_again");
        case PageId::cookies_off:
            return plain(
                page, "cookies.title",
                {page.facts().code == Code::state ? Key("cookies.none") : Key("cookies.body"),
                 "cookies.how"},
                "common.try_again");
        case PageId::post_lost:
            page.title("post.title");
            page.paragraph("post.body");
            if (page.facts().code == Code::post_too_large) {
                page.paragraph("post.size");
            } else if (page.facts().code == Code::post_no_room) {
                page.paragraph("post.room");
            }
            page.paragraph("post.how");
            // A new tab, because the form is one step back in the history of this one.
            return page.actions(
                "post.button",
                R"(<a class="button" href="{url}" target="_blank" rel="noopener">{label}</a>)");
        case PageId::not_allowed:
            return not_allowed(page);
        case PageId::not_found:
            return plain(page, "missing.title", {"missing.body"}, "common.back_home");
        case PageId::logout:
            return logout(page);
        case PageId::logout_confirm:
            return logout_confirm(page);
        case PageId::logout_unconfirmed:
            return plain(page, "logout.title", {"logout.partial", "logout.close"},
                         "common.back_home");
        case PageId::logout_unsure:
            return plain(page, "logout.unsure_title", {"logout.unsure", "logout.close"},
                         "common.back_home");
        case PageId::sign_review:
        case PageId::sign_redirect:
        case PageId::sign_pending:
        case PageId::sign_receipt:
        case PageId::sign_cancelled:
        case PageId::sign_expired:
        case PageId::sign_failed:
        case PageId::sign_lost:
        case PageId::sign_no_certificate:
        case PageId::sign_weak_registration:
        case PageId::sign_registration_old:
        case PageId::sign_blocked:
        case PageId::sign_no_registration:
        case PageId::sign_foreign:
        case PageId::sign_too_large:
        case PageId::sign_quota:
            return write_sign_page(id, page);
        case PageId::error:
            return plain(page, "error.title", {"error.body"}, "common.try_again");
    }
}

// Where the trouble may be on Cl@ve's side of the way.
bool may_need_help_with_clave(PageId page) noexcept {
    return page == PageId::cancelled || page == PageId::level_low ||
           page == PageId::registration_basic || page == PageId::step_up;
}

}  // namespace

Content content_of(PageId page, const Site& site, const Facts& facts, Language language) {
    Writer writer(site, facts, language);
    write(page, writer);
    if (may_need_help_with_clave(page)) {
        writer.help_with_clave(kHelpLinks);
    }
    return writer.take();
}

}  // namespace clave::pages
