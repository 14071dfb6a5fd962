// Before signing: what, by whom, and what it leads to. The law asks that the data are shown to the
// signer before they are signed (product.md section 1).
#include "pages/fact_list.h"
#include "pages/sign_pages.h"
#include "pages/visible_text.h"

namespace clave::pages {
namespace {

Html size_and_type(const Writer& page, const SignFacts& sign) {
    Html size = size_in_words(page, sign.size);
    if (sign.media_type.empty()) {
        return size;
    }
    return fill("{size} ({type})", {{"size", size}, {"type", visible_text(sign.media_type)}});
}

Html facts(const Writer& page, const SignFacts& sign) {
    FactList list(page);
    list.add("sign.fact.title", sign.title);
    list.add("sign.fact.procedure", sign.procedure);
    list.add("sign.fact.document", sign.document_name);
    list.add("sign.fact.size", size_and_type(page, sign));
    list.add("sign.fact.signer", sign.signer_name);
    list.add("sign.fact.nif", sign.signer_nif);
    list.add_code("sign.fact.digest", sign.sha256);
    return list.html();
}

// A document runs no scripts and is nobody's origin in a sandbox. Chromium shows no PDF in one, but
// lets none of a PDF's scripts near the page either. Not every browser lets a keyboard into a
// frame; the link below it leads everybody to the document.
Html view(const Writer& page, const SignFacts& sign) {
    const std::string url = std::string(sign.base) + "document";
    switch (sign.view) {
        case DocumentView::text:
        case DocumentView::html:
        case DocumentView::image:
            return fill(
                R"(<iframe class="document" sandbox src="{url}" title="{title}"></iframe>
)",
                {{"url", url}, {"title", page.say("sign.review.frame")}});
        case DocumentView::pdf:
            return fill(
                R"(<object class="document" type="application/pdf" data="{url}" title="{title}">
<p>{sorry} <a href="{url}">{open}</a></p>
</object>
)",
                {{"url", url},
                 {"title", page.say("sign.review.frame")},
                 {"sorry", page.say("sign.review.no_viewer")},
                 {"open", page.say("sign.review.open")}});
        case DocumentView::none:
            break;
    }
    return fill("<p>{text}</p>\n", {{"text", page.say("sign.review.not_shown")}});
}

Html link_to_view(const Writer& page, const SignFacts& sign) {
    if (sign.view == DocumentView::none) {
        return {};
    }
    return fill("<li><a href=\"{base}document\">{open}</a></li>\n",
                {{"base", sign.base}, {"open", page.say("sign.review.open")}});
}

// Both buttons side by side, though of two forms: the one that cancels asks for no tick.
Html forms(const Writer& page, const SignFacts& sign) {
    return fill(R"(<form id="cancel" method="post" action="{base}cancel">
<input type="hidden" name="token" value="{token}">
</form>
<form method="post" action="{base}confirm">
<input type="hidden" name="token" value="{token}">
<p><label class="check"><input type="checkbox" name="read" value="1" required>
<span>{read}</span></label></p>
<p class="actions"><button class="button" type="submit">{sign}</button>
<button class="button plain" type="submit" form="cancel">{cancel}</button></p>
</form>
)",
                {{"base", sign.base},
                 {"token", sign.token},
                 {"read", page.say("sign.review.confirm")},
                 {"sign", page.say("sign.review.button")},
                 {"cancel", page.say("sign.review.cancel")}});
}

}  // namespace

void write_sign_review(Writer& page, const SignFacts& sign) {
    page.title("sign.review.title");
    page.paragraph("sign.review.body");
    page.act(facts(page, sign));
    page.act(fill(R"(<h2>{heading}</h2>
{view}<ul class="help">
{open}<li><a href="{base}document?download=1">{download}</a></li>
</ul>
<h2>{signing}</h2>
<p>{effect}</p>
)",
                  {{"heading", page.say("sign.review.document")},
                   {"view", view(page, sign)},
                   {"open", link_to_view(page, sign)},
                   {"base", sign.base},
                   {"download", page.say("sign.download_document")},
                   {"signing", page.say("sign.review.sign")},
                   {"effect", page.say("sign.review.effect")}}));
    page.act(forms(page, sign));
}

}  // namespace clave::pages
