#include "sign/late_upgrade.h"

#include <algorithm>
#include <utility>

#include "base/guard.h"
#include "clave/iso_time.h"
#include "clave/offload.h"
#include "sign/overdue.h"
#include "sign/recovery.h"

namespace clave {
namespace {

constexpr Seconds kFirstPause{60};
constexpr Seconds kLongestPause{4 * 3600};
// A clock that is set changes no timer: so long at most until it is looked at.
constexpr Seconds kLongestSleep{600};
// How often a store that does not answer is asked to remember what FIRe will never say again.
constexpr int kTriesToRemember = 20;
constexpr std::chrono::milliseconds kBetweenTries{15'000};

std::size_t count_of(const Transaction& transaction) noexcept {
    return std::max<std::size_t>(transaction.documents.size(), 1);
}

Time next_time(const Transaction& transaction) noexcept {
    Time next = Time::max();
    for (std::size_t i = 0; i < count_of(transaction); ++i) {
        const Upgrade& upgrade = upgrade_of(transaction, i);
        next = upgrade.is_awaited() ? std::min(next, upgrade.after) : next;
    }
    return next;
}

// In vain so often: a minute, two, four, … four hours.
Seconds pause_after(std::uint8_t tries) noexcept {
    Seconds pause = kFirstPause;
    for (int i = 1; i < tries && pause < kLongestPause; ++i) {
        pause *= 2;
    }
    return std::min(pause, kLongestPause);
}

void try_again(Upgrade& upgrade, Time now) noexcept {
    constexpr std::uint8_t kMost = 255;
    upgrade.tries = upgrade.tries == kMost ? kMost : static_cast<std::uint8_t>(upgrade.tries + 1);
    upgrade.after = std::max(upgrade.after, now + pause_after(upgrade.tries));
}

Task<void> ask_in_time(Signing signing, std::string id, Time at) {
    while (signing.parts() != nullptr && signing.now() < at) {
        auto pausing = signing.pause(std::min(at - signing.now(), kLongestSleep));
        co_await std::move(pausing);
    }
    if (signing.parts() == nullptr) {
        co_return;
    }
    auto finding = signing.find(std::move(id));
    auto found = co_await std::move(finding);
    if (found && *found && (*found)->is.waits()) {
        auto settling = settle(signing, std::move(**found));
        co_await std::move(settling);
    }
}

// FIRe names no such thing, or gave it to somebody; all else may be different later: it says the
// same (32) of an upgrade that failed and of a platform that it could not reach.
bool is_final(const FireFailure& why) noexcept {
    return why.reason == SignReason::expired;
}

LateAnswer never(const Upgrade& upgrade, FireFailure why) {
    why.lost = why.lost || upgrade.fetching;
    LateAnswer answer;
    answer.kind = LateAnswer::Kind::never;
    answer.why = std::move(why);
    return answer;
}

LateAnswer again(const Signing& signing, HeldTransaction& held, std::size_t index,
                 FireFailure why) {
    Upgrade& upgrade = upgrade_of(held.is, index);
    try_again(upgrade, signing.now());
    if (!is_soon_enough(held.is, upgrade)) {
        return never(upgrade, std::move(why));
    }
    signing.log(Severity::error, info(Code::sign_gateway).word, held.is,
                why.detail + ", to be asked again at " + format_utc(upgrade.after));
    LateAnswer answer;
    answer.kind = LateAnswer::Kind::not_ready;
    return answer;
}

// FIRe may name it anew.
LateAnswer still_waiting(const Signing& signing, HeldTransaction& held, std::size_t index,
                         FireGrace grace) {
    Upgrade& upgrade = upgrade_of(held.is, index);
    upgrade.id = std::move(grace.id);
    upgrade.after = grace.after;
    try_again(upgrade, signing.now());
    LateAnswer answer;
    answer.kind = LateAnswer::Kind::not_ready;
    if (!is_soon_enough(held.is, upgrade)) {
        FireFailure why;
        why.reason = SignReason::gateway;
        why.detail = "FIRe wants to be asked at " + format_utc(upgrade.after);
        return never(upgrade, std::move(why));
    }
    return answer;
}

}  // namespace

void begin_to_wait(Upgrade& upgrade, FireGrace grace) {
    upgrade = Upgrade{};
    upgrade.id = std::move(grace.id);
    upgrade.after = grace.after;
}

bool awaits_upgrade(const Transaction& transaction) noexcept {
    return next_time(transaction) != Time::max();
}

bool is_soon_enough(const Transaction& transaction, const Upgrade& upgrade) noexcept {
    return guard("sign grace date", upgrade.after <= transaction.created + kLongestGrace);
}

Task<void> wait_for_upgrade(const Signing& signing, HeldTransaction& held, Transaction next) {
    next.late = true;
    next.composed = false;
    next.doubtful = false;
    next.redirect.clear();  // nobody is led there any more, and the record has its bounds
    next.ask_at = std::max(next_time(next), signing.now() + Seconds{1});
    Result<bool> kept = false;
    for (int i = 0; i < kTriesToRemember && signing.parts() != nullptr; ++i) {
        auto advancing = signing.advance(held, next);
        kept = co_await std::move(advancing);
        if (kept) {
            break;
        }
        signing.log(Severity::error, info(kept.error().code).word, held.is, kept.error().detail);
        auto pausing = signing.pause(kBetweenTries);
        co_await std::move(pausing);
    }
    if (kept && *kept && signing.parts() != nullptr) {
        signing.parts()->chores.begin(ask_in_time(signing, held.is.id, held.is.ask_at));
    }
}

Task<LateAnswer> ask_for_upgrade(const Signing& signing, HeldTransaction& held, std::size_t index) {
    if (signing.fire() == nullptr) {
        co_return LateAnswer{};
    }
    FireGrace grace{upgrade_of(held.is, index).id, {}};
    auto asking = signing.fire()->compose_late(std::move(grace), held.is.wanted_upgrade);
    auto ready = co_await std::move(asking);
    if (!ready) {
        ready.error().lost = false;  // it can be asked for again
        co_return is_final(ready.error())
            ? never(upgrade_of(held.is, index), std::move(ready.error()))
            : again(signing, held, index, std::move(ready.error()));
    }
    if (ready->grace) {
        co_return still_waiting(signing, held, index, std::move(*ready->grace));
    }
    // From here on it may be gone there, and not be here.
    Transaction next = held.is;
    Upgrade& coming = upgrade_of(next, index);
    coming.fetching = true;
    coming.reached = ready->upgrade;
    coming.partial = ready->partial;
    auto advancing = signing.advance(held, std::move(next));
    const auto won = co_await std::move(advancing);
    if (!won || !*won) {
        co_return LateAnswer{};
    }
    SpoolPlace place = signing.archive().spool(held.is.id, room_for_signature(held.is, index));
    place.name = Archive::numbered(Archive::kUnverified, index);
    auto fetching = signing.fire()->fetch(std::move(*ready->ticket), std::move(place));
    auto fetched = co_await std::move(fetching);
    if (!fetched) {
        const bool gone = fetched.error().lost || is_final(fetched.error());
        co_return gone ? never(upgrade_of(held.is, index), std::move(fetched.error()))
                       : again(signing, held, index, std::move(fetched.error()));
    }
    LateAnswer answer;
    answer.kind = LateAnswer::Kind::fetched;
    answer.found.emplace(std::move(*fetched));
    co_return answer;
}

Task<void> go_on_waiting(Signing signing) {
    auto listing = offload(signing.services().pool,
                           [archive = signing.archive()] { return archive.waiting(); });
    const auto ids = co_await listing;
    if (!ids) {
        co_return;
    }
    for (const std::string& id : *ids) {
        auto finding = signing.find(id);
        auto found = co_await std::move(finding);
        if (signing.parts() == nullptr) {
            co_return;
        }
        const bool ours = found && *found && signing.site().is_service((*found)->is.service);
        if (!ours) {
            continue;
        }
        HeldTransaction& held = **found;
        if (is_overdue(signing, held.is)) {
            auto settling = settle(signing, std::move(held));
            co_await std::move(settling);
        } else if (held.is.waits() && held.is.ask_at < signing.now() + kBetweenRounds) {
            signing.parts()->chores.begin(ask_in_time(signing, id, held.is.ask_at));
        }
    }
}

}  // namespace clave
