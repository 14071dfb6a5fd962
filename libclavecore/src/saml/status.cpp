#include "saml/status.h"

#include <algorithm>
#include <array>

#include "base/guard.h"
#include "clave/encoding.h"
#include "saml/node.h"

namespace clave::saml {
namespace {

constexpr std::string_view kPrefix = "urn:oasis:names:tc:SAML:2.0:status:";
constexpr std::string_view kLevelNotGiven =
    "http://www.stork.gov.eu/saml20/statusCodes/QAANotSupported";
constexpr std::size_t kMaxText = 256;

// "Responder" out of the URI; empty for one that is not of SAML 2.0.
std::string_view short_code(std::string_view uri) noexcept {
    if (!uri.starts_with(kPrefix)) {
        return {};
    }
    uri.remove_prefix(kPrefix.size());
    return uri;
}

// The number with which the gateway's own messages begin ("00057 El QAA de la respuesta...").
std::string_view number_of(std::string_view message) noexcept {
    constexpr std::string_view kDigits = "0123456789";
    const std::size_t begin = message.find_first_of(kDigits);
    if (begin == std::string_view::npos) {
        return {};
    }
    const std::size_t end = message.find_first_not_of(kDigits, begin);
    return message.substr(begin, end == std::string_view::npos ? end : end - begin);
}

// Only what the page says depends on it, and that nobody can make a page say by another's answer:
// the message is signed.
Code meaning_of(std::string_view reason, bool level_not_given, std::string_view message) {
    struct Row {
        std::string_view number;
        Code code;
    };
    static constexpr std::array<Row, 7> kNumbers{{{"00041", Code::loa},
                                                  {"00042", Code::loa},
                                                  {"00057", Code::loa},
                                                  {"00058", Code::loa},
                                                  {"00067", Code::represented},
                                                  {"00068", Code::represented},
                                                  {"00070", Code::represented}}};
    if (reason == "RequestDenied") {
        return Code::cancelled;
    }
    if (level_not_given) {
        return Code::loa;
    }
    const std::string_view number = number_of(message);
    const auto* known = std::ranges::find(kNumbers, number, &Row::number);
    if (known != kNumbers.end()) {
        return known->code;
    }
    return reason == "AuthnFailed" ? Code::cancelled : Code::status;
}

// For the log: ASCII without quotes or backslashes (S-63).
std::string printable(std::string_view text) {
    std::string result = ascii_text(text);
    result.resize(std::min(result.size(), kMaxText));
    std::ranges::replace_if(
        result, [](char c) { return c == '"' || c == '\\'; }, '?');
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
    const std::string message = text_of(child(status, element::kStatusMessage));
    if (code == "Responder" || code == "Requester") {
        read.failure = meaning_of(reason, nested_value == kLevelNotGiven, message);
    }
    read.text = printable(top_value + " " + nested_value + " " + message);
    return read;
}

}  // namespace clave::saml
