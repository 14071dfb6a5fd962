// A name in the archive's directory "open" for each transaction that somebody may still have to
// end, so that nobody looks through all that is kept for them. A hint: what is true, the store
// says.
//
// Everything here blocks, so it belongs on the worker pool.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clave/error.h"
#include "clave/host.h"

namespace clave {

class UnderWay {
  public:
    explicit UnderWay(const std::string& archive) : directory_(archive + "/open") {}

    struct One {
        std::string id;
        Time since{};
    };

    // Before the transaction is made. Code::store; one that is there is as good.
    Result<void> add(std::string_view id) const;
    void remove(std::string_view id) const noexcept;
    std::vector<One> all() const;

  private:
    std::string directory_;
};

}  // namespace clave
