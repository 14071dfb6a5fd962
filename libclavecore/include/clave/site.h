// One provider at one public origin: everything a virtual server's configuration says about it.
// Built once at configuration time, const at request time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clave/language.h"
#include "clave/level.h"
#include "clave/pki.h"

namespace clave {

namespace pages {
struct Look;
}
struct SigningSite;

struct Site {
    std::string origin;             // "https://sede.example.gob.es", no trailing slash
    std::string path = "/.clave/";  // own endpoints, begins and ends with a slash
    std::string provider_name;      // "E00000000X_E04975701;Sede"
    std::string issuer;             // empty: none sent
    std::string gateway_url;
    std::vector<Certificate> gateway_certificates;
    std::vector<std::string> gateway_issuers;  // empty: not checked
    std::vector<Certificate> certificate;      // [0] is the leaf
    std::vector<PrivateKey> keys;              // [0] signs and decrypts, the rest decrypt
    Seconds skew{60};
    bool require_encryption = false;
    Seconds idle{15 * 60};
    Seconds absolute{8 * 3600};
    std::size_t session_limit = 10;  // of one person; the oldest ends
    std::string cookie = "__Host-clave";
    std::string registration_attribute;  // empty: LoA decides
    std::vector<std::string> registration_values;
    std::vector<std::string> attributes;  // further attributes to keep, by Name
    std::string logout_target = "/";      // where a logout leads, a path of this origin
    std::vector<Language> languages{kLanguages.begin(), kLanguages.end()};  // [0]: the default
    std::shared_ptr<const pages::Look> look;     // nullptr: the built-in one
    bool simulator = false;                      // banner on every page
    bool preserve_post = false;                  // some location keeps forms over a login
    std::shared_ptr<const SigningSite> signing;  // nullptr: nothing is signed here

    std::string acs_url() const { return origin + path + "acs"; }
    // What a session is bound to (K-11).
    std::string service() const { return provider_name + "@" + origin; }
    // The same comparison without a copy, for every request.
    bool is_service(std::string_view name) const noexcept {
        return name.size() == provider_name.size() + 1 + origin.size() &&
               name.starts_with(provider_name) && name[provider_name.size()] == '@' &&
               name.ends_with(origin);
    }
};

}  // namespace clave
