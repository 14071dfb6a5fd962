// A query on the first line and a form below it, as posted to our acs (S-34, S-35).
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "clave/form.h"
#include "clave/saml.h"
#include "login/answer_form.h"
#include "target.h"

namespace clave::fuzz {
namespace {

void check_fields(std::string_view body) {
    const auto fields = parse_form(body);
    if (!fields) {
        return;
    }
    require(fields->size() <= kMostFormFields, "fields are counted");
    std::string again;
    for (const FormField& field : *fields) {
        require(field.name.find('\0') == std::string::npos &&
                    field.value.find('\0') == std::string::npos,
                "no NUL comes through");
        require(field.raw_name.empty() || (field.raw_name.data() >= body.data() &&
                                           field.raw_name.data() < body.data() + body.size()),
                "spellings point into the body");
        again += (again.empty() ? "" : "&") + percent_encode(field.name) + "=" +
                 percent_encode(field.value);
    }
    const auto reread = parse_form(again);
    const auto same = [](const FormField& a, const FormField& b) {
        return a.name == b.name && a.value == b.value;
    };
    require(reread && std::ranges::equal(*fields, *reread, same), "fields survive a second form");
}

std::ptrdiff_t count(std::string_view body, std::string_view name) {
    const auto fields = parse_form(body);
    return fields ? std::ranges::count_if(
                        *fields, [name](const FormField& field) { return field.name == name; })
                  : 0;
}

}  // namespace

bool run(std::string_view input) {
    const std::size_t line = input.find('\n');
    Request request;
    request.content_type = "application/x-www-form-urlencoded";
    request.query = line == std::string_view::npos ? std::string_view{} : input.substr(0, line);
    request.body = line == std::string_view::npos ? input : input.substr(line + 1);
    check_fields(request.query);
    check_fields(request.body);

    const auto form = read_answer_form(request);
    if (!form) {
        require(!info(form.error().code).word.empty(), "a refusal has a code");
        return false;
    }
    require(!form->message.empty() && form->message.size() <= saml::kMaxMessage,
            "a message within its limits");
    const bool login = form->request == AnswerTo::login;
    const std::string_view ours = login ? "SAMLResponse" : "logoutResponse";
    const std::string_view other = login ? "logoutResponse" : "SAMLResponse";
    require(count(request.body, ours) == 1 && count(request.query, ours) == 0,
            "the message is the only one");
    require(count(request.body, "RelayState") <= 1 && count(request.query, "RelayState") == 0,
            "so is its RelayState");
    for (const std::string_view name :
         {other, std::string_view("SAMLRequest"), std::string_view("logoutRequest")}) {
        require(count(request.body, name) == 0, "no other message rides along");
    }
    return true;
}

}  // namespace clave::fuzz
