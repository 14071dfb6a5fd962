#include "sign/judgement.h"

#include <utility>

#include "clave/encoding.h"
#include "clave/offload.h"

namespace clave {
namespace {

constexpr std::uint64_t kMostCertificate = 64 * 1024;

FireDocument document_of(const Transaction& transaction, std::size_t index) {
    if (transaction.documents.size() < 2) {
        return {-1, transaction.size, transaction.sha256};
    }
    const AnnouncedDocument& document = transaction.documents[index];
    return {-1, document.size, document.sha256};
}

// Blocks.
Result<Judgement> judge_found(const Archive& archive, const std::string& id, std::size_t index,
                              UnverifiedSignature found, SignatureCheck check) {
    const auto document = archive.open(id, Archive::numbered(Archive::kDocument, index));
    if (!document) {
        return tl::unexpected(document.error());
    }
    check.document.file = (*document)->descriptor();
    const auto certificate = archive.read(id, Archive::kCertificate, kMostCertificate);
    if (certificate) {
        check.certificate = std::string(as_text(*certificate));
    }
    auto verified = verify_signature(std::move(found), check);
    const std::string unverified = Archive::numbered(Archive::kUnverified, index);
    Judgement judged;
    if (!verified) {
        judged.refusal.emplace(std::move(verified.error()));
        // Kept for who has to find out, under a name that nobody delivers.
        const auto moved =
            archive.rename(id, unverified, Archive::numbered(Archive::kQuarantine, index));
        return moved ? Result<Judgement>(std::move(judged)) : tl::unexpected(moved.error());
    }
    const auto moved =
        archive.rename(id, unverified, Archive::numbered(Archive::kSignature, index));
    if (!moved) {
        return tl::unexpected(moved.error());
    }
    judged.good.emplace(std::move(*verified));
    return judged;
}

}  // namespace

Task<Result<Judgement>> judge(const Signing& signing, const Transaction& transaction,
                              std::size_t index, UnverifiedSignature found) {
    SignatureCheck check;
    check.format = transaction.format;
    check.document = document_of(transaction, index);
    check.nif = transaction.nif;
    check.authorities = signing.settings().authorities;
    check.simulator_allowed = signing.site().simulator;
    check.ordered = transaction.created;
    check.now = signing.now();
    auto judging =
        offload(signing.services().pool,
                [archive = signing.archive(), id = transaction.id, index, check = std::move(check),
                 bytes = std::make_shared<UnverifiedSignature>(std::move(found))] {
                    return judge_found(archive, id, index, std::move(*bytes), check);
                });
    co_return co_await judging;
}

Code code_of(const SignatureRefusal& refusal) noexcept {
    switch (refusal.reason) {
        case SignReason::wrong_signer:
            return Code::sign_subject;
        case SignReason::wrong_document:
            return Code::sign_digest;
        default:
            return Code::sign_verify;
    }
}

Digest certificate_digest(const VerifiedSignature& signature) {
    Digest digest{};
    static_cast<void>(hex_decode_to(digest, signature->certificate_sha256));
    return digest;
}

}  // namespace clave
