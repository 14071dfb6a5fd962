// How much one person may have under way at once (checklist F-11): signatures that are not over,
// and bytes of their documents. Counted in the store, by compare and set, so that neither several
// machines nor a hundred requests at once let anybody have more.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pages/page.h"
#include "sign/signing.h"

namespace clave {

struct QuotaRefusal {
    Error error;  // Code::sign_quota, Code::store, Code::archive
    // Of Code::sign_quota: what of his to finish or to give up first.
    std::vector<Transaction> open{};
};

// `more` bytes of documents, of the signature `id` of `nif`, which counts from then on, before it
// is made. What of his was never signed and is over makes room: its documents go, though he could
// have begun again with them. A signature that is over stops counting by itself.
//
// Code::archive: the file system has no room for them, for whomever.
Task<tl::expected<void, QuotaRefusal>> claim_room(const Signing& signing, std::string nif,
                                                  std::string id, std::uint64_t more);
// Of bytes that were claimed and did not come.
Task<void> give_back_room(const Signing& signing, std::string nif, std::string id,
                          std::uint64_t bytes);

// For a person: the page says which to finish first, and `way` where to go back to.
Reply quota_page(const Signing& signing, const Request& request, QuotaRefusal refusal,
                 pages::SignWay way, std::string_view back);

}  // namespace clave
