#include "pages/document.h"

#include "pages/assets.h"
#include "pages/look.h"

namespace clave::pages {
namespace {

// What stands around the words of a page, and what the site has made of it.
class Frame {
  public:
    Frame(PageId page, const Site& site, const Facts& facts, Language language)
        : page_(page), site_(site), look_(look_of(site)), facts_(facts), language_(language) {}

    std::string_view say(Key key) const { return text(language_, key); }
    std::string_view home() const { return site_.logout_target; }

    Html banner() const {
        if (!site_.simulator) {
            return {};
        }
        return fill("<p class=\"simulator\">{text}</p>\n",
                    {{"text", say("common.simulation_banner")}});
    }

    Html reference() const {
        if (facts_.ref.empty()) {
            return {};
        }
        const Html ref = fill("<code>{ref}</code>", {{"ref", facts_.ref}});
        const Html line = phrase(say("common.ref"), {{"ref", ref}});
        return fill("<p class=\"ref\">{line}</p>\n", {{"line", line}});
    }

    Html styles() const {
        Html links = style("clave.css");
        if (look_.has_style) {
            links += style(kOwnStyle);
        }
        return links;
    }

    Html skip() const {
        return fill("<a class=\"skip\" href=\"#main\">{text}</a>\n",
                    {{"text", say("common.skip")}});
    }

    // The name of the site says what the logo shows; without one the logo has to say it itself.
    Html brand() const {
        const std::string_view name = look_.name.empty() ? say("common.service") : look_.name;
        if (look_.logo.empty()) {
            return fill("<p class=\"service\">{name}</p>\n", {{"name", name}});
        }
        return fill(
            "<div class=\"brand\"><img class=\"logo\" src=\"{logo}\" alt=\"\">\n"
            "<p class=\"service\">{name}</p></div>\n",
            {{"logo", asset_url(site_, look_.logo)}, {"name", name}});
    }

    Html help() const {
        const Html words = phrase(say("common.help"), {{"phone", look_.phone}});
        return fill("<p>{words}</p>\n", {{"words", words}});
    }

    Html footer() const {
        Html lines;
        if (!look_.footer.empty()) {
            lines += fill("<p>{text}</p>\n", {{"text", look_.footer}});
        }
        if (!look_.accessibility.empty()) {
            lines += fill("<p><a href=\"{url}\">{label}</a></p>\n",
                          {{"url", look_.accessibility}, {"label", say("common.accessibility")}});
        }
        return lines;
    }

    Html inside(const Content& content) const {
        const std::string_view onward = facts_.onward.empty() ? home() : facts_.onward;
        return page_of(look_, page_, language_)
            .fill({{"title", content.title},
                   {"need", content.need},
                   {"ref", facts_.ref},
                   {"phone", look_.phone},
                   {"onward", onward},
                   {"home", home()},
                   {"text", content.text},
                   {"actions", content.actions},
                   {"reference", reference()},
                   {"links", content.links}});
    }

    std::string around(std::string_view title, const Html& inner) const {
        return layout_of(look_)
            .fill({{"lang", tag(language_)},
                   {"title", title},
                   {"service", say("common.service")},
                   {"site", look_.name},
                   {"phone", look_.phone},
                   {"home", home()},
                   {"styles", styles()},
                   {"skip", skip()},
                   {"banner", banner()},
                   {"brand", brand()},
                   {"languages", languages()},
                   {"content", inner},
                   {"help", help()},
                   {"footer", footer()}})
            .str();
    }

    // A form and not links: what has to be sent is said once, however many languages there are.
    Html languages() const {
        if (site_.languages.size() < 2 || facts_.again.empty()) {
            return {};
        }
        Html items;
        for (const Language language : site_.languages) {
            items += fill(language == language_ ? kPresentLanguage : kOtherLanguage,
                          {{"lang", tag(language)}, {"name", own_name(language)}});
        }
        return fill(leaves_form_behind() ? kSwitchInNewTab : kSwitch,
                    {{"label", say(leaves_form_behind() ? Key("common.language_new_tab")
                                                        : Key("common.language"))},
                     {"action", site_.path + "language"},
                     {"again", facts_.again},
                     {"items", items}});
    }

  private:
    // Languages that are named in themselves need no heading for the eye.
    static constexpr Markup kSwitch =
        R"(<nav class="languages" aria-labelledby="languages">
<p id="languages" class="unseen">{label}</p>
<form action="{action}"><input type="hidden" name="p" value="{again}">
<ul>
{items}</ul></form>
</nav>
)";
    static constexpr Markup kSwitchInNewTab =
        R"(<nav class="languages" aria-labelledby="languages">
<p id="languages">{label}</p>
<form action="{action}" target="_blank"><input type="hidden" name="p" value="{again}">
<ul>
{items}</ul></form>
</nav>
)";
    static constexpr Markup kPresentLanguage =
        R"(<li><span lang="{lang}" aria-current="true">{name}</span></li>
)";
    static constexpr Markup kOtherLanguage =
        R"(<li><button type="submit" name="l" value="{lang}" lang="{lang}">{name}</button></li>
)";

    Html style(std::string_view name) const {
        return fill("<link rel=\"stylesheet\" href=\"{url}\">\n",
                    {{"url", asset_url(site_, name)}});
    }

    // The form that was lost is one step back in the history of this tab, and shall stay there.
    bool leaves_form_behind() const { return page_ == PageId::post_lost; }

    PageId page_;
    const Site& site_;
    const Look& look_;
    const Facts& facts_;
    Language language_;
};

}  // namespace

std::string document(PageId page, const Site& site, const Facts& facts, Language language,
                     const Content& content) {
    const Frame frame(page, site, facts, language);
    return frame.around(content.title, frame.inside(content));
}

}  // namespace clave::pages
