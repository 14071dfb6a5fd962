#include "saml/status.h"

#include <algorithm>
#include <array>

#include "base/guard.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

constexpr std::string_view kPrefix = "urn:oasis:names:tc:SAML:2.0:status:";
constexpr std::size_t kMaxText = 256;

// "Responder" out of the URI; empty for one that is not of SAML 2.0.
std::string_view short_code(std::string_view uri) noexcept {
    if (!uri.starts_with(kPrefix)) {
        return {};
    }
    uri.remove_prefix(kPrefix.size());
    return uri;
}

// For the log: ASCII without quotes or backslashes, everything else is a question mark (S-63).
std::string printable(std::string_view text) {
    std::string result(text.substr(0, kMaxText));
    std::ranges::replace_if(
        result, [](char c) { return c < ' ' || c > '~' || c == '"' || c == '\\'; }, '?');
    return result;
}

}  // namespace

Result<Status> read_status(const xmlNode* response) {
    const xmlNode* status = child(response, element::kStatus);
    const xmlNode* top = child(status, element::kStatusCode);
    const xmlNode* nested = child(top, element::kStatusCode);
    const std::string top_value = attribute(top, "Value").value_or("");
    const std::string nested_value = attribute(nested, "Value").value_or("");
    const std::string_view code = short_code(top_value);

    static constexpr std::array<std::string_view, 4> kKnown{"Requester", "Responder",
                                                            "VersionMismatch", "Success"};
    if (std::ranges::find(kKnown, code) == kKnown.end()) {
        return fail(Code::status, "the status is missing or unknown");
    }
    if (!guard("status.consistent", code != "Success" || nested == nullptr)) {
        return fail(Code::status, "a failure inside Success");
    }
    Status read;
    read.success = code == "Success";
    const std::string_view reason = short_code(nested_value);
    read.cancelled = (code == "Responder" || code == "Requester") &&
                     (reason == "AuthnFailed" || reason == "RequestDenied");
    read.text = printable(top_value + " " + nested_value + " " +
                          text_of(child(status, element::kStatusMessage)));
    return read;
}

}  // namespace clave::saml
