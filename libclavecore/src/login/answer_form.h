// The form in which the browser brings the gateway's answer, to a login or to a logout.
#pragma once

#include <string>

#include "clave/request.h"

namespace clave {

enum class AnswerTo { login, logout };

struct AnswerForm {
    AnswerTo request = AnswerTo::login;
    std::string message;      // decoded from base64, at most saml::kMaxMessage bytes
    std::string relay_state;  // empty if absent
};

// Strict, without guessing which of two fields is meant (S-34, S-35, protocol section 8): each of
// our fields once, plainly spelled, in the body only, and no logout beside the login. Other fields
// are passed over. Code::format, Code::too_large.
Result<AnswerForm> read_answer_form(const Request& request);

// What a form seems to be about that could not be read: good enough for what its sender is told.
AnswerTo apparent_request(const Request& request);

}  // namespace clave
