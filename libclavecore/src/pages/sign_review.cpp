// Before signing: what, by whom, and what it leads to. The law asks that the data are shown to the
// signer before they are signed (product.md section 1).
#include <string>

#include "pages/fact_list.h"
#include "pages/sign_pages.h"
#include "pages/visible_text.h"

namespace clave::pages {
namespace {

Html size_and_type(const Writer& page, std::uint64_t bytes, std::string_view media_type) {
    Html size = size_in_words(page, bytes);
    if (media_type.empty()) {
        return size;
    }
    return fill("{size} ({type})", {{"size", size}, {"type", visible_text(media_type)}});
}

void add_document(const Writer& page, FactList& list, const SignedDocument& document) {
    list.add("sign.fact.document", document.name);
    list.add("sign.fact.size", size_and_type(page, document.size, document.media_type));
}

Html facts(const Writer& page, const SignFacts& sign) {
    FactList list(page);
    list.add("sign.fact.title", sign.title);
    list.add("sign.fact.procedure", sign.procedure);
    if (sign.documents.empty()) {
        add_document(page, list,
                     {sign.document_name, sign.media_type, sign.view, sign.size, sign.sha256, {}});
    }
    list.add("sign.fact.signer", sign.signer_name);
    list.add("sign.fact.nif", sign.signer_nif);
    if (sign.documents.empty()) {
        list.add_code("sign.fact.digest", sign.sha256);
    }
    return list.html();
}

// A document runs no scripts and is nobody's origin in a sandbox. Chromium shows no PDF in one, but
// lets none of a PDF's scripts near the page either. Not every browser lets a keyboard into a
// frame; the link below it leads everybody to the document.
Html view(const Writer& page, const std::string& url, const Html& which, DocumentView how) {
    switch (how) {
        case DocumentView::text:
        case DocumentView::html:
        case DocumentView::image:
            return fill(
                R"(<iframe class="document" sandbox src="{url}" title="{title}"{which}></iframe>
)",
                {{"url", url}, {"title", page.say("sign.review.frame")}, {"which", which}});
        case DocumentView::pdf:
            return fill(
                R"(<object class="document" type="application/pdf" data="{url}" title="{title}"{which}>
<p>{sorry} <a href="{url}">{open}</a></p>
</object>
)",
                {{"url", url},
                 {"title", page.say("sign.review.frame")},
                 {"which", which},
                 {"sorry", page.say("sign.review.no_viewer")},
                 {"open", page.say("sign.review.open")}});
        case DocumentView::none:
            break;
    }
    return fill("<p>{text}</p>\n", {{"text", page.say("sign.review.not_shown")}});
}

// `number`: which of several; empty for the only one. Who hears a list of links or frames is told.
Html shown(const Writer& page, const SignFacts& sign, const std::string& number, DocumentView how) {
    const std::string url =
        std::string(sign.base) + "document" + (number.empty() ? "" : "?d=" + number);
    Html which;
    if (!number.empty()) {
        which = fill(R"( aria-describedby="d{number}")", {{"number", number}});
    }
    Html open;
    if (how != DocumentView::none) {
        open = fill("<li><a href=\"{url}\"{which}>{open}</a></li>\n",
                    {{"url", url}, {"which", which}, {"open", page.say("sign.review.open")}});
    }
    return fill(R"({view}<ul class="help">
{open}<li><a href="{url}{mark}download=1"{which}>{download}</a></li>
</ul>
)",
                {{"view", view(page, url, which, how)},
                 {"open", open},
                 {"url", url},
                 {"which", which},
                 {"mark", number.empty() ? "?" : "&"},
                 {"download", page.say("sign.download_document")}});
}

Html all_shown(const Writer& page, const SignFacts& sign) {
    if (sign.documents.empty()) {
        return fill("<h2>{heading}</h2>\n{shown}", {{"heading", page.say("sign.review.document")},
                                                    {"shown", shown(page, sign, {}, sign.view)}});
    }
    Html all;
    for (std::size_t i = 0; i < sign.documents.size(); ++i) {
        const SignedDocument& document = sign.documents[i];
        FactList list(page);
        list.add("sign.fact.size", size_and_type(page, document.size, document.media_type));
        list.add_code("sign.fact.digest", document.sha256);
        const std::string number = std::to_string(i + 1);
        all += fill("<h2 id=\"d{number}\">{number}. <bdi>{name}</bdi></h2>\n{facts}{shown}",
                    {{"number", number},
                     {"name", visible_text(document.name)},
                     {"facts", list.html()},
                     {"shown", shown(page, sign, number, document.view)}});
    }
    return all;
}

// What the application gets as well. Whoever signs has to know that the signature is not of that.
Html fields(const Writer& page, const SignFacts& sign) {
    if (!sign.fields) {
        return {};
    }
    return fill(R"(<h2>{heading}</h2>
<p id="fields">{body}</p>
<iframe class="document" sandbox src="{base}fields" title="{heading}" aria-describedby="fields"></iframe>
<ul class="help">
<li><a href="{base}fields">{open}</a></li>
</ul>
)",
                {{"heading", page.say("sign.review.fields")},
                 {"body", page.say("sign.review.fields_body")},
                 {"base", sign.base},
                 {"open", page.say("sign.review.fields_open")}});
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
                 {"read", sign.documents.empty() ? page.say("sign.review.confirm")
                                                 : page.say("sign.review.confirm_all")},
                 {"sign", page.say("sign.review.button")},
                 {"cancel", page.say("sign.review.cancel")}});
}

}  // namespace

void write_sign_review(Writer& page, const SignFacts& sign) {
    page.title("sign.review.title");
    const bool of_form = sign.way == SignWay::form;
    if (!sign.documents.empty()) {
        page.paragraph("sign.review.body_all");
    } else {
        page.paragraph(of_form ? Key("sign.review.body") : Key("sign.review.body_order"));
    }
    page.act(facts(page, sign));
    page.act(all_shown(page, sign));
    page.act(fields(page, sign));
    page.act(fill("<h2>{signing}</h2>\n<p>{effect}</p>\n",
                  {{"signing", page.say("sign.review.sign")},
                   {"effect", of_form ? page.say("sign.review.effect")
                                      : page.say("sign.review.effect_order")}}));
    page.act(forms(page, sign));
}

}  // namespace clave::pages
