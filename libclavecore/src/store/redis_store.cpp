#include "store/redis_store.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "base/fields.h"
#include "base/guard.h"
#include "clave/session.h"
#include "store/redis_reply.h"

namespace clave {

using redis::Command;
using redis::Value;

namespace {

// How long what we cannot read waits for somebody who can.
constexpr Seconds kPutBack{60};

std::string text_of(Time time) {
    return std::to_string(time.time_since_epoch().count());
}

std::optional<Time> time_in(std::string_view text) noexcept {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && seconds >= 0 ? std::optional(Time{Seconds{seconds}}) : std::nullopt;
}

// Behind the seal, in front of the record: Redis ends a key by its own clock, if it still knows
// that it should.
std::vector<std::byte> dated(std::span<const std::byte> record, SessionTimes times, Time now) {
    FieldWriter writer;
    writer.time(times.expires);
    writer.i64((times.expires - now).count());
    writer.i64(times.idle.count());
    writer.raw(record);
    return writer.take();
}

}  // namespace

RedisStore::RedisStore(Loop& loop, redis::Commands& commands, RecordNames names,
                       const KeyRing& master, SessionCache* cache, Random& random, Logger& logger,
                       SessionWitness* witness)
    : commands_(commands),
      names_(std::move(names)),
      seal_(master),
      cache_(cache),
      random_(random),
      logger_(logger),
      witness_(witness),
      joint_(loop, logger) {}

Time RedisStore::Session::touch_due() const noexcept {
    // Idle times under four minutes would be cut short by a touch a minute.
    const Seconds interval =
        idle == Seconds{0} ? Seconds{60} : std::clamp(idle / 4, Seconds{1}, Seconds{60});
    return seen + interval;
}

TimeLeft RedisStore::Session::left(Time now) const noexcept {
    const Seconds absolute = expires - now;
    const Seconds unused = seen < now ? now - seen : Seconds{0};
    return {idle == Seconds{0} ? absolute : std::min(idle - unused, absolute), absolute};
}

RedisStore::Asking RedisStore::ask(const std::string& name, Command command) {
    return commands_.run(name, std::move(command));
}

// One line a second, or one wrong key file would fill the disk.
void RedisStore::complain(const std::string& name, std::string_view why, Time now) {
    if (now == complained_) {
        return;
    }
    complained_ = now;
    const auto key = names_.session_key(name);
    logger_.log(Severity::error, "E-SESS-BAD " +
                                     (key ? "session=" + session_hash(*key) + " " : std::string()) +
                                     std::string(why));
}

// nullopt: nothing is there, or nothing that is ours.
Result<std::optional<std::vector<std::byte>>> RedisStore::opened(const std::string& name,
                                                                 const Value& value, Time now) {
    if (value.error_code() == "WRONGTYPE" || value.error_code() == "TOOLONG") {
        complain(name, "what Redis keeps under its name is no record", now);
        return std::nullopt;
    }
    if (value.kind == Value::Kind::error) {
        return fail(Code::store, "redis refused: " + std::string(value.error_code()));
    }
    if (value.kind != Value::Kind::text) {
        return std::nullopt;
    }
    RecordSeal::Opened opened = seal_.open(name, value.text);
    switch (opened.finding) {
        case RecordSeal::Finding::good:
            return std::move(opened.plain);
        case RecordSeal::Finding::newer:
            // A rolling upgrade: the session is good, only not for us.
            return fail(Code::store, "a record of a newer version of the module");
        case RecordSeal::Finding::unknown_key:
            complain(name, "sealed with a clave_session_key that is not configured here", now);
            break;
        case RecordSeal::Finding::corrupt:
            complain(name, "the record was changed, or never ours", now);
            break;
    }
    return std::nullopt;
}

// ---- reading

Lookup RedisStore::find(const Digest& key, Time now, RecordBytes& out, Touch) noexcept try {
    return cache_ != nullptr && cache_->find(key, now, out) ? Lookup::hit : Lookup::unread;
} catch (const std::bad_alloc&) {
    return Lookup::error;
}

Task<Result<std::optional<RedisStore::Session>>> RedisStore::read_session(const Digest& key,
                                                                          Time now) {
    const std::string name = names_.of(RecordKind::session, key);
    const std::string use = names_.of(RecordKind::last_use, key);
    // In one command: while their slot moves to another node, they are found together, or not yet.
    auto asking = ask(name, {"MGET", name, use});
    const auto both = answered(co_await std::move(asking));
    if (!both) {
        co_return error_of(both);
    }
    if (both->elements.size() != 2) {
        co_return fail(Code::store, "MGET gives less than was asked for");
    }
    const Value& last_use = both->elements[1];
    const auto plain = opened(name, both->elements[0], now);
    if (!plain) {
        co_return error_of(plain);
    }
    if (both->elements[0].kind == Value::Kind::nil && last_use.kind != Value::Kind::nil) {
        complain(name, "there is no record any more, or another thing under its name", now);
    }
    if (*plain && last_use.kind == Value::Kind::error) {
        complain(name, "what Redis keeps as its last use is none", now);
    }
    if (!*plain) {
        co_return std::optional<Session>();
    }
    FieldReader reader(**plain);
    Session session;
    session.expires = reader.time();
    const Seconds lifetime{reader.i64()};
    session.idle = Seconds{reader.i64()};
    const auto record = reader.rest();
    session.record.assign(record.begin(), record.end());
    session.heard = !both->unheard;
    // Of a clock that was set back, or is behind that of another machine (S-58).
    session.expires = std::min(session.expires, now + lifetime);
    const auto seen = time_in(last_use.text);
    const bool in_time = guard("redis session expiry", session.expires > now);
    const bool in_use = seen && (session.idle == Seconds{0} || *seen > now ||
                                 guard("redis session idle", now - *seen < session.idle));
    if (last_use.kind == Value::Kind::nil) {
        auto ending = end_unused(key, session);
        co_await std::move(ending);
    }
    if (!reader.complete() || !in_time || !in_use) {
        co_return std::optional<Session>();
    }
    session.seen = *seen;
    co_return std::optional<Session>(std::move(session));
}

// XX: whoever ended the session has deleted this key, too, and it does not come back.
Task<Result<bool>> RedisStore::touch_now(const Digest& key, const Session& session, Time now) {
    const std::string use = names_.of(RecordKind::last_use, key);
    const Seconds rest = session.expires - now;
    Command command{"SET",
                    use,
                    text_of(now),
                    "XX",
                    "EX",
                    seconds_text(session.idle == Seconds{0} ? rest : std::min(session.idle, rest))};
    auto asking = ask(use, std::move(command));
    const auto reply = answered(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    co_return reply->kind == Value::Kind::text;
}

Task<Result<Lookup>> RedisStore::load(const Digest& key, Time now, RecordBytes& out, Touch touch) {
    auto read = joint_.find(key, touch);
    if (!read) {
        read = joint_.begin(
            key, touch, [&](JointReads::Read& one) { return load_for_all(key, now, touch, one); });
    }
    Chore::Wait wait(read);
    co_await wait;
    if (!read->found) {
        co_return fail(Code::store, "the question was taken back");
    }
    const Result<Lookup>& found = *read->found;
    if (found && *found == Lookup::hit) {
        out.assign(read->record);
    }
    co_return found;
}

Task<void> RedisStore::load_for_all(Digest key, Time now, Touch touch, JointReads::Read& read) {
    auto loading = load_alone(key, now, read.record, touch);
    read.found = co_await std::move(loading);
}

Task<Result<Lookup>> RedisStore::load_alone(const Digest& key, Time now,
                                            std::vector<std::byte>& record, Touch touch) {
    auto question = cache_ != nullptr ? cache_->ask(key) : SessionCache::Question{};
    auto reading = read_session(key, now);
    auto found = co_await std::move(reading);
    if (!found) {
        co_return error_of(found);
    }
    if (!*found) {
        co_return Lookup::miss;
    }
    Session& session = **found;
    if (touch == Touch::if_due && session.touch_due() <= now) {
        auto touching = touch_now(key, session, now);
        const auto touched = co_await std::move(touching);
        // One that could not be touched is still good, for as long as it is.
        if (touched && !*touched) {
            co_return Lookup::miss;
        }
        session.seen = touched ? now : session.seen;
    }
    if (cache_ != nullptr) {  // until it has to be touched again
        question.heard = session.heard;
        cache_->keep(key, session.record, std::min(session.expires, session.touch_due()), now,
                     question);
    }
    record = std::move(session.record);
    co_return Lookup::hit;
}

Task<Result<std::optional<TimeLeft>>> RedisStore::time_left(const Digest& key, Time now) {
    auto reading = read_session(key, now);
    const auto found = co_await std::move(reading);
    if (!found) {
        co_return error_of(found);
    }
    co_return *found ? std::optional((*found)->left(now)) : std::nullopt;
}

Task<Result<std::optional<TimeLeft>>> RedisStore::touch(const Digest& key, Time now) {
    auto reading = read_session(key, now);
    auto found = co_await std::move(reading);
    if (!found) {
        co_return error_of(found);
    }
    if (!*found) {
        co_return std::optional<TimeLeft>();
    }
    auto touching = touch_now(key, **found, now);
    const auto touched = co_await std::move(touching);
    if (!touched) {
        co_return error_of(touched);
    }
    (*found)->seen = now;
    co_return *touched ? std::optional((*found)->left(now)) : std::nullopt;
}

// ---- beginning and ending

Task<Result<void>> RedisStore::write(const Digest& key, std::span<const std::byte> record,
                                     SessionTimes times, Time now) {
    const std::string name = names_.of(RecordKind::session, key);
    const std::string use = names_.of(RecordKind::last_use, key);
    auto sealed = seal_.seal(name, dated(record, times, now), random_);
    if (!sealed) {
        co_return fail(Code::random);
    }
    const Seconds lifetime = times.expires - now;
    std::vector<Command> commands;
    commands.push_back({"SET", name, *sealed, "EX", seconds_text(lifetime)});
    commands.push_back(
        {"SET", use, text_of(now), "EX",
         seconds_text(times.idle == Seconds{0} ? lifetime : std::min(times.idle, lifetime))});
    auto asking = commands_.transact(name, std::move(commands));
    const auto done = answered_all(co_await std::move(asking));
    if (!done) {
        co_return error_of(done);
    }
    co_return Result<void>{};
}

// Of several machines that find it at once, the one tells whose command takes the record away.
Task<void> RedisStore::end_unused(Digest key, const Session& session) {
    std::vector<Digest> only{key};
    auto ending = end_each(std::move(only));
    const auto ended = co_await std::move(ending);
    if (witness_ != nullptr && ended.front() && *ended.front() == 1) {
        const EndReason why = session.idle == Seconds{0} ? EndReason::absolute : EndReason::idle;
        witness_->session_ended({key, why, std::nullopt, session.record});
    }
}

Task<std::vector<Result<std::int64_t>>> RedisStore::end_each(std::vector<Digest> keys) {
    std::vector<Asking> asking;
    for (const Digest& key : keys) {
        if (cache_ != nullptr) {
            cache_->forget(key);
        }
        const std::string name = names_.of(RecordKind::session, key);
        asking.push_back(
            commands_.run_for_good(name, {"DEL", name, names_.of(RecordKind::last_use, key)}));
        asking.back().start();
    }
    std::vector<Result<std::int64_t>> ended;
    for (Asking& one : asking) {
        const auto reply = answered(co_await std::move(one));
        if (!reply) {
            ended.emplace_back(error_of(reply));
        } else {
            ended.emplace_back(reply->number);
        }
    }
    // Nor what somebody has read before it was gone.
    for (const Digest& key : keys) {
        if (cache_ != nullptr) {
            cache_->forget(key);
        }
    }
    co_return ended;
}

Task<Result<std::size_t>> RedisStore::end(std::vector<Digest> keys) {
    auto ending = end_each(std::move(keys));
    const auto each = co_await std::move(ending);
    std::size_t ended = 0;
    for (const auto& one : each) {
        if (!one) {
            co_return error_of(one);
        }
        ended += *one == 2 ? 1 : 0;
    }
    co_return ended;
}

Task<Result<void>> RedisStore::erase(const Digest& key) {
    auto ending = end({key});
    const auto ended = co_await std::move(ending);
    if (!ended) {
        co_return error_of(ended);
    }
    co_return Result<void>{};
}

Task<Result<void>> RedisStore::put(const Digest& key, std::span<const std::byte> record,
                                   SessionTimes times, Time now, const Digest* replaces,
                                   const SessionOwner* owner) {
    if (times.expires <= now) {
        co_return fail(Code::store, "the record would be over before it is stored");
    }
    auto placing = place(key, record, times, now, replaces, owner);
    auto placed = co_await std::move(placing);
    if (!placed) {  // nobody has its token, nor will
        auto ending = end({key});
        static_cast<void>(co_await std::move(ending));
    }
    co_return placed;
}

Task<Result<void>> RedisStore::place(const Digest& key, std::span<const std::byte> record,
                                     SessionTimes times, Time now, const Digest* replaces,
                                     const SessionOwner* owner) {
    auto writing = write(key, record, times, now);
    const auto written = co_await std::move(writing);
    if (!written) {
        co_return error_of(written);
    }
    std::vector<Digest> all;
    if (owner != nullptr) {
        auto entering = enter(key, *owner, times.expires - now);
        auto entered = co_await std::move(entering);
        if (!entered) {
            co_return error_of(entered);
        }
        all = std::move(*entered);
    }
    if (replaces != nullptr) {
        auto ending = end({*replaces});
        const auto ended = co_await std::move(ending);
        if (!ended) {
            co_return error_of(ended);
        }
    }
    if (owner != nullptr) {
        auto bounding = bound(key, std::move(all), replaces, *owner, now);
        co_return co_await std::move(bounding);
    }
    co_return Result<void>{};
}

// ---- once

Task<Result<void>> RedisStore::keep(const Digest& key, std::span<const std::byte> outcome,
                                    Time until, Time now) {
    const std::string name = names_.of(RecordKind::outcome, key);
    if (until <= now) {
        co_return fail(Code::store, "the record would be over before it is stored");
    }
    auto sealed = seal_.seal(name, dated(outcome, {until, Seconds{0}}, now), random_);
    if (!sealed) {
        co_return fail(Code::random);
    }
    auto asking = ask(name, {"SET", name, std::move(*sealed), "EX", seconds_text(until - now)});
    const auto reply = answered(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    co_return Result<void>{};
}

Result<std::optional<std::vector<std::byte>>> RedisStore::in_date(const std::string& name,
                                                                  const Value& value, Time now) {
    auto plain = opened(name, value, now);
    if (!plain || !*plain) {
        return plain;
    }
    FieldReader reader(**plain);
    const Time until = reader.time();
    reader.i64();
    reader.i64();
    const auto content = reader.rest();
    std::optional<std::vector<std::byte>> found;
    if (reader.complete() && guard("redis outcome expiry", until > now)) {
        found.emplace(content.begin(), content.end());
    }
    return found;
}

Task<Result<std::optional<std::vector<std::byte>>>> RedisStore::take(const Digest& key, Time now) {
    const std::string name = names_.of(RecordKind::outcome, key);
    auto asking = ask(name, {"GETDEL", name});
    const auto value = co_await std::move(asking);
    if (!value) {
        co_return error_of(value);
    }
    auto record = in_date(name, *value, now);
    if (!record && is_newer(name, *value)) {
        // It is not used up: a machine that has been upgraded can read it.
        auto putting = ask(name, {"SET", name, value->text, "NX", "EX", seconds_text(kPutBack)});
        static_cast<void>(co_await std::move(putting));
    }
    co_return record;
}

bool RedisStore::is_newer(const std::string& name, const Value& value) const {
    return value.kind == Value::Kind::text &&
           seal_.open(name, value.text).finding == RecordSeal::Finding::newer;
}

Task<Result<bool>> RedisStore::mark(const Digest& key, Time until, Time now) {
    if (until <= now) {  // it would protect nothing
        co_return fail(Code::store, "the replay mark would be over before it is made");
    }
    const std::string name = names_.of(RecordKind::mark, key);
    auto asking = ask(name, {"SET", name, "1", "NX", "EX", seconds_text(until - now)});
    const auto reply = answered(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    co_return reply->kind == Value::Kind::text;
}

// ---- compare and set

Task<Result<std::optional<Entry>>> RedisStore::read(const Digest& key, Time now) {
    const std::string name = names_.of(RecordKind::entry, key);
    auto asking = ask(name, {"GET", name});
    const auto value = co_await std::move(asking);
    if (!value) {
        co_return error_of(value);
    }
    auto record = in_date(name, *value, now);
    if (!record) {
        co_return error_of(record);
    }
    if (!*record) {
        co_return std::optional<Entry>();
    }
    Entry entry{std::move(**record), value->text};
    co_return std::optional<Entry>(std::move(entry));
}

Task<Result<std::optional<std::string>>> RedisStore::swap(const Digest& key, std::string version,
                                                          std::span<const std::byte> record,
                                                          Time until, Time now) {
    // The version is the value itself: sealed with a nonce of its own, so no two are the same.
    static constexpr char kScript[] =
        "local is = redis.call('GET', KEYS[1]) "
        "if (is or '') ~= ARGV[1] then return 0 end "
        "redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1";
    const std::string name = names_.of(RecordKind::entry, key);
    if (until <= now) {
        co_return fail(Code::store, "the record would be over before it is stored");
    }
    auto sealed = seal_.seal(name, dated(record, {until, Seconds{0}}, now), random_);
    if (!sealed) {
        co_return fail(Code::random);
    }
    auto asking = commands_.run_for_good(
        name, {"EVAL", kScript, "1", name, version, *sealed, seconds_text(until - now)});
    const auto reply = answered(co_await std::move(asking));
    if (!reply) {
        co_return error_of(reply);
    }
    co_return reply->number == 1 ? std::optional(std::move(*sealed)) : std::nullopt;
}

Task<Result<std::uint64_t>> RedisStore::epoch(const Digest& key) {
    return commands_.epoch(names_.of(RecordKind::outcome, key));
}

}  // namespace clave
