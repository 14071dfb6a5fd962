#include "redis/eviction.h"

#include <algorithm>
#include <string_view>

namespace clave::redis {
namespace {

// The word after "maxmemory_policy:"; empty if there is none, or nothing that Redis would say.
std::string_view policy_in(std::string_view info) noexcept {
    constexpr std::string_view kField = "maxmemory_policy:";
    const std::size_t at = info.find(kField);
    if (at == std::string_view::npos) {
        return {};
    }
    const std::string_view rest = info.substr(at + kField.size());
    const std::string_view word = rest.substr(0, rest.find_first_of("\r\n"));
    const bool plain = word.size() <= 32 && std::ranges::all_of(word, [](char c) {
                           return (c >= 'a' && c <= 'z') || c == '-';
                       });
    return plain ? word : std::string_view();
}

}  // namespace

Task<Result<void>> review_eviction(Wire& wire, Connection& connection, const Whom& whom) {
    Command command{"INFO", "memory"};
    Task<Result<Value>> asking = ask(wire, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    if (!reply) {
        co_return fail(Code::store, reply.error().detail);
    }
    const std::string_view policy = policy_in(reply->text);
    if (!policy.empty() && policy != "noeviction") {
        wire.warn(Severity::warn, "eviction of " + whom.shown,
                  "redis " + whom.shown + " has maxmemory-policy " + std::string(policy) +
                      ": when its memory is full, it ends sessions; set it to noeviction");
    }
    co_return Result<void>();
}

}  // namespace clave::redis
