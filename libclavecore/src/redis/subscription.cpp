#include "redis/subscription.h"

#include <algorithm>
#include <new>

#include "base/guard.h"
#include "redis/refusal.h"

namespace clave::redis {

Subscription::Subscription(Wire& wire, Whom whom, std::string channel,
                           std::vector<std::string> prefixes, Handler& handler)
    : wire_(wire),
      whom_(std::move(whom)),
      channel_(std::move(channel)),
      prefixes_(std::move(prefixes)),
      handler_(handler),
      connection_(wire, nullptr),
      pulse_(wire.host.loop.timer(*this)),
      keeper_(keep()) {
    if (!pulse_) {
        throw std::bad_alloc();
    }
}

Task<void> Subscription::keep() {
    Backoff backoff;
    Sleep pause(wire_.host.loop, wire_.wakeups);
    for (;;) {
        Task<Result<void>> making = make();
        const Result<void> made = co_await std::move(making);
        if (made) {
            Awaited<std::string>& lost = connection_.lost();
            const std::string why = co_await lost;
            pulse_->cancel();
            if (subscribed_) {
                subscribed_ = false;
                backoff.reset();
                handler_.on_lost();
            }
        } else {
            connection_.close(made.error().detail);
            wire_.warn(Severity::warn, "subscription " + whom_.shown,
                       "redis " + whom_.shown + " is not heard: " + made.error().detail);
        }
        pause.begin(backoff.next(wire_));
        co_await pause;
    }
}

Task<Result<void>> Subscription::make() {
    Task<Result<void>> reaching = reach(wire_, connection_, whom_);
    Result<void> done = co_await std::move(reaching);
    try {
        if (done && !prefixes_.empty()) {
            Task<Result<void>> tracking = track();
            done = co_await std::move(tracking);
        }
    } catch (const std::bad_alloc&) {
        done = fail(Code::store, "out of memory");
    }
    if (done) {
        connection_.listen_to(*this);
        connection_.send_unanswered(Command{"SUBSCRIBE", channel_}.text());
        sound_ = wire_.now();
        asked_.reset();
        wait_for_pulse();
    }
    co_return done;
}

Task<Result<void>> Subscription::track() {
    Command who{"CLIENT", "ID"};
    Task<Result<Value>> asking = ask(wire_, connection_, std::move(who));
    const Result<Value> id = co_await std::move(asking);
    if (!id) {
        co_return fail(Code::store, id.error().detail);
    }
    const std::string here = std::to_string(id->number);
    std::vector<std::string_view> words{"CLIENT", "TRACKING", "ON", "REDIRECT", here, "BCAST"};
    for (const std::string& prefix : prefixes_) {
        words.insert(words.end(), {"PREFIX", prefix});
    }
    Task<Result<Value>> tracking = ask(wire_, connection_, Command(words));
    const Result<Value> reply = co_await std::move(tracking);
    if (!reply) {
        co_return fail(Code::store, reply.error().detail);
    }
    if (reply->kind == Value::Kind::error) {
        const std::string word = refusal_word(*reply);
        wire_.warn(Severity::error, "tracking",
                   "E-REDIS-AUTH " + whom_.shown + " does not tell of changes (" + word +
                       "): it takes Redis 6 and a user with +client");
        co_return fail(Code::store, word);
    }
    co_return Result<void>();
}

// Not an answer: an error, or what an attacker between us and the server would like to say.
bool Subscription::take(const Value& value) {
    if (value.kind == Value::Kind::error) {
        wire_.warn(Severity::error, "subscribe",
                   "E-REDIS-AUTH " + whom_.shown + " does not let us subscribe (" +
                       refusal_word(value) + "): it takes a user with +subscribe and &" + channel_);
        return false;
    }
    if (value.kind != Value::Kind::array || value.elements.size() < 2) {
        return false;
    }
    const std::vector<Value>& words = value.elements;
    if (words.front().text == "pong") {
        sound_ = asked_.value_or(sound_);
        asked_.reset();
        return true;
    }
    if (words.size() != 3 || words[1].text != channel_) {
        return false;
    }
    if (words.front().text == "subscribe" && !subscribed_) {
        subscribed_ = true;
        handler_.on_subscribed();
        return true;
    }
    if (words.front().text == "message" && subscribed_) {
        handler_.on_message(words[2]);
        return true;
    }
    return false;
}

bool Subscription::on_push(const Value& value) noexcept try {
    return take(value);
} catch (const std::bad_alloc&) {
    return false;  // closed, and begun again
}

// An answer proves that all was heard which was said before the question was: that counts, and not
// when the answer came. Whatever is missed from now on is missed for `silence` at most.
void Subscription::on_timer() noexcept try {
    const Loop::Monotonic now = wire_.now();
    const bool silent = now - sound_ >= wire_.settings.silence;
    if (!guard("redis silence", !silent)) {
        return connection_.close("silent for too long");
    }
    if (!asked_) {
        asked_ = now;
        connection_.send_unanswered(Command{"PING"}.text());
    }
    wait_for_pulse();
} catch (const std::bad_alloc&) {
    connection_.close("out of memory");
}

void Subscription::wait_for_pulse() noexcept {
    const auto end = sound_ + wire_.settings.silence;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - wire_.now());
    const std::chrono::milliseconds pulse = wire_.settings.silence / 4;
    pulse_->arm(std::clamp(left, std::chrono::milliseconds(1), pulse));
}

}  // namespace clave::redis
