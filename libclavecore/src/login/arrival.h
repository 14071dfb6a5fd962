// Where a login ends.
#pragma once

#include "login/browser.h"

namespace clave {

// Who has arrived, with which session.
struct Arrival {
    const Digest& session;
    std::string_view nif;
    std::string_view id;
};

// The way on for a login that is done: to what was asked for, or, if a form waits for this person,
// to where that was sent, with the cookie that fetches it. Forgets the login.
Reply go_on(const LoginServices& services, const Site& site, const Request& request,
            const PendingLogin& login, const Arrival& arrival);
// The same with the browser's present session, which satisfies what the login was for.
Reply go_on(const LoginServices& services, const Site& site, const Request& request,
            const PendingLogin& login, const CurrentSession& session);

}  // namespace clave
