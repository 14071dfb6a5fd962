#include "pages/content.h"

#include <utility>

#include "pages/assets.h"
#include "pages/help_links.h"

namespace clave::pages {
namespace {

class Writer {
  public:
    Writer(const Site& site, const Facts& facts, Language language)
        : site_(site), facts_(facts), language_(language) {
        content_.need = need();
    }

    std::string_view say(Key key) const { return text(language_, key); }

    void title(Key key) { content_.title = say(key); }
    void paragraph(Key key, Slots slots = {}) {
        const Html words = phrase(say(key), slots);
        content_.text += fill("<p>{words}</p>\n", {{"words", words}});
    }
    void act(const Html& html) { content_.actions += html; }

    // One thing to do, and the way home where that is something else.
    void actions(Key label, Markup link = R"(<a class="button" href="{url}">{label}</a>)") {
        const std::string_view onward = facts_.onward.empty() ? "/" : facts_.onward;
        Html links = fill(link, {{"url", onward}, {"label", say(label)}});
        if (onward != "/") {
            links += fill(R"( <a class="button plain" href="/">{label}</a>)",
                          {{"label", say("common.back_home")}});
        }
        act(fill("<p class=\"actions\">{links}</p>\n", {{"links", links}}));
    }

    void help_with_clave() {
        Html items;
        for (const HelpLink& link : kHelpLinks) {
            items += fill("<li><a href=\"{url}\">{label}</a></li>\n",
                          {{"url", help_url(link, language_)}, {"label", say(link.label)}});
        }
        content_.links = fill("<h2>{title}</h2>\n<ul class=\"help\">\n{items}</ul>\n",
                              {{"title", say("help.title")}, {"items", items}});
    }

    Content take() { return std::move(content_); }

    const Site& site() const { return site_; }
    const Facts& facts() const { return facts_; }

    std::string_view need() const {
        if (facts_.needed == nullptr) {
            return say("need.other");
        }
        const std::string_view level = facts_.needed->level;
        if (level == "pin") {
            return say("need.pin");
        }
        if (level == "permanente") {
            return say("need.permanente");
        }
        return say(level == "permanente_otp" ? Key("need.permanente_otp") : Key("need.other"));
    }

    std::string_view held_method() const {
        const Credential held = facts_.held != nullptr ? *facts_.held : Credential{};
        switch (held.method) {
            case Method::pin:
            case Method::movil:
                return say("method.pin");
            case Method::permanente:
                return say(held.loa == Loa::low ? Key("method.permanente")
                                                : Key("method.permanente_otp"));
            case Method::certificado:
                return say("method.certificado");
            case Method::eidas:
                return say("method.eidas");
            case Method::cartera:
                return say("method.cartera");
        }
        return say("need.other");
    }

  private:
    const Site& site_;
    const Facts& facts_;
    Language language_;
    Content content_;
};

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
<a class="button plain" href="/">{back}</a></p>
</form>
)",
                  {{"action", page.site().path + "logout"},
                   {"token", page.facts().logout_token},
                   {"label", page.say("logout.ask_button")},
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
            break;
    }
    page.paragraph("stepup.keep");
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
        case PageId::cancelled:
            return plain(page, "cancelled.title", {"cancelled.body", "cancelled.other_ways"},
                         "common.try_again");
        case PageId::level_low:
            return plain(page, "level.title", {"level.body", "level.retry"}, "common.try_again");
        case PageId::registration_basic:
            return plain(page, "reg.title", {"reg.why", "reg.how"}, "common.try_again");
        case PageId::service_down:
            return plain(page, "down.title", {"down.body", "down.deadline"}, "common.try_again");
        case PageId::response_invalid:
            return plain(page, "invalid.title", {"invalid.body", "invalid.retry"},
                         "common.try_again");
        case PageId::login_expired:
            return plain(page, "stale.title", {"stale.body", "stale.restart"}, "common.try_again");
        case PageId::cookies_off:
            return plain(page, "cookies.title", {"cookies.body", "cookies.how"},
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
        writer.help_with_clave();
    }
    return writer.take();
}

}  // namespace clave::pages
