// SoftHSM with a token of the test's own: its keys "sede", "old", "weak" and "curva", their
// certificates beside it, and what signs with them.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "clave/pki.h"
#include "clave/saml.h"
#include "saml/quiet.h"
#include "saml/signature.h"
#include "saml/xml_document.h"

namespace clave::test {

inline constexpr const char* kScript = R"(set -e
umask 077
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" > softhsm2.conf
certify() { openssl req -x509 "$@" -noenc -days 365; }
certify -newkey rsa:2048 -keyout sede.key -subj /CN=SEDE -out sede.pem
certify -newkey rsa:2048 -keyout old.key -subj /CN=VIEJA -out old.pem
certify -newkey rsa:1024 -keyout weak.key -subj /CN=DEBIL -out weak.pem
certify -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout curva.key -subj /CN=CURVA -out curva.pem
softhsm2-util --init-token --free --label clave --so-pin 5678 --pin 1234
id=10
for key in sede old weak curva; do
    softhsm2-util --import $key.key --token clave --pin 1234 --label $key --id $id
    id=$((id + 1))
done
echo 1234 > pin
printf 1234 > pin-without-end
echo 9999 > wrong-pin
: > no-pin
printf '1234\n\n' > two-lines
cp pin group-pin; chmod 0640 group-pin
)";

inline std::filesystem::path directory;

inline std::string path(const std::string& name) {
    return (directory / name).string();
}

inline constexpr const char* kSoftHsm = "/usr/lib/softhsm/libsofthsm2.so";

inline std::string uri(const std::string& object, const std::string& pin = "pin",
                       const std::string& module = kSoftHsm) {
    return "pkcs11:token=clave;object=" + object + ";type=private?pin-source=file:" + path(pin) +
           "&module-path=" + module;
}

inline int make_token(void**) {
    char name[] = "/tmp/clave-pkcs11-XXXXXX";
    if (::mkdtemp(name) == nullptr) {
        return -1;
    }
    directory = name;
    std::ofstream(directory / "script") << kScript;
    ::setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1);
    saml::initialise();
    return std::system(("cd " + directory.string() + " && bash script > log 2>&1").c_str());
}

inline int remove_token(void**) {
    std::filesystem::remove_all(directory);
    return 0;
}

inline PrivateKey key_in_token(const std::string& object) {
    return PrivateKey::in_token(uri(object)).value();
}

inline std::string sign_request(const PrivateKey& key, const char* name) {
    const auto certificate = Certificate::load(path(std::string(name) + ".pem"));
    saml::AuthnRequest request;
    request.id = "_a";
    request.destination = "https://pasarela.example.gob.es/";
    request.acs_url = "https://sede.example.gob.es/.clave/acs";
    request.provider_name = "SEDE";
    request.relay_state = "b";
    const auto text = saml::sign_authn_request(request, key, certificate->front());
    return text ? *text : std::string(info(text.error().code).word) + " " + text.error().detail;
}

inline bool signs(const PrivateKey& key, const char* name = "sede") {
    const auto pinned = Certificate::load(path(std::string(name) + ".pem"));
    const std::string text = sign_request(key, name);
    if (text.starts_with("E-")) {
        std::fprintf(stderr, "  %s\n", text.c_str());
    }
    const saml::Quiet quiet;
    const auto document = saml::Document::parse(text, saml::ByteScan::message);
    return document && saml::verify_signature(*document, document->root(), *pinned);
}

}  // namespace clave::test
