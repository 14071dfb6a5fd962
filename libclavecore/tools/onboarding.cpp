// clavectl onboarding: what the forms of the registration in Cl@ve ask for (protocol: the gateway
// knows a provider by ProviderName, its addresses and its certificate).
#include <openssl/x509.h>

#include <cctype>

#include "clave/iso_time.h"
#include "commands.h"

namespace clave::tool {
namespace {

// "AB:CD:…", as browsers and authorities show it.
std::string with_colons(const std::string& hex) {
    std::string shown;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i != 0 && i % 2 == 0) {
            shown += ':';
        }
        shown += static_cast<char>(std::toupper(static_cast<unsigned char>(hex[i])));
    }
    return shown;
}

}  // namespace

int onboarding(Report& report, const Onboarding& values) {
    const auto certificates = Certificate::load(values.certificate);
    if (!certificates) {
        return report.cannot(certificates.error());
    }
    if (!values.base_url.starts_with("https://") || values.base_url.ends_with('/') ||
        values.base_url.find('/', 8) != std::string::npos) {
        return report.cannot("\"" + values.base_url + "\" is no origin",
                             "as in https://sede.example.gob.es");
    }
    if (!values.path.starts_with('/') || !values.path.ends_with('/')) {
        return report.cannot("a path begins and ends with a slash", "as clave_path does");
    }
    const Certificate& leaf = certificates->front();
    const std::pair<const char*, std::pair<const char*, std::string>> all[] = {
        {"provider_name", {"Provider name (ProviderName)", values.provider_name}},
        {"acs_url", {"Address of answers (ACS)", values.base_url + values.path + "acs"}},
        {"logout_url", {"Address after a logout", values.base_url + values.path + "acs"}},
        {"certificate", {"Certificate", leaf.subject()}},
        {"fingerprint", {"Its SHA-256 fingerprint", with_colons(leaf.fingerprint())}},
        {"key_type", {"Its key", leaf.describe_key()}},
        {"valid_until", {"It ends", format_utc(leaf.not_after())}},
    };
    for (const auto& [key, line] : all) {
        std::string label = line.first;
        label.resize(30, ' ');
        report.say(label + line.second);
        report.json().text(key, line.second);
    }
    report.say("Send the certificate itself along: " + values.certificate);
    return report.end(leaf.is_simulator() ? kFinding : kFine);
}

}  // namespace clave::tool
