#include "redis/exchange.h"

#include <span>

#include "clave/secret.h"

namespace clave::redis {

Request Request::of(Command command) {
    Request request;
    request.text = std::move(command).text();
    return request;
}

Request Request::transaction(const std::vector<Command>& commands) {
    Request request;
    request.text = Command{"MULTI"}.text();
    for (const Command& command : commands) {
        request.text += command.text();
    }
    request.text += Command{"EXEC"}.text();
    request.replies = commands.size() + 2;
    return request;
}

Request Request::to_last(Command command) {
    Request request = of(std::move(command));
    request.for_good = true;
    return request;
}

Request Request::after_asking() const {
    Request request = *this;
    request.text = Command{"ASKING"}.text() + text;
    request.replies = replies + 1;
    return request;
}

Exchange::Exchange(Request request, Loop::Monotonic deadline)
    : request_(std::move(request)), deadline_(deadline) {}

void Exchange::forget_text() noexcept {
    wipe(std::as_writable_bytes(std::span(request_.text)));
}

void Exchange::sit(Place& place) noexcept {
    leave();
    place_ = &place;
    place.asker = this;
    place.missing = request_.replies;
}

void Exchange::rise() noexcept {
    place_ = nullptr;
}

void Exchange::take(Value value, std::size_t missing, Wakeups& wakeups) {
    const bool error = value.kind == Value::Kind::error;
    if (request_.all_replies) {
        all_.kind = Value::Kind::array;
        all_.elements.push_back(std::move(value));
        if (missing == 0) {
            give(std::move(all_), wakeups);
        }
        return;
    }
    if (missing > 0) {
        if (error && !refusal_) {
            refusal_ = std::move(value);
        }
        return;
    }
    // EXECABORT says less than the error that made it abort.
    give(refusal_ && error ? std::move(*refusal_) : std::move(value), wakeups);
}

void Exchange::fail_with(const std::string& why, Wakeups& wakeups) noexcept try {
    leave();
    give(clave::fail(Code::store, why), wakeups);
} catch (const std::bad_alloc&) {
    give(clave::fail(Code::store), wakeups);
}

std::optional<Loop::Monotonic> dismiss_late(std::deque<Place>& places, const std::string& why,
                                            Loop::Monotonic now, Wakeups& wakeups) noexcept {
    std::optional<Loop::Monotonic> next;
    for (Place& place : places) {
        Exchange* const asker = place.asker;
        if (asker == nullptr) {
            continue;
        }
        if (asker->deadline() <= now) {
            place.asker = nullptr;
            asker->rise();
            asker->fail_with(why, wakeups);
        } else if (!next || asker->deadline() < *next) {
            next = asker->deadline();
        }
    }
    return next;
}

}  // namespace clave::redis
