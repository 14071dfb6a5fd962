#include "sign/cms.h"

#include <openssl/cms.h>
#include <openssl/ess.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/guard.h"

namespace clave {
namespace {

using CmsOwner = std::unique_ptr<CMS_ContentInfo, OpenSslFree<CMS_ContentInfo_free>>;
using SigningCertificate =
    std::unique_ptr<ESS_SIGNING_CERT_V2, OpenSslFree<ESS_SIGNING_CERT_V2_free>>;
using HashContext = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;

struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_free(stack); }
};
using BorrowedStack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// A chain of people's certificates has three or four.
constexpr int kMostCertificates = 32;

constexpr std::array kDigests{NID_sha256, NID_sha384, NID_sha512};
// RSA without a digest in its name takes that of the signer.
constexpr std::array kSignatures{NID_rsaEncryption,           NID_sha256WithRSAEncryption,
                                 NID_sha384WithRSAEncryption, NID_sha512WithRSAEncryption,
                                 NID_ecdsa_with_SHA256,       NID_ecdsa_with_SHA384,
                                 NID_ecdsa_with_SHA512};

int name_of(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    return OBJ_obj2nid(object);
}

template <std::size_t N>
bool is_one_of(const std::array<int, N>& known, int name) {
    return std::ranges::find(known, name) != known.end();
}

std::string_view text_of(const ASN1_STRING* string) {
    // Octets are bytes, and char may alias them.
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// A signed attribute that is there once, with one value of that type (what -3 asks for).
void* only_attribute(CMS_SignerInfo* signer, int name, int type) {
    return CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(name), -3, type);
}

std::string hash_of(const EVP_MD* digest, std::span<const std::string_view> content) {
    const HashContext hash(EVP_MD_CTX_new());
    require(hash != nullptr && EVP_DigestInit_ex(hash.get(), digest, nullptr) == 1);
    for (const std::string_view piece : content) {
        require(EVP_DigestUpdate(hash.get(), piece.data(), piece.size()) == 1);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    unsigned int length = 0;
    require(EVP_DigestFinal_ex(hash.get(), out.data(), &length) == 1);
    return {out.begin(), out.begin() + length};
}

std::optional<Time> signing_time(CMS_SignerInfo* signer) {
    const int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
    X509_ATTRIBUTE* const found = at < 0 ? nullptr : CMS_signed_get_attr(signer, at);
    const ASN1_TYPE* const value = X509_ATTRIBUTE_get0_type(found, 0);
    if (value == nullptr ||
        (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)) {
        return std::nullopt;
    }
    std::tm fields{};
    if (ASN1_TIME_to_tm(value->value.asn1_string, &fields) != 1) {
        return std::nullopt;
    }
    return Time{Seconds{::timegm(&fields)}};
}

// The whole text, or what is before the zeros of a hole.
CmsOwner parse(std::string_view der, CmsPlace place) {
    // Bytes as OpenSSL counts them.
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const unsigned char* const begin = at;
    CmsOwner cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    if (cms == nullptr) {
        return nullptr;
    }
    const std::string_view rest = der.substr(static_cast<std::size_t>(at - begin));
    const bool nothing_more =
        place == CmsPlace::hole ? rest.find_first_not_of('\0') == rest.npos : rest.empty();
    return guard("cms.nothing-more", nothing_more) ? std::move(cms) : nullptr;
}

Judged<void> check_algorithms(CMS_SignerInfo* signer) {
    X509_ALGOR* digest = nullptr;
    X509_ALGOR* signature = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, &signature);
    if (!guard("cms.digest", is_one_of(kDigests, name_of(digest)))) {
        return not_a_signature("a digest that is not on the list");
    }
    if (!guard("cms.signature", is_one_of(kSignatures, name_of(signature)))) {
        return not_a_signature("a signature algorithm that is not on the list");
    }
    return {};
}

// RFC 5035: without it another certificate of the same key could be put in its place.
bool names_its_certificate(CMS_SignerInfo* signer, X509* certificate,
                           const std::vector<CertificateOwner>& others) {
    const auto* const value = static_cast<const ASN1_STRING*>(
        only_attribute(signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE));
    if (value == nullptr) {
        return false;
    }
    const unsigned char* at = ASN1_STRING_get0_data(value);
    const SigningCertificate named(
        d2i_ESS_SIGNING_CERT_V2(nullptr, &at, ASN1_STRING_length(value)));
    const BorrowedStack chain(sk_X509_new_null());
    require(chain != nullptr && sk_X509_push(chain.get(), certificate) > 0);
    for (const CertificateOwner& other : others) {
        require(sk_X509_push(chain.get(), other.get()) > 0);
    }
    return named != nullptr &&
           OSSL_ESS_check_signing_certs(nullptr, named.get(), chain.get(), 1) > 0;
}

// Takes them out of the signature: the signer's, and the rest.
Judged<Evidence> certificates_of(CMS_ContentInfo* cms, CMS_SignerInfo* signer) {
    STACK_OF(X509)* const all = CMS_get1_certs(cms);
    Evidence evidence;
    const int count = all == nullptr ? 0 : sk_X509_num(all);
    int of_the_signer = 0;
    for (int i = 0; i < count; ++i) {
        CertificateOwner one(sk_X509_value(all, i));
        if (CMS_SignerInfo_cert_cmp(signer, one.get()) == 0) {
            ++of_the_signer;
            evidence.signer = std::move(one);
        } else {
            evidence.others.push_back(std::move(one));
        }
    }
    sk_X509_free(all);
    if (!guard("cms.certificates", count <= kMostCertificates)) {
        return not_a_signature("too many certificates");
    }
    if (!guard("cms.one-certificate", of_the_signer <= 1)) {
        return not_a_signature("two certificates of the signer");
    }
    if (evidence.signer == nullptr) {
        return not_a_signature("without the signer's certificate");
    }
    return evidence;
}

Judged<void> check_content(CMS_ContentInfo* cms, CMS_SignerInfo* signer,
                           std::span<const std::string_view> content, CmsPlace place) {
    ASN1_OCTET_STRING** const inside = CMS_get0_content(cms);
    if (inside != nullptr && *inside != nullptr) {
        if (!guard("cms.detached", place == CmsPlace::file)) {
            return not_a_signature("content where there should be none");
        }
        const bool same = content.size() == 1 && text_of(*inside) == content.front();
        if (!guard("cms.attached", same)) {
            return other_document("holds something else than the document");
        }
    }
    const auto* const named = static_cast<const ASN1_STRING*>(
        only_attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING));
    X509_ALGOR* digest = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
    const EVP_MD* const method = EVP_get_digestbyobj(OBJ_nid2obj(name_of(digest)));
    if (named == nullptr || method == nullptr) {
        return not_a_signature("without digest of a message");
    }
    if (!guard("cms.message-digest", text_of(named) == hash_of(method, content))) {
        return place == CmsPlace::file ? other_document("the digest is not that of the document")
                                       : not_a_signature("the digest is not that of the file");
    }
    return {};
}

}  // namespace

Judged<Evidence> verify_cms(std::string_view der, std::span<const std::string_view> content,
                            CmsPlace place) {
    const ErrorMark mark;
    const CmsOwner cms = parse(der, place);
    if (cms == nullptr) {
        return not_a_signature("not CMS, or more than that");
    }
    if (!guard("cms.type", OBJ_obj2nid(CMS_get0_type(cms.get())) == NID_pkcs7_signed)) {
        return not_a_signature("not SignedData");
    }
    STACK_OF(CMS_SignerInfo)* const signers = CMS_get0_SignerInfos(cms.get());
    const int count = signers == nullptr ? 0 : sk_CMS_SignerInfo_num(signers);
    if (count < 1) {
        return not_a_signature("nobody signed it");
    }
    if (!guard("cms.one-signer", count == 1)) {
        return not_a_signature("more than one signer");
    }
    if (!guard("cms.content-type",
               OBJ_obj2nid(CMS_get0_eContentType(cms.get())) == NID_pkcs7_data)) {
        return not_a_signature("the content is not plain data");
    }
    CMS_SignerInfo* const signer = sk_CMS_SignerInfo_value(signers, 0);
    if (auto good = check_algorithms(signer); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    // Without signed attributes the content itself is what is signed, and might be the attributes
    // of somebody's other signature (RFC 5652 has one key for both, and no mark).
    if (!guard("cms.signed-attributes", CMS_signed_get_attr_count(signer) > 0)) {
        return not_a_signature("without signed attributes");
    }
    auto* const type =
        static_cast<ASN1_OBJECT*>(only_attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT));
    if (!guard("cms.signed-content-type", type != nullptr && OBJ_obj2nid(type) == NID_pkcs7_data)) {
        return not_a_signature("the signed type of the content is not plain data");
    }
    Judged<Evidence> evidence = certificates_of(cms.get(), signer);
    if (!evidence) {
        return evidence;
    }
    X509* const certificate = evidence->signer.get();
    if (!guard("cms.signing-certificate",
               names_its_certificate(signer, certificate, evidence->others))) {
        return not_a_signature("signing-certificate-v2 does not name the signer's certificate");
    }
    CMS_SignerInfo_set1_signer_cert(signer, certificate);
    if (!guard("cms.verifies", CMS_SignerInfo_verify(signer) == 1)) {
        return not_a_signature("does not verify with the key of its certificate");
    }
    if (auto good = check_content(cms.get(), signer, content, place); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    evidence->claimed_time = signing_time(signer);
    return evidence;
}

}  // namespace clave
