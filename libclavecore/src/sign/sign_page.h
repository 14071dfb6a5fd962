// The pages of a signature, and what their forms prove.
#pragma once

#include <string>

#include "clave/request.h"
#include "pages/page.h"
#include "sign/signing.h"

namespace clave {

// Sent by a form of ours: made for this transaction, document, and session, by a page that this
// person was shown (F-05, F-07).
std::string sign_token(const Signing& signing, const Transaction& transaction,
                       const Digest& session);
// Code::origin for a form of another site, or one without a good token.
Result<void> check_sign_form(const Signing& signing, const Request& request,
                             const Transaction& transaction, const Digest& session);

// What the archive has of a finished one; nothing of it decides anything.
struct ReceiptWords {
    std::string issuer, serial, signer_name;
    Time not_after{};
};
struct SignPageFacts {
    ReceiptWords receipt{};
    bool fields = false;  // something was sent beside the document
};

// The page that says where it stands. `session`: for the forms on it.
Reply sign_page(const Signing& signing, const Request& request, PageId page,
                const Transaction& transaction, const Digest& session,
                const SignPageFacts& more = {});
pages::SignWay way_of(const Transaction& transaction) noexcept;
// Which one it is, of one that is over without a signature.
PageId page_of_end(const Transaction& transaction) noexcept;
// Its status.
int status_of(PageId page, const Transaction& transaction) noexcept;

}  // namespace clave
