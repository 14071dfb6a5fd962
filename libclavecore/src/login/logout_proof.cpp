#include "login/logout_proof.h"

#include <algorithm>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/form.h"

namespace clave {
namespace {

Digest token_mac(const MasterKey& key, const Site& site, const Digest& session) {
    FieldWriter message;
    message.text("logout token");
    message.raw(session);
    message.text(site.service());
    return hmac_sha256(key, message.take());
}

}  // namespace

std::string logout_token(const KeyRing& ring, const Site& site, const Digest& session) {
    return base64url_encode(token_mac(ring.current(), site, session));
}

std::string logout_token_for(const LoginServices& services, const Site& site,
                             const CurrentSession& session) {
    return session.exists() ? logout_token(services.logout_key, site, session.who().key)
                            : std::string();
}

LogoutToken read_logout_token(const KeyRing& ring, const Site& site, const Request& request,
                              const Digest& session) {
    if (!is_form_content_type(request.content_type)) {
        return LogoutToken::absent;
    }
    const auto fields = parse_form(request.body);
    const auto is_token = [](const FormField& field) { return field.name == "token"; };
    if (!fields || std::none_of(fields->begin(), fields->end(), is_token)) {
        return LogoutToken::absent;
    }
    const auto token = std::find_if(fields->begin(), fields->end(), is_token);
    Digest claimed{};
    if (!base64url_decode_to(claimed, token->value)) {
        return token->value.empty() ? LogoutToken::absent : LogoutToken::wrong;
    }
    const bool good = guard("logout token", verify_mac(ring, claimed, [&](const MasterKey& key) {
                                return token_mac(key, site, session);
                            }));
    return good ? LogoutToken::good : LogoutToken::wrong;
}

}  // namespace clave
