// The sessions of one person (K-10): a list of their keys, the oldest first.
#include <algorithm>
#include <iterator>
#include <utility>

#include "clave/encoding.h"
#include "store/redis_reply.h"
#include "store/redis_store.h"

namespace clave {

using redis::Command;
using redis::Value;

// All of them, the new one included.
Task<Result<std::vector<Digest>>> RedisStore::enter(const Digest& key, const SessionOwner& owner,
                                                    Seconds lifetime) {
    const std::string index = names_.of(RecordKind::person, owner.person);
    std::vector<Command> commands;
    commands.push_back({"TTL", index});
    commands.push_back({"RPUSH", index, hex_encode(key)});
    auto entering = commands_.transact(index, std::move(commands));
    const auto entered = answered_all(co_await std::move(entering));
    if (!entered) {
        co_return error_of(entered);
    }
    // It lasts as long as the longest of them; of a new one there is no end yet.
    const std::int64_t lasts = entered->elements.empty() ? -1 : entered->elements.front().number;
    if (lasts < lifetime.count()) {
        auto asking = ask(index, {"EXPIRE", index, seconds_text(lifetime)});
        const auto asked = answered(co_await std::move(asking));
        if (!asked) {
            co_return error_of(asked);
        }
    }
    auto reading = index_of(owner.person);
    co_return co_await std::move(reading);
}

// Who logs in twice at once is counted by both: each has entered his own before he counts, so both
// find the same ones to be over.
Task<Result<void>> RedisStore::bound(const Digest& key, std::vector<Digest> all,
                                     const Digest* replaced, const SessionOwner& owner, Time now) {
    std::vector<Digest> gone;
    const auto is_replaced = [&](const Digest& one) {
        return one != key && replaced != nullptr && one == *replaced;
    };
    std::copy_if(all.begin(), all.end(), std::back_inserter(gone), is_replaced);
    std::erase_if(all, is_replaced);
    const std::size_t limit = std::max<std::size_t>(owner.limit, 1);
    if (all.size() > limit) {
        auto looking = alive(all);
        auto living = co_await std::move(looking);
        if (!living) {
            co_return error_of(living);
        }
        std::copy_if(all.begin(), all.end(), std::back_inserter(gone), [&](const Digest& one) {
            return std::find(living->begin(), living->end(), one) == living->end();
        });
        const std::size_t over = living->size() - std::min(limit, living->size());
        std::vector<Digest> oldest(living->begin(),
                                   living->begin() + static_cast<std::ptrdiff_t>(over));
        gone.insert(gone.end(), oldest.begin(), oldest.end());
        auto ending = end_surplus(std::move(oldest), now);
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return error_of(ended);
        }
    }
    auto striking = strike_out(owner.person, std::move(gone));
    co_return co_await std::move(striking);
}

// Who tells of one is who has ended it, as several machines may find it to be over the limit.
Task<Result<void>> RedisStore::end_surplus(std::vector<Digest> keys, Time now) {
    std::vector<std::vector<std::byte>> records(keys.size());
    for (std::size_t i = 0; witness_ != nullptr && i < keys.size(); ++i) {
        auto reading = read_session(keys[i], now);
        auto found = co_await std::move(reading);
        if (found && *found) {
            records[i] = std::move((*found)->record);
        }
    }
    auto ending = end_each(keys);
    const auto each = co_await std::move(ending);
    Result<void> all;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (!each[i]) {
            all = error_of(each[i]);
        } else if (witness_ != nullptr && *each[i] == 2) {
            witness_->session_ended({keys[i], EndReason::limit, std::nullopt, records[i]});
        }
    }
    co_return all;
}

Task<Result<std::vector<Digest>>> RedisStore::index_of(const Digest& person) {
    const std::string index = names_.of(RecordKind::person, person);
    auto asking = ask(index, {"LRANGE", index, "0", "-1"});
    const auto reply = answered(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    std::vector<Digest> keys;
    for (const Value& one : reply->elements) {
        Digest key{};
        if (hex_decode_to(key, one.text)) {
            keys.push_back(key);
        }
    }
    co_return keys;
}

// Those of them that are there, in their order.
Task<Result<std::vector<Digest>>> RedisStore::alive(std::vector<Digest> keys) {
    std::vector<Asking> asking;
    for (const Digest& key : keys) {
        const std::string name = names_.of(RecordKind::session, key);
        asking.push_back(ask(name, {"EXISTS", name, names_.of(RecordKind::last_use, key)}));
        asking.back().start();
    }
    std::vector<Digest> living;
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto reply = answered(co_await std::move(asking[i]));
        if (!reply) {
            co_return error_of(reply);
        }
        if (reply->number == 2) {
            living.push_back(keys[i]);
        }
    }
    co_return living;
}

Task<Result<void>> RedisStore::strike_out(const Digest& person, std::vector<Digest> keys) {
    if (keys.empty()) {
        co_return Result<void>{};
    }
    const std::string index = names_.of(RecordKind::person, person);
    std::vector<Command> commands;
    commands.reserve(keys.size());
    for (const Digest& key : keys) {
        commands.push_back({"LREM", index, "0", hex_encode(key)});
    }
    auto asking = commands_.transact(index, std::move(commands));
    const auto reply = answered_all(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    co_return Result<void>{};
}

Task<Result<std::vector<Digest>>> RedisStore::sessions_of(const Digest& person, Time) {
    auto reading = index_of(person);
    const auto named = co_await std::move(reading);
    if (!named) {
        co_return error_of(named);
    }
    auto looking = alive(*named);
    auto living = co_await std::move(looking);
    if (!living) {
        co_return error_of(living);
    }
    std::vector<Digest> gone;
    std::copy_if(named->begin(), named->end(), std::back_inserter(gone), [&](const Digest& one) {
        return std::find(living->begin(), living->end(), one) == living->end();
    });
    auto striking = strike_out(person, std::move(gone));
    static_cast<void>(co_await std::move(striking));  // next time, then
    co_return std::move(*living);
}

Task<Result<std::size_t>> RedisStore::end_all(const Digest& person, Time) {
    auto reading = index_of(person);
    const auto named = co_await std::move(reading);
    if (!named) {
        co_return error_of(named);
    }
    auto ending = end(*named);
    const auto ended = co_await std::move(ending);
    if (!ended) {
        co_return error_of(ended);
    }
    auto striking = strike_out(person, *named);
    static_cast<void>(co_await std::move(striking));
    co_return *ended;
}

// Names of all kinds come by, and those of whoever else uses the server.
Task<Result<SessionPage>> RedisStore::list(std::string cursor, Time) {
    std::string pattern;
    for (const char c : names_.sessions()) {
        pattern += std::string_view("*?[]\\").find(c) != std::string_view::npos ? "\\" : "";
        pattern += c;
    }
    pattern += '*';
    auto scanning = commands_.scan(std::move(cursor), std::move(pattern));
    auto names = co_await std::move(scanning);
    if (!names) {
        co_return error_of(names);
    }
    SessionPage page;
    page.next = std::move(names->next);
    for (const std::string& name : names->keys) {
        if (const auto key = names_.session_key(name)) {
            page.keys.push_back(*key);
        }
    }
    co_return page;
}

}  // namespace clave
