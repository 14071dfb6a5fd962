#include "redis/copier.h"

#include <algorithm>
#include <new>
#include <utility>

namespace clave::redis {

using std::chrono::milliseconds;

Copier::Copier(Wire& wire, const Whom& whom)
    : wire_(wire),
      whom_(whom),
      connection_(wire, nullptr),
      timer_(wire.host.loop.timer(*this)),
      keeper_(keep()),
      carrier_(carry()) {
    if (!timer_) {
        throw std::bad_alloc();
    }
}

Copier::~Copier() {
    fail_queue("closed here");
    fail_carried("closed here");
}

void Copier::submit(Exchange& exchange) {
    queue_.push_back(exchange);
    watch(exchange.deadline());
    if (!std::exchange(started_, true)) {
        keeper_.start();
    } else {
        carry_on();
    }
}

Task<void> Copier::keep() {
    Backoff backoff;
    Sleep pause(wire_.host.loop, wire_.wakeups);
    for (;;) {
        Task<Result<void>> making = reach(wire_, connection_, whom_);
        Result<void> made = co_await std::move(making);
        if (made) {
            backoff.reset();
            greeted_ = true;
            carry_on();
            Awaited<std::string>& lost = connection_.lost();
            why_not_ = co_await lost;
            greeted_ = false;
        } else {
            why_not_ = made.error().detail;
            connection_.close(why_not_);
            fail_queue(why_not_);
        }
        pause.begin(backoff.next(wire_));
        co_await pause;
    }
}

// One round after the other, as long as there is somebody.
void Copier::carry_on() {
    if (is_ready() && !queue_.empty() && carried_.empty()) {
        carrier_ = carry();
        carrier_.start();
    }
}

Task<void> Copier::carry() {
    while (is_ready() && !queue_.empty()) {
        try {
            Exchange round(gather(), wire_.now() + wire_.settings.timeout);
            connection_.send(round);
            const Result<Value> replies = co_await round;
            hand_back(replies);
        } catch (const std::bad_alloc&) {
            fail_carried("out of memory");
            break;  // whoever is left is told when his time is over
        }
    }
}

// WAIT ends early enough to be heard of by whoever has most time left; one who came while the round
// before was under way has less than one who found nobody.
Request Copier::gather() {
    const Loop::Monotonic now = wire_.now();
    Loop::Monotonic latest = now;
    Request all;
    all.replies = 1;
    all.all_replies = true;
    while (!queue_.empty()) {
        auto& next = static_cast<Exchange&>(queue_.front());
        next.sit(carried_.emplace_back());
        all.text += next.request().text;
        all.replies += next.request().replies;
        latest = std::max(latest, next.deadline());
    }
    const auto left = std::chrono::duration_cast<milliseconds>(latest - now) * 3 / 4;
    const milliseconds most = std::clamp(left, milliseconds(1), wire_.settings.timeout / 2);
    all.text += Command{"WAIT", "1", std::to_string(most.count())}.text();
    return all;
}

void Copier::hand_back(const Result<Value>& replies) {
    if (!replies) {
        return fail_carried(replies.error().detail);
    }
    const Value& copies = replies->elements.back();
    std::size_t end = 0;
    for (; !carried_.empty(); carried_.pop_front()) {
        const Place& place = carried_.front();
        end += place.missing;
        const Value& reply = replies->elements[end - 1];
        Exchange* const asker = place.asker;
        if (asker == nullptr) {
            continue;
        }
        asker->rise();
        const bool refused = reply.kind == Value::Kind::error;
        const bool unknown = copies.kind == Value::Kind::error;  // WAIT was refused
        if (!refused && !unknown && copies.number < 1) {
            asker->fail_with("no replica has it yet", wire_.wakeups);
        } else {
            asker->give(unknown && !refused ? copies : reply, wire_.wakeups);
        }
    }
}

void Copier::watch(Loop::Monotonic when) noexcept {
    if (!alarm_ || when < *alarm_) {
        const auto left = when - wire_.now();
        timer_->arm(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left)));
        alarm_ = when;
    }
}

void Copier::on_timer() noexcept {
    alarm_.reset();
    const Loop::Monotonic now = wire_.now();
    const auto next = dismiss_late(carried_, "no reply in time", now, wire_.wakeups);
    while (!queue_.empty()) {
        auto& oldest = static_cast<Exchange&>(queue_.front());
        if (oldest.deadline() > now) {
            watch(oldest.deadline());
            break;
        }
        oldest.fail_with(whom_.shown + ": no turn in time: " + why_not_, wire_.wakeups);
    }
    if (next) {
        watch(*next);
    }
}

void Copier::fail_queue(const std::string& why) noexcept {
    while (!queue_.empty()) {
        static_cast<Exchange&>(queue_.front()).fail_with(whom_.shown + ": " + why, wire_.wakeups);
    }
}

void Copier::fail_carried(const std::string& why) noexcept {
    for (; !carried_.empty(); carried_.pop_front()) {
        Exchange* const asker = carried_.front().asker;
        if (asker != nullptr) {
            asker->rise();
            asker->fail_with(why, wire_.wakeups);
        }
    }
}

}  // namespace clave::redis
