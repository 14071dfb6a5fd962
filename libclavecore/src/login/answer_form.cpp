#include "login/answer_form.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/guard.h"
#include "clave/encoding.h"
#include "clave/form.h"
#include "clave/saml.h"

namespace clave {
namespace {

constexpr std::string_view kResponse = "SAMLResponse";
constexpr std::string_view kLogoutResponse = "logoutResponse";
constexpr std::string_view kRelayState = "RelayState";
constexpr std::array<std::string_view, 5> kOurs = {kResponse, kLogoutResponse, kRelayState,
                                                   "SAMLRequest", "logoutRequest"};
constexpr std::array<std::string_view, 2> kRequests = {"SAMLRequest", "logoutRequest"};

// Base64 takes four characters for three bytes; a CRLF after each four, which is more than anybody
// writes, makes it six.
constexpr std::size_t kMostTextPerByte = 2;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, const FormField& field) {
    return std::find(names.begin(), names.end(), field.name) != names.end();
}

bool is_ours(const FormField& field) {
    return is_one_of(kOurs, field);
}

bool has(const std::vector<FormField>& fields, std::string_view name) {
    return std::any_of(fields.begin(), fields.end(),
                       [name](const FormField& field) { return field.name == name; });
}

// The one field of this name; none is an empty value.
Result<std::string> only(const std::vector<FormField>& fields, std::string_view name) {
    const FormField* found = nullptr;
    for (const FormField& field : fields) {
        if (field.name != name) {
            continue;
        }
        if (!guard("form field repeated", found == nullptr)) {
            return fail(Code::format, std::string(name) + " given twice");
        }
        found = &field;
    }
    return found == nullptr ? std::string() : found->value;
}

}  // namespace

Result<AnswerForm> read_answer_form(const Request& request) {
    if (!guard("form content type", is_form_content_type(request.content_type))) {
        return fail(Code::format, "Content-Type is not that of a form");
    }
    const auto query = parse_form(request.query);
    if (!query) {
        return tl::unexpected<Error>(query.error());
    }
    if (!guard("form query", std::none_of(query->begin(), query->end(), is_ours))) {
        return fail(Code::format, "protocol field in the query");
    }
    const auto fields = parse_form(request.body);
    if (!fields) {
        return tl::unexpected<Error>(fields.error());
    }
    for (const FormField& field : *fields) {
        if (!guard("form field spelling", !is_ours(field) || field.is_plainly_named())) {
            return fail(Code::format, "field name spelled with escapes");
        }
        if (!guard("form other message", !is_one_of(kRequests, field))) {
            return fail(Code::format, "another protocol message in the form");
        }
    }
    const bool logs_in = has(*fields, kResponse);
    const bool logs_out = has(*fields, kLogoutResponse);
    if (!guard("form two answers", !(logs_in && logs_out))) {
        return fail(Code::format, "two answers in one form");
    }
    const AnswerTo answered = logs_out && !logs_in ? AnswerTo::logout : AnswerTo::login;
    const std::string name(answered == AnswerTo::logout ? kLogoutResponse : kResponse);
    const auto response = only(*fields, name);
    if (!response) {
        return tl::unexpected<Error>(response.error());
    }
    auto relay_state = only(*fields, kRelayState);
    if (!relay_state) {
        return tl::unexpected<Error>(relay_state.error());
    }
    auto message = base64_decode(*response);
    if (!message || message->empty()) {
        return fail(Code::format, name + " missing or not base64");
    }
    if (!guard("message size", message->size() <= saml::kMaxMessage)) {
        return fail(Code::too_large, name + " over 131072 bytes");
    }
    if (!guard("message white space", response->size() <= kMostTextPerByte * message->size())) {
        return fail(Code::format, name + " is mostly line breaks");
    }
    return AnswerForm{answered, std::move(*message), std::move(*relay_state)};
}

AnswerTo apparent_request(const Request& request) {
    const auto fields = parse_form(request.body);
    const bool logs_out = fields && has(*fields, kLogoutResponse) && !has(*fields, kResponse);
    return logs_out ? AnswerTo::logout : AnswerTo::login;
}

}  // namespace clave
