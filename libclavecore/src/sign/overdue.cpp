#include "sign/overdue.h"

#include <chrono>
#include <utility>

#include "sign/sign_endpoints.h"

namespace clave {
namespace {

// Longer than the client of FIRe waits for its answers, all together, and a disk for its. A batch
// is asked for piece by piece.
constexpr Seconds kForTheDisk{60};
// FIRe forgets after ten minutes without a step; a person takes several.
constexpr Seconds kAtGatewayAtMost{3600};

std::int64_t questions(const Transaction& transaction) noexcept {
    const auto documents = static_cast<std::int64_t>(transaction.documents.size());
    return documents > 1 ? documents + 2 : 1;
}

Seconds confirmed_at_most(const FireSettings& fire, const Transaction& transaction) noexcept {
    return questions(transaction) * std::chrono::ceil<Seconds>(fire.connect_limit + fire.limit) +
           kForTheDisk;
}

// From one document of a batch to the next: each is a change of its own, as FIRe forgets what
// nobody asks for in ten minutes.
Seconds recovering_at_most(const FireSettings& fire) noexcept {
    return std::chrono::ceil<Seconds>(fire.compose_limit + fire.limit) + 2 * kForTheDisk;
}

// All of it, or nobody would be at it for as long again.
Task<void> take_over(Signing signing, HeldTransaction held) {
    Transaction next = held.is;
    // What waits was nobody's; what is late and left alone says itself whether it may be gone.
    next.doubtful = !next.asks_why && !next.late;
    next.ask_at = Time{};
    auto advancing = signing.advance(held, std::move(next));
    const auto taken = co_await std::move(advancing);
    if (taken && *taken) {
        auto recovering = recover(signing, std::move(held));
        co_await std::move(recovering);
    }
}

}  // namespace

bool is_overdue(const Signing& signing, const Transaction& transaction) noexcept {
    const Seconds since = signing.now() - transaction.since;
    const FireSettings& fire = signing.settings().fire;
    switch (transaction.state) {
        case SignState::created:
        case SignState::shown:
            return signing.now() - transaction.created >= kTransactionLifetime;
        case SignState::confirmed:
            return since >= confirmed_at_most(fire, transaction);
        case SignState::at_gateway:
            return since >= kAtGatewayAtMost;
        case SignState::recovering:
            if (transaction.waits()) {
                return signing.now() >= transaction.ask_at;
            }
            return since >= recovering_at_most(fire);
        default:
            return false;
    }
}

Task<void> settle(const Signing& signing, HeldTransaction held) {
    if (!is_overdue(signing, held.is)) {
        co_return;
    }
    if (held.is.state == SignState::created || held.is.state == SignState::shown) {
        auto ending = signing.end(held, SignState::expired, SignReason::expired, Code::sign_gateway,
                                  "nobody has confirmed it");
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    if (held.is.state == SignState::confirmed) {
        // Whoever was asking FIRe has gone. Nobody was sent there, so nothing can be signed.
        auto ending = signing.end(held, SignState::failed, SignReason::unavailable,
                                  Code::sign_gateway, "a worker died before FIRe answered");
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    if (held.is.state == SignState::at_gateway) {
        auto ending = signing.end(held, SignState::expired, SignReason::expired, Code::sign_gateway,
                                  "nobody came back");
        static_cast<void>(co_await std::move(ending));
        co_return;
    }
    auto taking_over = signing.outlive(take_over(signing, std::move(held)));
    co_await std::move(taking_over);
}

// If FIRe has handed the signature over, it goes on from there.
bool is_lost(const HeldTransaction& held) noexcept {
    return held.forgotten && held.is.state != SignState::recovering;
}

Task<Result<bool>> end_forgotten(const Signing& signing, HeldTransaction& held) {
    auto ending = signing.end(held, SignState::lost, SignReason::forgotten, Code::sign_lost,
                              "the session store knows it no more");
    co_return co_await std::move(ending);
}

}  // namespace clave
