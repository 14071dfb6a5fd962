// Whose certificate it is, and whether it may be used for this.
#pragma once

#include "clave/verified_signature.h"
#include "sign/evidence.h"

namespace clave {

std::string der_of(X509* certificate);
// Null unless all of `der` is one certificate.
CertificateOwner certificate_from(std::string_view der);

// F-02, F-15: the session's person, the certificate that was claimed, in force, not one of the
// simulator, and with a chain to one of the authorities, if there are any.
Judged<void> judge_signer(const Evidence& evidence, const SignatureCheck& check);

// What its certificate says.
void describe_signer(X509* certificate, SignatureFacts& facts);

}  // namespace clave
