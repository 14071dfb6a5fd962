// What FIRe gave becomes a signature, or is refused.
#pragma once

#include <optional>

#include "clave/verified_signature.h"
#include "sign/signing.h"

namespace clave {

struct Judgement {  // one of them
    std::optional<VerifiedSignature> good;
    std::optional<SignatureRefusal> refusal;
};

// Of document `index` of the transaction. It has its name in the archive then: of a signature, or
// of what is kept for who has to find out. Code::store: it could not be judged, and the bytes stay
// where they were.
Task<Result<Judgement>> judge(const Signing& signing, const Transaction& transaction,
                              std::size_t index, UnverifiedSignature found);

Code code_of(const SignatureRefusal& refusal) noexcept;
Digest certificate_digest(const VerifiedSignature& signature);

}  // namespace clave
