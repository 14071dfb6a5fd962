// What the gateway says to our LogoutRequest. The session here has ended before we asked, so that
// nothing in it can keep a person logged in, and nothing in it is believed without proof.
#pragma once

#include "clave/request.h"
#include "clave/site.h"
#include "clave/task.h"
#include "login/answer_form.h"
#include "login/login_services.h"

namespace clave {

// May suspend. `site` outlives the Task.
Task<Reply> serve_logout_answer(const LoginServices& services, const Site& site,
                                const Request& request, AnswerForm form);

// The page that says what is certain: that the session here has ended. No cookie is touched: the
// message came by way of another site, and may be an attacker's.
Reply refuse_logout_answer(const LoginServices& services, const Site& site, const Request& request,
                           Error error);

}  // namespace clave
