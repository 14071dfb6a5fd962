// clavectl saml verify: an answer before the very checks that it meets in nginx, but for those that
// need the browser (the request that it answers, and whether it came before).
#include "clave/audit.h"
#include "clave/iso_time.h"
#include "clave/saml.h"
#include "commands.h"
#include "saml_input.h"

namespace clave::tool {
namespace {

// Nobody knows here which requests were made: any, and long ago.
struct AnyRequest final : saml::RequestProof {
    Result<Time> issued_at(std::string_view) const override { return Time{}; }
};

ConfigResult<saml::Expectations> expectations(const Verification& verification) {
    saml::Expectations expected;
    for (const std::string& file : verification.gateway_certificates) {
        auto certificates = Certificate::load(file);
        if (!certificates) {
            return tl::unexpected(certificates.error());
        }
        expected.gateway.insert(expected.gateway.end(), certificates->begin(), certificates->end());
    }
    for (const std::string& file : verification.keys) {
        auto key = PrivateKey::load(file);
        if (!key) {
            return tl::unexpected(key.error());
        }
        expected.decryption.push_back(std::move(*key));
    }
    expected.acs_url = verification.acs_url;
    expected.require_encryption = verification.require_encryption;
    expected.now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    if (!verification.at.empty()) {
        const auto at = parse_utc(verification.at);
        if (!at) {
            return tl::unexpected(ConfigError{"\"" + verification.at + "\" is no time",
                                              "as in 2026-11-21T10:00:00Z"});
        }
        expected.now = *at;
    }
    return expected;
}

}  // namespace

int verify_saml(Report& report, const Verification& verification) {
    const auto message = read_message(verification.file);
    if (!message) {
        return report.cannot(message.error());
    }
    const auto expected = expectations(verification);
    if (!expected) {
        return report.cannot(expected.error());
    }
    const AnyRequest proof;
    const auto outcome = saml::validate_response(*message, *expected, proof);
    report.json().boolean("valid", outcome.has_value());
    if (!outcome) {
        const std::string word(info(outcome.error().code).word);
        report.say(word + " " + outcome.error().detail);
        report.say("clavectl explain " + word + " says what that means");
        report.json().text("code", word).text("detail", outcome.error().detail);
        return report.end(kFinding);
    }
    if (const auto* refusal = std::get_if<saml::SignedRefusal>(&*outcome)) {
        report.say("valid: the gateway says " + refusal->status());
        report.json().text("outcome", refusal->code() == Code::cancelled ? "cancelled" : "failed");
        report.json().text("status", refusal->status());
        return report.end(kFine);
    }
    const auto& person = std::get<saml::VerifiedAssertion>(*outcome);
    const std::string method(name(person.credential().method));
    const std::string loa(name(person.credential().loa));
    report.say("valid: " + masked_nif(person.identity().nif) + " by " + method + ", " + loa);
    report.json()
        .text("outcome", "identified")
        .text("nif", masked_nif(person.identity().nif))
        .text("method", method)
        .text("loa", loa)
        .text("issued", format_utc(person.issued_at()));
    return report.end(kFine);
}

}  // namespace clave::tool
