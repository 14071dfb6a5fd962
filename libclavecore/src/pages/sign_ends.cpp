// Where signing can end without a signature: what happened, whether anything was signed or sent,
// what to do.
#include <algorithm>
#include <array>

#include "pages/fact_list.h"
#include "pages/sign_pages.h"

namespace clave::pages {
namespace {

struct End {
    PageId page;
    Key title, happened, outcome, what_to_do;
};

constexpr auto kEnds = std::to_array<End>({
    {PageId::sign_cancelled, "sign.cancelled.title", "sign.cancelled.body", "sign.nothing",
     "sign.cancelled.how"},
    {PageId::sign_expired, "sign.expired.title", "sign.expired.body", "sign.nothing",
     "sign.expired.how"},
    // Something may have been signed, and by somebody else or not what was asked for.
    {PageId::sign_failed, "sign.failed.title", "sign.failed.body", "sign.nothing_sent",
     "sign.failed.how"},
    {PageId::sign_lost, "sign.lost.title", "sign.lost.body", "sign.nothing_sent", "sign.lost.how"},
    {PageId::sign_no_certificate, "sign.no_certificate.title", "sign.no_certificate.body",
     "sign.nothing", "sign.no_certificate.how"},
    {PageId::sign_weak_registration, "sign.weak.title", "sign.weak.body", "sign.nothing",
     "reg.how"},
    {PageId::sign_registration_old, "sign.old.title", "sign.old.body", "sign.nothing",
     "sign.old.how"},
    {PageId::sign_blocked, "sign.blocked.title", "sign.blocked.body", "sign.nothing",
     "sign.blocked.how"},
    {PageId::sign_no_registration, "sign.unregistered.title", "sign.unregistered.body",
     "sign.nothing", "sign.unregistered.how"},
    {PageId::sign_foreign, "sign.foreign.title", "sign.foreign.body", "sign.nothing",
     "sign.foreign.how"},
    {PageId::sign_too_large, "sign.too_large.title", "sign.too_large.body", "sign.nothing",
     "sign.too_large.how"},
});
static_assert(kEnds.size() == static_cast<std::size_t>(PageId::sign_too_large) -
                                  static_cast<std::size_t>(PageId::sign_cancelled) + 1);

// In the order of PageId.
constexpr const End& end_of(PageId page) {
    return kEnds.at(static_cast<std::size_t>(page) -
                    static_cast<std::size_t>(PageId::sign_cancelled));
}
static_assert(std::all_of(kEnds.begin(), kEnds.end(),
                          [](const End& end) { return end_of(end.page).page == end.page; }));

// What a failure was, as far as the person can do something about it. FIRe has one code (505) for a
// wrong password, a code that has expired, and its own faults (protocol section 5).
End failure(const Facts& facts, const SignFacts& sign) {
    End end = end_of(PageId::sign_failed);
    if (facts.code == Code::sign_document) {
        return {PageId::sign_failed, "sign.unfit.title", "sign.unfit.body", "sign.nothing",
                "sign.unfit.how"};
    }
    if (facts.code == Code::sign_erased) {
        return {PageId::sign_failed, "sign.erased.title", "sign.erased.body", "sign.erased.outcome",
                "sign.erased.how"};
    }
    if (facts.code == Code::api_state) {
        end.title = "sign.unready.title";
        end.happened = "sign.unready.body";
        end.what_to_do = "sign.unready.how";
        return end;
    }
    if (sign.base.empty()) {
        return end;
    }
    switch (sign.reason) {
        case SignReason::unavailable:
            end.happened = "sign.failed.away_body";
            break;
        case SignReason::wrong_signer:
        case SignReason::wrong_document:
            end.happened = "sign.failed.unaccepted_body";
            end.what_to_do = "sign.failed.unaccepted_how";
            break;
        case SignReason::configuration:
            end.happened = "sign.failed.refused_body";
            end.what_to_do = "sign.failed.refused_how";
            break;
        default:
            end.happened = "sign.failed.unfinished_body";
            end.what_to_do = "sign.failed.unfinished_how";
            break;
    }
    return end;
}

// Of what an application has made, more may be known at the office than that nothing is signed.
Key outcome_of(const End& end, const SignFacts& sign) {
    if (sign.way == SignWay::form) {
        return end.outcome;
    }
    return end.outcome.index() == Key("sign.nothing").index() ? Key("sign.nothing_order")
                                                              : Key("sign.nothing_sent_order");
}

// Only who has ordered it can order it again.
Key what_to_do(const End& end, const SignFacts& sign) {
    const bool just_again = end.page == PageId::sign_cancelled ||
                            end.page == PageId::sign_expired || end.page == PageId::sign_lost;
    return sign.way == SignWay::order && just_again ? Key("sign.again_order") : end.what_to_do;
}

// Which one it was, for whoever has more than one.
Html facts(const Writer& page, const SignFacts& sign) {
    FactList list(page);
    if (page.facts().ref != sign.number) {  // or it is said already
        list.add("sign.fact.number", sign.number);
    }
    list.add("sign.fact.procedure", sign.procedure);
    list.add("sign.fact.document", sign.document_name);
    return list.html();
}

void offer_again(Writer& page, const SignFacts& sign) {
    page.paragraph(sign.way == SignWay::form ? Key("sign.kept") : Key("sign.kept_document"));
    page.act(fill(R"(<form method="post" action="{base}again">
<input type="hidden" name="token" value="{token}">
<p class="actions"><button class="button" type="submit">{label}</button>
<a class="button plain" href="{home}">{label_home}</a></p>
</form>
)",
                  {{"base", sign.base},
                   {"token", sign.token},
                   {"label", page.say("sign.again")},
                   {"home", page.home()},
                   {"label_home", page.say("common.back_home")}}));
}

}  // namespace

void write_sign_end(PageId id, Writer& page, const SignFacts& sign) {
    End end = id == PageId::sign_failed ? failure(page.facts(), sign) : end_of(id);
    if (id == PageId::sign_lost && sign.reason == SignReason::forgotten) {
        end.happened = "sign.forgotten.body";
    }
    const bool lost_order = id == PageId::sign_lost && sign.way == SignWay::order;
    page.title(lost_order ? Key("sign.lost.title_order") : end.title);
    page.paragraph(end.happened);
    page.paragraph(outcome_of(end, sign));
    page.paragraph(what_to_do(end, sign));
    if (id == PageId::sign_no_certificate) {
        page.paragraph("sign.no_certificate.old");  // FIRe does not say why it could not issue one
    }
    const bool has_deadline = page.facts().code != Code::sign_document &&
                              page.facts().code != Code::sign_erased;  // one that failed may have
    if (id == PageId::sign_failed && has_deadline && !page.facts().ref.empty()) {
        page.paragraph("down.deadline");
    }
    if (sign.token.empty()) {
        page.way_on();
    } else {
        offer_again(page, sign);
    }
    page.act(facts(page, sign));
    page.help_with_clave(kSignHelpLinks);
}

}  // namespace clave::pages
