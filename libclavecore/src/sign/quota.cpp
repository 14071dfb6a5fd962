#include "sign/quota.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/offload.h"
#include "login/person_sessions.h"
#include "sign/api.h"
#include "sign/under_way.h"

namespace clave {
namespace {

constexpr std::uint8_t kVersion = 1;
// As many as may claim at once for one person: the documents of an order, and some more.
constexpr int kTries = 40;
// From claiming to being made: after that, what the store does not know will never be.
constexpr Seconds kBeingMade{300};

struct Share {
    std::string id;
    Time since{};
    std::uint64_t bytes = 0;
};
using Shares = std::vector<Share>;

struct Held {
    Shares shares;
    std::string version;
};

// The same digest as a session's owner has (K-10): a dump of the store names nobody.
Digest quota_key(const Signing& signing, const std::string& nif) {
    Identity person;
    person.nif = nif;
    const SessionOwner owner = session_owner(signing.services(), signing.site(), person);
    return sha256("sign quota\n" + hex_encode(owner.person));
}

std::vector<std::byte> encode(const Shares& shares) {
    FieldWriter writer;
    writer.u8(kVersion);
    for (const Share& share : shares) {
        writer.text(share.id);
        writer.time(share.since);
        writer.i64(static_cast<std::int64_t>(share.bytes));
    }
    return writer.take();
}

std::optional<Shares> decode(std::span<const std::byte> record) {
    FieldReader reader(record);
    if (reader.u8() != kVersion) {
        return std::nullopt;
    }
    Shares shares;
    while (reader.good() && !reader.at_end()) {
        Share& share = shares.emplace_back();
        share.id = reader.text();
        share.since = reader.time();
        share.bytes = static_cast<std::uint64_t>(reader.i64());
    }
    return reader.good() ? std::optional(std::move(shares)) : std::nullopt;
}

Task<Result<Held>> read(const Signing& signing, Digest key) {
    auto reading = signing.services().store.read(key, signing.now());
    auto entry = co_await std::move(reading);
    if (!entry) {
        co_return tl::unexpected(std::move(entry.error()));
    }
    Held held;
    if (*entry) {
        auto shares = decode((*entry)->record);
        if (!shares) {
            co_return fail(Code::store, "a quota of another version of the module");
        }
        held = Held{std::move(*shares), std::move((*entry)->version)};
    }
    co_return held;
}

// False: somebody was faster.
Task<Result<bool>> write(const Signing& signing, Digest key, Held held) {
    const Time now = signing.now();
    const std::vector<std::byte> record = encode(held.shares);
    auto swapping =
        signing.services().store.swap(key, held.version, record, now + kForgottenAfter, now);
    const auto swapped = co_await std::move(swapping);
    if (!swapped) {
        co_return tl::unexpected(swapped.error());
    }
    co_return swapped->has_value();
}

bool fits(const SigningSite& settings, const Shares& shares) noexcept {
    std::uint64_t bytes = 0;
    for (const Share& share : shares) {
        bytes += share.bytes;
    }
    const bool few = settings.most_open == 0 || shares.size() <= settings.most_open;
    const bool small = settings.most_open_bytes == 0 || bytes <= settings.most_open_bytes;
    return guard("sign quota count", few) && guard("sign quota bytes", small);
}

// Its person can do nothing more for what FIRe completes later.
bool still_counts(const Transaction& transaction) noexcept {
    return transaction.state < SignState::finished && !transaction.late;
}

struct Over {
    std::string id;
    bool of_application;
};

Task<void> erase(const Signing& signing, std::vector<Over> all) {
    auto erasing =
        offload(signing.services().pool,
                [archive = signing.archive(), under_way = UnderWay(signing.settings().archive),
                 all = std::move(all)] {
                    for (const Over& over : all) {
                        archive.erase_unsigned(over.id, over.of_application);
                        under_way.remove(over.id);
                    }
                });
    static_cast<void>(co_await erasing);
}

struct Found {
    std::vector<Transaction> open;
    std::vector<Over> over;
};

// Leaves those that are not over: only now is it worth while to look for them.
Task<Result<Found>> look_through(const Signing& signing, Shares& shares, std::string own) {
    Found all;
    Shares counting;
    for (Share& share : shares) {
        if (share.id == own) {
            counting.push_back(std::move(share));
            continue;
        }
        auto finding = signing.find(share.id);
        auto found = co_await std::move(finding);
        if (!found) {
            co_return tl::unexpected(std::move(found.error()));
        }
        if (*found && still_counts((*found)->is)) {
            all.open.push_back(std::move((*found)->is));
            counting.push_back(std::move(share));
        } else if (*found && is_end((*found)->is.state)) {
            all.over.push_back({std::move(share.id), (*found)->is.is_of_application()});
        } else if (!*found && share.since + kBeingMade > signing.now()) {
            counting.push_back(std::move(share));
        }
    }
    shares = std::move(counting);
    co_return all;
}

Share& share_of(Shares& shares, const std::string& id, Time now) {
    const auto at = std::find_if(shares.begin(), shares.end(),
                                 [&](const Share& share) { return share.id == id; });
    return at != shares.end() ? *at : shares.emplace_back(Share{id, now, 0});
}

tl::unexpected<QuotaRefusal> refuse(Error error, std::vector<Transaction> open = {}) {
    return tl::unexpected(QuotaRefusal{std::move(error), std::move(open)});
}

Task<Result<void>> look_for_room(const Signing& signing, std::uint64_t more) {
    auto looking = offload(signing.services().pool, [archive = signing.archive(), more] {
        return archive.has_room_for(more);
    });
    const Result<void> room = co_await looking;
    co_return room;
}

}  // namespace

Task<tl::expected<void, QuotaRefusal>> claim_room(const Signing& signing, std::string nif,
                                                  std::string id, std::uint64_t more) {
    auto looking = look_for_room(signing, more);
    const Result<void> room = co_await std::move(looking);
    if (!room) {
        co_return refuse(room.error());
    }
    if (signing.settings().most_open == 0 && signing.settings().most_open_bytes == 0) {
        co_return tl::expected<void, QuotaRefusal>();
    }
    const Digest key = quota_key(signing, nif);
    for (int i = 0; i < kTries; ++i) {
        auto reading = read(signing, key);
        auto held = co_await std::move(reading);
        if (!held) {
            co_return refuse(std::move(held.error()));
        }
        share_of(held->shares, id, signing.now()).bytes += more;
        std::vector<Over> over;
        if (!fits(signing.settings(), held->shares)) {
            auto sorting = look_through(signing, held->shares, id);
            auto found = co_await std::move(sorting);
            if (!found) {
                co_return refuse(std::move(found.error()));
            }
            if (!fits(signing.settings(), held->shares)) {
                Error error{Code::sign_quota, std::to_string(found->open.size()) +
                                                  " signatures of one person are under way"};
                co_return refuse(std::move(error), std::move(found->open));
            }
            over = std::move(found->over);
        }
        auto writing = write(signing, key, std::move(*held));
        const auto written = co_await std::move(writing);
        if (!written) {
            co_return refuse(written.error());
        }
        if (*written) {
            auto erasing = erase(signing, std::move(over));
            co_await std::move(erasing);
            co_return tl::expected<void, QuotaRefusal>();
        }
    }
    co_return refuse(Error{Code::store, "too many changes of one person's quota at once"});
}

Task<void> give_back_room(const Signing& signing, std::string nif, std::string id,
                          std::uint64_t bytes) {
    const Digest key = quota_key(signing, nif);
    for (int i = 0; i < kTries; ++i) {
        auto reading = read(signing, key);
        auto held = co_await std::move(reading);
        const auto at = held ? std::find_if(held->shares.begin(), held->shares.end(),
                                            [&](const Share& share) { return share.id == id; })
                             : Shares::iterator();
        if (!held || at == held->shares.end()) {
            co_return;
        }
        at->bytes -= std::min(at->bytes, bytes);
        auto writing = write(signing, key, std::move(*held));
        const auto written = co_await std::move(writing);
        if (!written || *written) {
            co_return;  // what nobody gives back counts until the signature is over
        }
    }
}

}  // namespace clave
