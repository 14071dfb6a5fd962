// What FIRe answers: JSON, plain text, pages of proxies; and which of our reasons it comes to.
//
// No text of FIRe is ever shown or compared: it depends on the server's language and is put into
// JSON without escapes (protocol section 2.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/fire.h"

namespace clave {

SignReason reason_of_fire(int code) noexcept;
// The same code may have been told before, to somebody who did not hear it.
bool is_already_recovered(int code) noexcept;
// Of a batch: nobody has asked for its result, which composes it.
bool is_not_composed(int code) noexcept;

// A failure out of an answer that is none of the expected ones: any of the five shapes.
struct FireRefusal {
    int code = 0;             // 0: it says none
    std::string transaction;  // not empty: op 99 knows the code
};
FireRefusal parse_fire_refusal(std::string_view body);
FireFailure fire_failure(int operation, int status, const FireRefusal& refusal);

// nullopt for anything but the expected shape.
struct FireRedirect {
    std::string transaction;
    std::string url;
};
std::optional<FireRedirect> parse_fire_redirect(std::string_view body);
std::optional<std::string> parse_fire_transaction(std::string_view body);

struct FireState {
    int state = 0;  // 0 ready, -1 failed, 1 grace, 2 partial
    int code = 0;
    FireComposed composed;
};
std::optional<FireState> parse_fire_state(std::string_view body);
// Without tickets; `signed_ids` are those with a signature to fetch.
struct FireBatchState {
    FireBatch batch;
    std::vector<std::string> signed_ids;
};
std::optional<FireBatchState> parse_fire_batch(std::string_view body);
std::optional<double> parse_fire_progress(std::string_view body);

// The browser is sent there: FIRe builds it of whatever Host it was asked by.
bool is_our_redirect(std::string_view url, std::string_view public_url,
                     std::string_view transaction);
// What may be put into a form or an address: [0-9A-Za-z._-], of at most so many.
bool is_fire_id(std::string_view id, std::size_t most) noexcept;

}  // namespace clave
