// A look into a token from a process that must not have opened one.
#pragma once

#include "crypto/openssl.h"
#include "crypto/pin_file.h"
#include "crypto/token_uri.h"

namespace clave {

// The public half of the key, from a child process that ends with it: what a PKCS#11 module keeps
// in memory (sessions, threads, connections) does not survive the fork of a server's workers, and
// most modules notice only when they are used. Waits no longer than a slow token needs.
ConfigResult<std::shared_ptr<EVP_PKEY>> look_up(const TokenUri& uri, const Pin& pin);

}  // namespace clave
