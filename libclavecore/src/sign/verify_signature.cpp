#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>

#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/verified_signature.h"
#include "sign/cms.h"
#include "sign/pdf_signature.h"
#include "sign/signer.h"
#include "sign/xades.h"

namespace clave {
namespace {

constexpr std::size_t kMostRawSignature = 1024;  // that of RSA 8192

class OpenFile {
  public:
    explicit OpenFile(const std::string& path)
        : file_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (file_ >= 0) {
            ::close(file_);
        }
    }
    int get() const noexcept { return file_; }

  private:
    int file_;
};

// Exactly so many bytes, and none after them.
std::optional<std::string> read_all(int file, std::uint64_t size) {
    struct stat is {};
    if (size > kMostVerifiedBytes || ::fstat(file, &is) != 0 || !S_ISREG(is.st_mode) ||
        static_cast<std::uint64_t>(is.st_size) != size) {
        return std::nullopt;
    }
    std::string bytes(size, '\0');
    for (std::size_t at = 0; at < bytes.size();) {
        const ssize_t got =
            ::pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return std::nullopt;
        }
        at += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return bytes;
}

// Without a format: nothing says with which digest, and nothing but the document is signed.
Judged<Evidence> verify_raw(std::string_view signature, std::string_view document,
                            const std::string& certificate) {
    using HashContext = std::unique_ptr<EVP_MD_CTX, OpenSslFree<EVP_MD_CTX_free>>;
    const ErrorMark mark;
    Evidence evidence;
    evidence.signer = certificate_from(certificate);
    if (evidence.signer == nullptr) {
        return not_a_signature("no certificate to verify it with");
    }
    EVP_PKEY* const key = X509_get0_pubkey(evidence.signer.get());
    bool verified = false;
    // Bytes as OpenSSL counts them.
    const auto* const value = reinterpret_cast<const unsigned char*>(signature.data());
    const auto* const text = reinterpret_cast<const unsigned char*>(document.data());
    for (const EVP_MD* const digest : {EVP_sha256(), EVP_sha384(), EVP_sha512()}) {
        const HashContext context(EVP_MD_CTX_new());
        require(context != nullptr);
        verified =
            verified ||
            (key != nullptr && signature.size() <= kMostRawSignature &&
             EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
             EVP_DigestVerify(context.get(), value, signature.size(), text, document.size()) == 1);
    }
    if (!guard("raw.verifies", verified)) {
        return not_a_signature("does not verify over the document");
    }
    return evidence;
}

Judged<Evidence> verify_as(const SignatureCheck& check, std::string_view signature,
                           std::string_view document) {
    switch (check.format) {
        case SignFormat::cades: {
            const std::array content{document};
            return verify_cms(signature, content, CmsPlace::file);
        }
        case SignFormat::xades:
            return verify_xades(signature, document);
        case SignFormat::pades:
            return verify_pades(signature, document);
        case SignFormat::none:
            return verify_raw(signature, document, check.certificate);
    }
    return not_a_signature("no such format");
}

Judged<SignatureFacts> judge(const UnverifiedSignature& signature, const SignatureCheck& check) {
    const auto document = read_all(check.document.file, check.document.size);
    if (!document) {
        return other_document("the document cannot be read as it was frozen");
    }
    if (!guard("document.frozen", sha256(*document) == check.document.sha256)) {
        return other_document("the document is not the one that was frozen");
    }
    const OpenFile file(signature.unverified_path());
    const auto bytes = read_all(file.get(), signature.size());
    if (!bytes) {
        return not_a_signature("the signature cannot be read as it was fetched");
    }
    if (!guard("signature.as-fetched", sha256(*bytes) == signature.sha256())) {
        return not_a_signature("the signature is not what was fetched");
    }
    const Judged<Evidence> evidence = verify_as(check, *bytes, *document);
    if (!evidence) {
        return tl::unexpected(evidence.error());
    }
    if (auto good = judge_signer(*evidence, check); !good) {
        return tl::unexpected(std::move(good.error()));
    }
    SignatureFacts facts;
    facts.path = signature.unverified_path();
    facts.size = signature.size();
    facts.sha256 = signature.sha256();
    facts.format = check.format;
    facts.signer_nif = check.nif;
    facts.claimed_time = evidence->claimed_time;
    describe_signer(evidence->signer.get(), facts);
    return facts;
}

Judged<SignatureFacts> judge_without_throwing(const UnverifiedSignature& signature,
                                              const SignatureCheck& check) noexcept {
    try {
        return judge(signature, check);
    } catch (const std::exception&) {
        // No memory: what libqpdf throws is caught where it is called.
        return tl::unexpected(Refused{SignReason::gateway, "E-SIGN-VERIFY", {}});
    }
}

}  // namespace

tl::expected<VerifiedSignature, SignatureRefusal> verify_signature(UnverifiedSignature signature,
                                                                   const SignatureCheck& check) {
    Judged<SignatureFacts> facts = judge_without_throwing(signature, check);
    if (!facts) {
        Refused& why = facts.error();
        return tl::unexpected(
            SignatureRefusal{why.reason, why.code, std::move(why.detail), std::move(signature)});
    }
    return VerifiedSignature(std::move(*facts));
}

}  // namespace clave
