#include "pages/sign_pages.h"

#include "pages/assets.h"
#include "pages/fact_list.h"

namespace clave::pages {
namespace {

// The link works without the script, which may fail to load, too.
void redirect(Writer& page, const SignFacts& sign) {
    page.title("sign.redirect.title");
    page.paragraph("sign.redirect.body");
    page.paragraph("redirect.wait");
    page.act(fill(R"(<p class="actions"><a class="button" id="to-firma" href="{url}">{label}</a></p>
<script src="{script}" defer></script>
)",
                  {{"url", sign.redirect},
                   {"label", page.say("redirect.button")},
                   {"script", asset_url(page.site(), "go.js")}}));
}

// Hours, or days: nobody is held. The address is to be read and written down, too.
void completed_later(Writer& page, const SignFacts& sign) {
    page.title("sign.later.title");
    page.paragraph("sign.later.body");
    page.paragraph("sign.later.when", {{"time", madrid_time_in_words(page, sign.ready)}});
    page.paragraph("sign.later.how");
    FactList list(page);
    list.add("sign.fact.number", sign.number);
    list.add("sign.fact.procedure", sign.procedure);
    list.add("sign.fact.document", sign.document_name);
    list.add("sign.fact.address", sign.address);
    const std::string_view onward = page.facts().onward;
    const bool known = !onward.empty() && onward != "/";
    page.act(fill(R"(<p class="actions"><a class="button" href="{url}">{label}</a>
<a class="button plain" href="{onward}">{leave}</a></p>
)",
                  {{"url", sign.base},
                   {"label", page.say("sign.later.button")},
                   {"onward", known ? onward : "/"},
                   {"leave", page.say(known ? Key("sign.back") : Key("common.back_home"))}}));
    page.act(list.html());
}

// Nothing moves by itself (WCAG 2.2.1, 2.2.2): whoever waits asks.
void pending(Writer& page, const SignFacts& sign) {
    if (sign.ready != Time{}) {
        return completed_later(page, sign);
    }
    page.title("sign.pending.title");
    page.paragraph(sign.way == SignWay::form ? Key("sign.pending.body")
                                             : Key("sign.pending.body_order"));
    page.paragraph("sign.pending.how");
    page.act(fill("<p class=\"actions\"><a class=\"button\" href=\"{url}\">{label}</a></p>\n",
                  {{"url", sign.base}, {"label", page.say("sign.pending.button")}}));
}

}  // namespace

void write_sign_page(PageId id, Writer& page) {
    static constexpr SignFacts kNothing;
    const SignFacts& sign = page.facts().sign != nullptr ? *page.facts().sign : kNothing;
    switch (id) {
        case PageId::sign_review:
            return write_sign_review(page, sign);
        case PageId::sign_redirect:
            return redirect(page, sign);
        case PageId::sign_pending:
            return pending(page, sign);
        case PageId::sign_receipt:
            return write_sign_receipt(page, sign);
        case PageId::sign_quota:
            return write_sign_quota(page, sign);
        default:
            return write_sign_end(id, page, sign);
    }
}

}  // namespace clave::pages
