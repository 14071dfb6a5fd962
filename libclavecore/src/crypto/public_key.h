// The public half of a key: how strong it is, and what to call it in a message.
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string>

namespace clave {

// Why this key may not be used: "RSA key of 1024 bits"; nullopt if it may. RSA of at least 2048 and
// EC of at least 256 bits will do (C-11).
std::optional<std::string> weakness(EVP_PKEY* key);

// "RSA 2048 sha256:0011223344556677", of the DER SubjectPublicKeyInfo.
std::string describe_public_key(EVP_PKEY* key);

}  // namespace clave
