// What an application orders to be signed (POST /transactions), read strictly: what we do not know
// is refused, so that a misspelt member is no silent default.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/signing_site.h"
#include "clave/site.h"
#include "sign/transaction.h"

namespace clave {

struct ApiOrder {
    std::string nif;
    std::string session;  // session_hash(); empty: any
    SignFormat format = SignFormat::cades;
    std::string upgrade;  // what FIRe adds to it (clave/upgrade.h); empty: nothing
    std::string title;
    std::string procedure;
    std::string target;  // where the person goes afterwards: a path of this origin
    std::string idempotency_key;
    std::vector<AnnouncedDocument> documents;
    bool stop_on_error = false;  // one that cannot be signed leaves all others unsigned
    Digest meaning{};            // of all members, in whatever order and spelling they came
};

// The largest order that is read, in bytes.
inline constexpr std::size_t kMostOrder = 64 * 1024;

// Code::api_format: no JSON object. Code::api_field, with the member's name. No value of the order
// is in a detail.
Result<ApiOrder> read_order(const Site& site, std::string_view json, std::size_t most_documents);

}  // namespace clave
