#include "sign/signer.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "crypto/public_key.h"

namespace clave {
namespace {

using StoreOwner = std::unique_ptr<X509_STORE, OpenSslFree<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, OpenSslFree<X509_STORE_CTX_free>>;
struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};

// Of OpenSSL's security levels: 112 bits, so neither SHA-1 nor RSA 1024 anywhere in the chain.
constexpr int kSecurityLevel = 2;
constexpr int kMostIntermediates = 6;

char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_letters(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, upper, upper);
}

std::string utf8_of(const ASN1_STRING* string) {
    unsigned char* text = nullptr;
    const int length = ASN1_STRING_to_UTF8(&text, string);
    if (length < 0) {
        return {};
    }
    std::string out(text, text + length);
    OPENSSL_free(text);
    return out;
}

std::vector<std::string> entries(const X509_NAME* name, int which) {
    std::vector<std::string> found;
    for (int at = X509_NAME_get_index_by_NID(name, which, -1); at >= 0;
         at = X509_NAME_get_index_by_NID(name, which, at)) {
        found.push_back(utf8_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))));
    }
    return found;
}

std::string printed(const X509_NAME* name) {
    // UTF-8 as it is, control characters escaped.
    constexpr unsigned long kFlags =
        XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    const BioOwner out(BIO_new(BIO_s_mem()));
    require(out != nullptr);
    X509_NAME_print_ex(out.get(), name, 0, kFlags);
    char* text = nullptr;
    const long length = BIO_get_mem_data(out.get(), &text);
    return length > 0 ? std::string(text, static_cast<std::size_t>(length)) : std::string();
}

bool is_of(X509* certificate, std::string_view nif) {
    const auto numbers = entries(X509_get_subject_name(certificate), NID_serialNumber);
    return !nif.empty() && !numbers.empty() &&
           (same_letters(numbers.front(), nif) ||
            same_letters(numbers.front(), "IDCES-" + std::string(nif)));
}

bool is_of_the_simulator(X509* certificate) {
    return printed(X509_get_subject_name(certificate)).find("SIMULADOR") != std::string::npos ||
           printed(X509_get_issuer_name(certificate)).find("SIMULADOR") != std::string::npos;
}

bool is_in_force(X509* certificate, Time now) {
    std::time_t moment = now.time_since_epoch().count();
    return X509_cmp_time(X509_get0_notBefore(certificate), &moment) < 0 &&
           X509_cmp_time(X509_get0_notAfter(certificate), &moment) > 0;
}

// The signer's clock is not ours, and may be of another zone: this shows a signature of the same
// document that was made for something else (F-15).
bool is_of_this_order(const Evidence& evidence, const SignatureCheck& check) {
    constexpr Seconds kOtherClock{24 * 3600};
    return !evidence.claimed_time || (*evidence.claimed_time >= check.ordered - kOtherClock &&
                                      *evidence.claimed_time <= check.now + kOtherClock);
}

// A certificate may end while FIRe completes what was signed with it. When that was, only the
// signer says: it is believed between the order and now.
Time moment_of(const Evidence& evidence, const SignatureCheck& check) {
    if (is_in_force(evidence.signer.get(), check.now)) {
        return check.now;
    }
    return std::clamp(evidence.claimed_time.value_or(check.now), std::min(check.ordered, check.now),
                      check.now);
}

bool leads_to_an_authority(const Evidence& evidence, const SignatureCheck& check) {
    const StoreOwner store(X509_STORE_new());
    const StoreContext context(X509_STORE_CTX_new());
    const std::unique_ptr<STACK_OF(X509), FreeStack> between(sk_X509_new_null());
    require(store != nullptr && context != nullptr && between != nullptr);
    for (const Certificate& authority : check.authorities) {
        require(X509_STORE_add_cert(store.get(), authority.get()) == 1);
    }
    for (const CertificateOwner& other : evidence.others) {
        require(sk_X509_push(between.get(), other.get()) > 0);
    }
    require(X509_STORE_CTX_init(context.get(), store.get(), evidence.signer.get(), between.get()) ==
            1);
    X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(wanted, moment_of(evidence, check).time_since_epoch().count());
    X509_VERIFY_PARAM_set_auth_level(wanted, kSecurityLevel);
    X509_VERIFY_PARAM_set_depth(wanted, kMostIntermediates);
    // An authority may be an intermediate one: the administrator named it.
    X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_PARTIAL_CHAIN);
    return X509_verify_cert(context.get()) == 1;
}

}  // namespace

std::string der_of(X509* certificate) {
    const int length = i2d_X509(certificate, nullptr);
    std::string der(length > 0 ? static_cast<std::size_t>(length) : 0, '\0');
    // Bytes as OpenSSL counts them.
    auto* at = reinterpret_cast<unsigned char*>(der.data());
    i2d_X509(certificate, &at);
    return der;
}

CertificateOwner certificate_from(std::string_view der) {
    const ErrorMark mark;
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());  // as above
    const unsigned char* const end = at + der.size();
    CertificateOwner certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    return at == end ? std::move(certificate) : nullptr;
}

Judged<void> judge_signer(const Evidence& evidence, const SignatureCheck& check) {
    const ErrorMark mark;
    X509* const certificate = evidence.signer.get();
    EVP_PKEY* const key = X509_get0_pubkey(certificate);
    const auto weak = key == nullptr ? std::optional<std::string>("no key") : weakness(key);
    if (weak) {
        return not_a_signature("the signer's key will not do: " + *weak);
    }
    if (!guard("signer.one-number",
               entries(X509_get_subject_name(certificate), NID_serialNumber).size() <= 1)) {
        return other_signer("the certificate has two serialNumbers");
    }
    if (!guard("signer.nif", is_of(certificate, check.nif))) {
        return other_signer("the certificate is not of the person of the session");
    }
    if (!guard("signer.claimed",
               check.certificate.empty() || check.certificate == der_of(certificate))) {
        return other_signer("the certificate is not the one that FIRe named");
    }
    if (!guard("signer.simulator", check.simulator_allowed || !is_of_the_simulator(certificate))) {
        return not_for_us("E-SIGN-SUBJ", "a certificate of the simulator");
    }
    constexpr std::uint32_t kSigning = KU_NON_REPUDIATION | KU_DIGITAL_SIGNATURE;
    if (!guard("signer.usage", (X509_get_key_usage(certificate) & kSigning) != 0)) {
        return not_a_signature("a certificate that is not for signing");
    }
    if (!guard("signer.in-force", is_in_force(certificate, moment_of(evidence, check)))) {
        return not_a_signature("the certificate is not in force");
    }
    if (!guard("signer.time", is_of_this_order(evidence, check))) {
        return not_a_signature("it says that it was signed long before its order, or after now");
    }
    if (!guard("signer.chain",
               check.authorities.empty() || leads_to_an_authority(evidence, check))) {
        return not_a_signature("the certificate does not lead to an authority that is trusted");
    }
    return {};
}

void describe_signer(X509* certificate, SignatureFacts& facts) {
    const ErrorMark mark;
    const auto names = entries(X509_get_subject_name(certificate), NID_commonName);
    facts.signer_name = names.empty() || has_control_characters(names.back()) ? "" : names.back();
    facts.certificate_der = der_of(certificate);
    facts.certificate_sha256 = hex_encode(sha256(facts.certificate_der));
    facts.issuer = printed(X509_get_issuer_name(certificate));
    const ASN1_INTEGER* const serial = X509_get0_serialNumber(certificate);
    facts.serial = hex_encode(std::as_bytes(std::span(
        ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)))));
    std::tm fields{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &fields) == 1) {
        facts.not_after = Time{Seconds{::timegm(&fields)}};
    }
}

}  // namespace clave
