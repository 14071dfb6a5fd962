// What the pages are written with: collects the parts of one of them, in one language.
#pragma once

#include <span>
#include <utility>

#include "pages/content.h"
#include "pages/help_links.h"
#include "pages/needed_methods.h"

namespace clave::pages {

class Writer {
  public:
    Writer(const Site& site, const Facts& facts, Language language)
        : site_(site), facts_(facts), language_(language) {
        if (facts.needed != nullptr) {
            content_.need = needed_methods(*facts.needed, language);
        }
        names_methods_ = !content_.need.empty();
        if (!names_methods_) {
            content_.need = say("need.other");
        }
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
        const bool leads_home = label.index() == Key("common.back_home").index();
        const std::string_view url = leads_home || facts_.onward.empty() ? home() : facts_.onward;
        Html links = fill(link, {{"url", url}, {"label", say(label)}});
        if (url != home()) {
            links += fill(R"( <a class="button plain" href="{home}">{label}</a>)",
                          {{"home", home()}, {"label", say("common.back_home")}});
        }
        act(fill("<p class=\"actions\">{links}</p>\n", {{"links", links}}));
    }

    // Where something has ended: back to what it was for, if that is known.
    void way_on() { actions(knows_way_on() ? Key("sign.back") : Key("common.back_home")); }

    void help_with_clave(std::span<const HelpLink> help) {
        Html items;
        for (const HelpLink& link : help) {
            items += fill("<li><a href=\"{url}\">{label}</a></li>\n",
                          {{"url", help_url(link, language_)}, {"label", say(link.label)}});
        }
        content_.links = fill("<h2>{title}</h2>\n<ul class=\"help\">\n{items}</ul>\n",
                              {{"title", say("help.title")}, {"items", items}});
    }

    Content take() { return std::move(content_); }

    const Site& site() const { return site_; }
    // Public, as nobody is led to a login who did not ask for one.
    std::string_view home() const { return site_.logout_target; }
    const Facts& facts() const { return facts_; }

    std::string_view need() const { return content_.need; }
    // Whether need() tells anything.
    bool names_methods() const { return names_methods_; }
    bool needs_advanced_registration() const {
        return facts_.needed != nullptr && pages::needs_advanced_registration(*facts_.needed);
    }
    // Cl@ve does not say why somebody fell short of what a basic registration never reaches.
    bool may_lack_registration() const {
        return facts_.needed != nullptr && facts_.needed->ask == Loa::substantial &&
               !needs_advanced_registration();
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
    // "/" is what is said where nobody knows better.
    bool knows_way_on() const { return !facts_.onward.empty() && facts_.onward != "/"; }

    const Site& site_;
    const Facts& facts_;
    Language language_;
    Content content_;
    bool names_methods_ = false;
};

}  // namespace clave::pages
