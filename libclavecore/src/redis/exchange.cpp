#include "redis/exchange.h"

#include <algorithm>
#include <span>

#include "clave/secret.h"

namespace clave::redis {

Request Request::of(const Command& command) {
    Request request;
    request.text = encode(command);
    return request;
}

Request Request::transaction(const std::vector<Command>& commands) {
    Request request;
    request.text = encode({"MULTI"});
    for (const Command& command : commands) {
        request.text += encode(command);
    }
    request.text += encode({"EXEC"});
    request.replies = commands.size() + 2;
    return request;
}

Request Request::one_after_the_other(const std::vector<Command>& commands) {
    Request request;
    request.begins.clear();
    for (const Command& command : commands) {
        request.begins.push_back(request.text.size());
        request.text += encode(command);
    }
    request.replies = commands.size();
    request.answers = commands.size();
    return request;
}

Request Request::after_asking() const {
    Request request;
    for (std::size_t i = 0; i < begins.size(); ++i) {
        const std::size_t end = i + 1 < begins.size() ? begins[i + 1] : text.size();
        request.text += encode({"ASKING"}) + text.substr(begins[i], end - begins[i]);
    }
    request.replies = replies + begins.size();
    request.answers = answers;
    request.each_asks = answers > 1;
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
    place.deadline = deadline_;
}

void Exchange::rise() noexcept {
    place_ = nullptr;
}

void Exchange::take(Value value, std::size_t missing, Wakeups& wakeups) {
    const bool error = value.kind == Value::Kind::error;
    if (request_.answers > 1 && request_.is_answer(missing)) {
        answers_.push_back(std::move(value));
        if (missing == 0) {
            give(all_answers(), wakeups);
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

Value Exchange::all_answers() {
    const auto wrong = std::ranges::find(answers_, Value::Kind::error, &Value::kind);
    if (wrong != answers_.end()) {
        return std::move(*wrong);
    }
    Value all;
    all.kind = Value::Kind::array;
    all.elements = std::move(answers_);
    return all;
}

void Exchange::fail_with(const std::string& why, Wakeups& wakeups) noexcept try {
    leave();
    give(clave::fail(Code::store, why), wakeups);
} catch (const std::bad_alloc&) {
    give(clave::fail(Code::store), wakeups);
}

}  // namespace clave::redis
