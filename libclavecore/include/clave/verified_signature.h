// Of bytes that claim to be a signature, a signature: of our document, by our person (F-02, F-05,
// F-15). Only verify_signature() makes one, and what is delivered is asked for by this type.
//
// What it does not judge is the validation platform's job (@firma, Valide): revocation, trusted
// lists, timestamps, long-term formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/fire.h"
#include "clave/pki.h"

namespace clave {

// libxml2 takes no text of more than 10 MB, and the document is in the signature as base64 or as
// XML. Larger ones must not be sent to be signed as XAdES: it would be lost.
constexpr std::uint64_t kMostXadesDocumentBytes = 7'000'000;

// Of each of both files. What is larger must not be sent to be signed, either.
constexpr std::uint64_t kMostVerifiedBytes = 256 * 1024 * 1024;

// What must hold.
struct SignatureCheck {
    SignFormat format = SignFormat::cades;
    FireDocument document{};  // as frozen; read again, and refused if it is not that any more
    std::string nif{};        // of the session
    // DER, as FIRe claims it (operation 2). PKCS#1 has no other; elsewhere, if there is one, the
    // signer's must be it.
    std::string certificate{};
    // The signer's chain ends in one of them, all of it valid now, or when it was signed. Empty: no
    // chain is judged.
    std::vector<Certificate> authorities{};
    bool simulator_allowed = false;
    Time ordered{};  // nothing was signed before
    Time now{};
};

// Text out of certificates is printable UTF-8, and says who the person is: not for logs.
struct SignatureFacts {
    std::string path{};
    std::uint64_t size = 0;
    Digest sha256{};
    SignFormat format = SignFormat::cades;
    std::string signer_nif{};   // as in the session
    std::string signer_name{};  // CN
    std::string certificate_der{};
    std::string certificate_sha256{};    // hex
    std::string issuer{};                // RFC 2253
    std::string serial{};                // hex
    Time not_after{};                    // of the certificate
    std::optional<Time> claimed_time{};  // of signing, by the signer's own word
    // Of PAdES: the file is our document and an incremental update after it. Never false here: what
    // was signed in a file that was rewritten cannot be proven, and is refused (E-SIGN-DIGEST).
    bool begins_with_document = true;
};

struct SignatureRefusal;

class VerifiedSignature {
  public:
    VerifiedSignature(VerifiedSignature&&) = default;
    VerifiedSignature& operator=(VerifiedSignature&&) = default;

    const SignatureFacts& facts() const noexcept { return facts_; }
    const SignatureFacts* operator->() const noexcept { return &facts_; }

  private:
    friend tl::expected<VerifiedSignature, SignatureRefusal> verify_signature(
        UnverifiedSignature signature, const SignatureCheck& check);
    explicit VerifiedSignature(SignatureFacts facts) : facts_(std::move(facts)) {}
    SignatureFacts facts_;
};

struct SignatureRefusal {
    SignReason reason = SignReason::gateway;  // wrong_signer wrong_document gateway configuration
    std::string_view code;                    // "E-SIGN-SUBJ" "E-SIGN-DIGEST" "E-SIGN-VERIFY"
    std::string detail;                       // for the log: nothing of the person or the document
    UnverifiedSignature signature;            // given back, for quarantine
};

// Blocks, for as long as reading and hashing both files, parsing and a few signatures take: on the
// worker pool. Never throws. Both files are in memory meanwhile, up to
// kMostVerifiedBytes each: what was hashed is what is verified, whoever writes to them.
//
//   E-SIGN-SUBJ    another person's, or not the certificate that FIRe named
//   E-SIGN-DIGEST  something else was signed; or it cannot be shown that it was this
//   E-SIGN-VERIFY  not a signature, or not one that we take: broken, an algorithm of the past,
//                  several signers, a chain that does not end where it should, parts that are not
//                  signed
//
// CAdES: detached, or with the document inside. XAdES: the document as base64 in a ds:Object or
// beside the signature, or the signature as the last thing that was added to an XML document (which
// is UTF-8, without document type). PAdES: an incremental update of the document that only adds
// this signature, its field and metadata; nothing comes after it, so a later document timestamp
// (LTA) is refused too. Objects that were there are compared with those that are there now: a page,
// a form or an annotation that was changed is refused (shadow attacks). Only what a visible
// signature draws is taken as it is. A PDF that libqpdf would have to repair, that is encrypted, or
// whose structure unfolds to more than 64 MiB is refused. NONE: PKCS#1 or ECDSA over
// the document with SHA-256, 384 or 512.
tl::expected<VerifiedSignature, SignatureRefusal> verify_signature(UnverifiedSignature signature,
                                                                   const SignatureCheck& check);

}  // namespace clave
