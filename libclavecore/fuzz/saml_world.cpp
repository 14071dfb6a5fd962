#include "saml_world.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <tuple>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/session.h"
#include "clave/zone.h"
#include "support/test_keys.h"
#include "target.h"

namespace clave::fuzz {
namespace {

// P-256 with the private key SHA-256("clave").
EVP_PKEY* make_gateway_key() {
    const Digest scalar = sha256("clave");
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> secret(
        BN_bin2bn(reinterpret_cast<const unsigned char*>(scalar.data()),  // bytes may alias
                  static_cast<int>(scalar.size()), nullptr),
        &BN_free);
    const std::unique_ptr<EC_GROUP, decltype(&EC_GROUP_free)> group(
        EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), &EC_GROUP_free);
    const std::unique_ptr<EC_POINT, decltype(&EC_POINT_free)> point(EC_POINT_new(group.get()),
                                                                    &EC_POINT_free);
    EC_POINT_mul(group.get(), point.get(), secret.get(), nullptr, nullptr, nullptr);
    std::array<unsigned char, 65> encoded{};
    EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                       encoded.size(), nullptr);

    const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> builder(
        OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
    OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, encoded.data(),
                                     encoded.size());
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
        OSSL_PARAM_BLD_to_param(builder.get()), &OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr), &EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata_init(context.get());
    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get());
    require(key != nullptr, "the fixed key can be made");
    return key;
}

const test::TestKey& gateway() {
    static const test::TestKey key =
        test::certified(make_gateway_key(), "SELLO PASARELA DE PRUEBAS");
    return key;
}

const test::TestKey& own() {
    static const test::TestKey key = test::make_test_key("SEDE DE PRUEBAS");
    return key;
}

bool is_text(std::string_view text, std::size_t most) {
    return text.size() <= most && is_valid_utf8(text) && !has_control_characters(text);
}

void check_identity(const Identity& identity) {
    require(identity.nif.empty() || is_valid_nif(identity.nif), "a NIF is valid");
    require(!identity.id.empty() && !identity.given_name.empty() && !identity.surnames.empty(),
            "somebody has been identified");
    for (const std::string* field :
         {&identity.nif, &identity.id, &identity.given_name, &identity.first_surname,
          &identity.surnames, &identity.represented_nif, &identity.represented_name}) {
        require(is_text(*field, 512), "a field is short and printable");
    }
    std::size_t total = 0;
    for (const auto& [name, value] : identity.attributes) {
        require(is_text(value, 512), "an attribute is short and printable");
        total += name.size() + value.size();
    }
    require(total <= 2048, "attributes are short together");
}

void check_session(const saml::VerifiedAssertion& assertion) {
    const Session session{.service = "E00000000X_E04975701;Sede@https://sede.example.gob.es",
                          .level = "permanente_otp",
                          .credential = assertion.credential(),
                          .created = kNow,
                          .identity = assertion.identity()};
    const auto record = encode(session);
    if (!record) {
        return;  // too long for the store, which says so
    }
    const auto view = decode_session(*record);
    require(view && view->nif == assertion.identity().nif &&
                view->surnames == assertion.identity().surnames &&
                view->credential.loa == assertion.credential().loa,
            "a session holds who was identified");
}

}  // namespace

Result<Time> OneRequest::issued_at(std::string_view request_id) const {
    if (request_id != kRequestId) {
        return fail(Code::in_response_to);
    }
    return kNow - Seconds{60};
}

const Certificate& gateway_certificate() {
    return gateway().certificate;
}

EVP_PKEY* gateway_key() {
    return gateway().pair.get();
}

const Certificate& own_certificate() {
    return own().certificate;
}

const saml::Expectations& expectations() {
    static const saml::Expectations expected = [] {
        saml::initialise();
        saml::Expectations one;
        one.gateway = {gateway().certificate};
        one.decryption = {own().key};
        one.acs_url = "https://sede.example.gob.es/.clave/acs";
        one.now = kNow;
        one.registration_attribute = "http://es.minhafp.clave/NivelRegistro";
        one.registration_values = {"2"};
        one.wanted_attributes = {"http://eidas.europa.eu/attributes/naturalperson/DateOfBirth"};
        return one;
    }();
    return expected;
}

Result<saml::Outcome> validate(std::string_view message) {
    return saml::validate_response(message, expectations(), OneRequest{});
}

GuardsOff::GuardsOff(std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        disable_guard(name);
    }
}

GuardsOff::~GuardsOff() {
    enable_all_guards();
}

Result<saml::Outcome> validate_unverified(std::string_view message) {
    const GuardsOff off(kVerification);
    return validate(message);
}

void check_outcome(const saml::Outcome& outcome) {
    if (const auto* refusal = std::get_if<saml::SignedRefusal>(&outcome)) {
        require(refusal->request_id() == kRequestId, "a refusal answers our request");
        require(is_text(refusal->status(), 256), "a status is fit for the log");
        return;
    }
    const auto& assertion = std::get<saml::VerifiedAssertion>(outcome);
    require(assertion.request_id() == kRequestId, "an assertion answers our request");
    require(!assertion.assertion_id().empty(), "an assertion can be told from others");
    const Seconds skew = expectations().skew;
    require(assertion.not_on_or_after() > kNow &&
                assertion.not_on_or_after() <= kNow + Seconds{86400} + 3 * skew,
            "an assertion ends, and has not ended");
    require(
        !assertion.session_not_on_or_after() || *assertion.session_not_on_or_after() > kNow - skew,
        "a session has not ended before it begins");
    const Credential& credential = assertion.credential();
    require(credential.authenticated_at <= kNow + skew &&
                credential.authenticated_at >= kNow - Seconds{60} - skew,
            "somebody was authenticated after we asked");
    require(name(credential.loa).size() > 0 && name(credential.method).size() > 0,
            "by a known method");
    check_identity(assertion.identity());
    check_session(assertion);
}

bool is_same(const saml::Outcome& a, const saml::Outcome& b) {
    if (a.index() != b.index()) {
        return false;
    }
    if (const auto* refusal = std::get_if<saml::SignedRefusal>(&a)) {
        const auto& other = std::get<saml::SignedRefusal>(b);
        return refusal->status() == other.status() && refusal->code() == other.code();
    }
    const auto parts = [](const saml::Outcome& outcome) {
        const auto& one = std::get<saml::VerifiedAssertion>(outcome);
        const Identity& who = one.identity();
        const Credential& how = one.credential();
        return std::tuple(who.nif, who.id, who.given_name, who.first_surname, who.surnames,
                          who.represented_nif, who.represented_name, who.attributes, how.method,
                          how.loa, how.advanced_registration, how.represented, how.authenticated_at,
                          one.assertion_id(), one.not_on_or_after(), one.session_not_on_or_after());
    };
    return parts(a) == parts(b);
}

}  // namespace clave::fuzz
