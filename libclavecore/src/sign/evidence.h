// What a format's verifier proves, and why it refuses.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/host.h"
#include "clave/sign_words.h"
#include "crypto/openssl.h"

namespace clave {

struct Evidence {
    CertificateOwner signer;               // the certificate whose key made it
    std::vector<CertificateOwner> others;  // beside it in the signature: for a chain, untrusted
    std::optional<Time> claimed_time;
};

struct Refused {
    SignReason reason;
    std::string_view code;
    std::string detail;
};
template <class T>
using Judged = tl::expected<T, Refused>;

inline tl::unexpected<Refused> not_a_signature(std::string detail) {
    return tl::unexpected(Refused{SignReason::gateway, "E-SIGN-VERIFY", std::move(detail)});
}
inline tl::unexpected<Refused> other_document(std::string detail) {
    return tl::unexpected(Refused{SignReason::wrong_document, "E-SIGN-DIGEST", std::move(detail)});
}
inline tl::unexpected<Refused> other_signer(std::string detail) {
    return tl::unexpected(Refused{SignReason::wrong_signer, "E-SIGN-SUBJ", std::move(detail)});
}
inline tl::unexpected<Refused> not_for_us(std::string_view code, std::string detail) {
    return tl::unexpected(Refused{SignReason::configuration, code, std::move(detail)});
}

}  // namespace clave
