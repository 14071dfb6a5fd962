#include "redis/connection.h"

#include <algorithm>
#include <new>

#include "base/guard.h"

namespace clave::redis {

using std::chrono::milliseconds;

Connection::Connection(Wire& wire, Owner* owner)
    : wire_(wire),
      owner_(owner),
      stream_(wire.host.loop, *this),
      deadline_(wire.host.loop.timer(*this)) {
    if (!deadline_) {
        throw std::bad_alloc();
    }
}

Task<Result<void>> Connection::open(std::vector<Address> addresses, std::string name) {
    Result<void> result = fail(Code::store, "no address");
    const StoreTls* const tls = wire_.settings.url.tls ? wire_.settings.tls.get() : nullptr;
    for (const Address& address : addresses) {
        close("opened anew");
        ReplyLimits limits;
        limits.bytes = wire_.settings.most_reply;
        reader_ = std::make_unique<ReplyReader>(limits);
        opened_ = std::make_unique<Awaited<Result<void>>>();
        lost_ = std::make_unique<Awaited<std::string>>();
        listener_ = nullptr;
        timed_out_ = false;
        stream_.open(address, tls, name, wire_.settings.connect_timeout);
        Awaited<Result<void>>& opened = *opened_;  // g++ 12 would copy anything but a name
        result = co_await opened;
        if (result) {
            break;
        }
    }
    co_return result;
}

void Connection::on_open() noexcept {
    open_ = true;
    opened_->give({}, wire_.wakeups);
}

void Connection::send(Exchange& exchange) noexcept try {
    Place& place = places_.emplace_back();
    exchange.sit(place);
    place.until = wire_.now() + wire_.settings.timeout;
    watch(std::min(exchange.deadline(), place.until));
    stream_.send(exchange.request().text);
} catch (const std::bad_alloc&) {
    exchange.fail_with("out of memory", wire_.wakeups);
}

void Connection::on_drained() noexcept {
    if (owner_ != nullptr && open_) {
        owner_->on_room();
    }
}

void Connection::on_bytes(std::string_view bytes) noexcept try {
    if (!reader_) {
        return;
    }
    reader_->feed(bytes);
    while (open_) {
        Value value;
        switch (reader_->next(value)) {
            case ReplyReader::Got::nothing:
                return;
            case ReplyReader::Got::garbage:
                return close(std::string("the server does not speak RESP2: ") +
                             reader_->complaint());
            case ReplyReader::Got::value:
                if (!take(std::move(value))) {
                    return close("a reply that nobody asked for");
                }
        }
    }
} catch (const std::bad_alloc&) {
    close("out of memory");
}

// False: nobody waits for it.
bool Connection::take(Value value) {
    if (listener_ != nullptr) {
        return listener_->on_push(value);
    }
    if (places_.empty()) {
        return guard("redis unasked reply", false);
    }
    Place& place = places_.front();
    const bool last = --place.missing == 0;
    if (place.asker != nullptr) {
        place.asker->take(std::move(value), place.missing, wire_.wakeups);
    }
    if (last) {
        if (place.asker != nullptr) {
            place.asker->rise();
        }
        places_.pop_front();
    }
    return true;
}

// One timer for all: what it is armed for may have been answered by then.
void Connection::watch(Loop::Monotonic when) noexcept {
    if (!alarm_ || when < *alarm_) {
        const auto left = when - wire_.now();
        deadline_->arm(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left)));
        alarm_ = when;
    }
}

void Connection::on_timer() noexcept {
    alarm_.reset();
    if (places_.empty()) {
        return;
    }
    const Loop::Monotonic now = wire_.now();
    const Loop::Monotonic until = places_.front().until;
    if (until <= now) {
        timed_out_ = true;
        return close("no reply in time");
    }
    const auto next = dismiss_late(places_, "no reply in time", now, wire_.wakeups);
    watch(std::min(next.value_or(until), until));
}

void Connection::on_closed(const std::string& why) noexcept {
    close(why);
}

void Connection::close(std::string why) noexcept {
    open_ = false;
    stream_.close();
    deadline_->cancel();
    alarm_.reset();
    for (const Place& place : places_) {
        if (place.asker != nullptr) {
            place.asker->rise();
            place.asker->fail_with(why, wire_.wakeups);
        }
    }
    places_.clear();
    if (opened_) {
        opened_->give(fail(Code::store, why), wire_.wakeups);
    }
    if (lost_) {
        lost_->give(std::move(why), wire_.wakeups);
    }
}

}  // namespace clave::redis
