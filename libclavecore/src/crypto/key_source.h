// Where a private key lies: in our memory, or in a token that lends it for one operation at a time.
#pragma once

#include <functional>
#include <string>

#include "clave/pki.h"

namespace clave {

class KeySource {
  public:
    // With a key that can be used. Its failures have Code::key, unless the input is to blame. It
    // owns all it needs: nobody may be waiting for it any more when it is done.
    using Operation = std::function<Result<std::string>(EVP_PKEY* key)>;

    virtual ~KeySource() = default;
    // What `operation` returns, or Code::key. Any thread.
    virtual Result<std::string> use(const Operation& operation) = 0;
    // Null if it is not: nobody may hold on to what a token lends.
    virtual EVP_PKEY* in_memory() const noexcept { return nullptr; }
};

}  // namespace clave
