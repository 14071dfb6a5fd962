// What applications are told: how far an order is, or, as RFC 9457 has it, what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>

#include "clave/host.h"
#include "clave/request.h"
#include "sign/transaction.h"

namespace clave {

// What whoever can do something about it needs to know beside the code.
struct ProblemFacts {
    std::optional<std::uint64_t> limit{};  // bytes
    std::optional<SignState> state{};
};

// The reference in it is the one in the log. Error::detail is for the application, too.
Reply problem_answer(Random& random, Error error, ProblemFacts facts = {});
Reply order_answer(const Site& site, int status, const Transaction& transaction);

}  // namespace clave
