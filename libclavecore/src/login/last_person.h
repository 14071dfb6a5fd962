// Whose session this browser had, after it has ended: the zone wipes records that are over, and the
// form that meets an ended session must go back to the same person (product.md 8.12).
//
// A cookie beside that of the session, made with it and replaced with it. It says nothing to
// anybody but us: sealed, and inside is a keyed digest of the person and the key of the session.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/gate.h"
#include "clave/request.h"
#include "clave/site.h"
#include "login/login_services.h"

namespace clave {

std::string last_person_cookie_name(const Site& site);

// Its value; nullopt without randomness.
std::optional<std::string> seal_last_person(const LoginServices& services, const Site& site,
                                            const Digest& session, const Digest& person);

// `of` a person_digest() under any of the keys.
bool is_person(const LoginServices& services, const Digest& of, std::string_view nif,
               std::string_view id);

// Who may have back what this request brings: `person`, or, if it brings no trace of a session,
// whoever logs in next in this browser. nullopt: there was a session, and nobody can say whose.
struct Owner {
    std::optional<Digest> person;
};
std::optional<Owner> owner_of(const LoginServices& services, const Site& site,
                              const Request& request, const Identified& who);

}  // namespace clave
