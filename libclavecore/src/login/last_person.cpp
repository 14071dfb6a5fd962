#include "login/last_person.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/encoding.h"
#include "login/browser.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;

struct LastPerson {
    Digest session{};
    Digest person{};
};

std::string context(const Site& site) {
    return last_person_cookie_name(site) + "\n" + site.service();
}

std::optional<LastPerson> open_last_person(const LoginServices& services, const Site& site,
                                           std::string_view cookie) {
    const auto bytes = base64url_decode(cookie);
    const auto plain = bytes ? open(services.form_key, context(site), *bytes) : std::nullopt;
    if (!plain) {
        return std::nullopt;
    }
    FieldReader reader(*plain);
    const bool known = reader.u8() == kVersion;
    LastPerson last;
    for (Digest* digest : {&last.session, &last.person}) {
        const auto value = reader.raw(digest->size());
        std::copy(value.begin(), value.end(), digest->begin());
    }
    return known && reader.complete() ? std::optional(last) : std::nullopt;
}

// The two cookies are set together; a session beside the trace of another one is nobody's.
bool belong_together(const LastPerson& last, std::string_view session_cookie) {
    const auto token = SessionToken::parse(session_cookie);
    return session_cookie.empty() || (token && token->key() == last.session);
}

}  // namespace

std::string last_person_cookie_name(const Site& site) {
    return site.cookie + "-who";
}

std::optional<std::string> seal_last_person(const LoginServices& services, const Site& site,
                                            const Digest& session, const Digest& person) {
    FieldWriter writer;
    writer.u8(kVersion);
    writer.raw(session);
    writer.raw(person);
    const auto sealed = seal(services.form_key, services.random, context(site), writer.take());
    return sealed ? std::optional(base64url_encode(*sealed)) : std::nullopt;
}

bool is_person(const LoginServices& services, const Digest& of, std::string_view nif,
               std::string_view id) {
    return verify_mac(services.person_key, of,
                      [&](const MasterKey& key) { return person_digest(key, nif, id); });
}

std::optional<Owner> owner_of(const LoginServices& services, const Site& site,
                              const Request& request, const Identified& who) {
    if (who.lookup == Lookup::hit) {
        return Owner{person_digest(services.person_key.current(), who.session.nif, who.session.id)};
    }
    const OwnCookies cookies = cookies_of(site, request);
    if (!cookies.person.empty()) {
        const auto last = open_last_person(services, site, cookies.person);
        if (last && !cookies.conflict && belong_together(*last, cookies.session)) {
            return Owner{last->person};
        }
    }
    const bool no_trace = cookies.person.empty() && cookies.session.empty() && !cookies.conflict;
    if (!guard("form of an unknown session", no_trace)) {
        return std::nullopt;
    }
    return Owner{};
}

}  // namespace clave
