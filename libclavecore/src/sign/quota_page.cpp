// What somebody sees who has too much under way: which it is.
#include <algorithm>
#include <utility>

#include "login/answer.h"
#include "sign/api.h"
#include "sign/quota.h"
#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// Where its person can do something: an order that is not complete waits for its application.
bool is_his_turn(const Transaction& transaction) noexcept {
    return !transaction.unclaimed || is_complete(transaction);
}

}  // namespace

Reply quota_page(const Signing& signing, const Request& request, QuotaRefusal refusal,
                 pages::SignWay way, std::string_view back) {
    auto& open = refusal.open;
    open.erase(std::remove_if(open.begin(), open.end(),
                              [](const Transaction& one) { return !is_his_turn(one); }),
               open.end());
    std::vector<std::string> texts;
    texts.reserve(2 * open.size());
    std::vector<pages::OpenSignature> shown;
    for (const Transaction& one : open) {
        pages::OpenSignature& entry = shown.emplace_back();
        entry.base = texts.emplace_back(sign_base(signing.site(), one.id));
        entry.number = texts.emplace_back(sign_number(one.id));
        entry.title = one.title.empty() ? one.document_name : one.title;
        entry.created = one.created;
    }
    pages::SignFacts sign;
    sign.way = way;
    sign.open = shown;
    pages::Facts facts;
    facts.onward = back;
    facts.sign = &sign;
    return refusal_page(signing.services(), signing.site(), request, std::move(refusal.error),
                        facts);
}

}  // namespace clave
