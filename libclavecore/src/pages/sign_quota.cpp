// Too much is under way: which it is, so that its person can finish some of it, or give it up.
#include "pages/fact_list.h"
#include "pages/sign_pages.h"
#include "pages/visible_text.h"

namespace clave::pages {
namespace {

Html open_ones(const Writer& page, const SignFacts& sign) {
    Html items;
    for (const OpenSignature& one : sign.open) {
        const std::string title = visible_text(one.title);
        items += fill("<li><a href=\"{base}\"><bdi>{title}</bdi></a> ({number}, {time})</li>\n",
                      {{"base", one.base},
                       {"title", title},
                       {"number", one.number},
                       {"time", madrid_time_in_words(page, one.created)}});
    }
    return items;
}

}  // namespace

void write_sign_quota(Writer& page, const SignFacts& sign) {
    page.title("sign.quota.title");
    page.paragraph("sign.quota.body");
    page.paragraph(sign.way == SignWay::form ? Key("sign.quota.form") : Key("sign.quota.order"));
    const Html items = open_ones(page, sign);
    if (!items.empty()) {
        page.act(fill("<h2>{title}</h2>\n<ul>\n{items}</ul>\n",
                      {{"title", page.say("sign.quota.open")}, {"items", items}}));
    }
    page.way_on();
}

}  // namespace clave::pages
