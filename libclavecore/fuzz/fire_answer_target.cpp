// An answer of FIRe, read as each of those it may be; and the same bytes as a title that goes
// there.
#include <algorithm>
#include <string>

#include "sign/fire_answer.h"
#include "sign/java_properties.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::string_view kPublic = "https://fire.example/f";

void check_title(std::string_view title) {
    const std::string text = JavaProperties().set("docTitle", title).text();
    require(std::ranges::count(text, '\n') == 1 && text.back() == '\n', "a title is one line");
    require(std::ranges::all_of(text.substr(0, text.size() - 1),
                                [](char c) { return c >= ' ' && c <= '~'; }),
            "and of nothing that another charset spells differently");
    const auto slashes = text.size() - 1 - (text.find_last_not_of('\\', text.size() - 2) + 1);
    require(slashes % 2 == 0, "nor does it go on in the next one");
}

void check_refusal(std::string_view body) {
    const FireRefusal refusal = parse_fire_refusal(body);
    require(refusal.code >= 0 && refusal.code <= 9999, "a code is a small number");
    require(refusal.transaction.empty() || is_fire_id(refusal.transaction, 64),
            "a transaction can be put into a form");
    require(!word(fire_failure(2, 500, refusal).reason).empty(), "a refusal has a reason");
}

bool check_redirect(std::string_view body) {
    const auto redirect = parse_fire_redirect(body);
    if (!redirect || !is_our_redirect(redirect->url, kPublic, redirect->transaction)) {
        return false;
    }
    require(redirect->url.starts_with("https://fire.example/f/public/entry?"),
            "the browser is sent to FIRe");
    require(redirect->url.find("transactionid=" + redirect->transaction) != std::string::npos,
            "and to its own transaction");
    require(std::ranges::all_of(redirect->url, [](char c) { return c > ' ' && c <= '~'; }),
            "by something that can be put into a header");
    return true;
}

bool check_batch(std::string_view body) {
    const auto batch = parse_fire_batch(body);
    if (!batch) {
        return false;
    }
    require(batch->signed_ids.size() <= batch->batch.documents.size(), "none is signed twice");
    for (const std::string& id : batch->signed_ids) {
        require(is_fire_id(id, 64), "a document can be asked for");
    }
    return true;
}

}  // namespace

bool run(std::string_view input) {
    check_title(input);
    check_refusal(input);
    const auto progress = parse_fire_progress(input);
    require(!progress || (*progress >= 0 && *progress <= 1), "progress is a part of one");
    const auto state = parse_fire_state(input);
    require(!state || (state->state == 1) == state->composed.grace.has_value(),
            "who has to wait is told until when");
    const bool redirect = check_redirect(input);
    return check_batch(input) || redirect || state;
}

}  // namespace clave::fuzz
