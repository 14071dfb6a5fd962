// Writes signed requests and the certificates that verify them, for validate_authn_request.sh:
// DIRECTORY/{rsa,ec,issuer,logout}.xml and .pem.
#include <fstream>
#include <string>

#include "clave/iso_time.h"
#include "clave/saml_logout.h"
#include "support/test_keys.h"

using namespace clave;

namespace {

Result<std::string> sign(const saml::AuthnRequest& request, const test::TestKey& key) {
    return saml::sign_authn_request(request, key.key, key.certificate);
}

Result<std::string> sign(const saml::LogoutRequest& request, const test::TestKey& key) {
    return saml::sign_logout_request(request, key.key, key.certificate);
}

template <class Request>
bool write(const std::string& base, const Request& request, test::Algorithm algorithm) {
    const test::TestKey key = test::make_test_key("Sede", algorithm);
    const Result<std::string> text = sign(request, key);
    if (!text) {
        return false;
    }
    std::ofstream(base + ".xml", std::ios::binary) << *text;
    const std::string der = key.certificate.base64_der();
    std::ofstream pem(base + ".pem");
    pem << "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < der.size(); at += 64) {
        pem << der.substr(at, 64) << "\n";
    }
    pem << "-----END CERTIFICATE-----\n";
    return static_cast<bool>(pem.flush());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        return 2;
    }
    saml::initialise();
    saml::AuthnRequest request;
    request.id = "_0123456789abcdef";
    request.issue_instant = *parse_utc("2026-11-21T10:00:00Z");
    request.destination = "https://se-pasarela.clave.gob.es/Proxy2/ServiceProvider";
    request.acs_url = "https://sede.example.gob.es/.clave/acs";
    request.provider_name = "E00000000X_E04975701;Sede \"A&B\" <ñ>";
    request.relay_state = "a1b2c3d4";
    request.loa = Loa::substantial;
    request.excluded = {Method::pin,         Method::movil, Method::permanente,
                        Method::certificado, Method::eidas, Method::cartera};
    const std::string directory = arguments[1];
    bool good = write(directory + "/rsa", request, test::Algorithm::rsa) &&
                write(directory + "/ec", request, test::Algorithm::ec);
    request.issuer = "https://sede.example.gob.es";
    request.excluded.clear();
    good = good && write(directory + "/issuer", request, test::Algorithm::rsa);

    saml::LogoutRequest logout;
    logout.id = request.id;
    logout.issue_instant = request.issue_instant;
    logout.destination = request.destination;
    logout.return_url = request.acs_url;
    logout.provider_id = "E00000000X_E04975701";
    good = good && write(directory + "/logout", logout, test::Algorithm::rsa);
    return good ? 0 : 1;
}
