#include "redis/connection.h"

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
    exchange.sit(places_.emplace_back());
    watch_deadline();
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

// One timer for all: it is armed for the first place, and finds out late that this one was done.
void Connection::watch_deadline() noexcept {
    if (!deadline_armed_ && !places_.empty()) {
        const auto left = places_.front().deadline - wire_.now();
        deadline_->arm(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left)));
        deadline_armed_ = true;
    }
}

void Connection::on_timer() noexcept {
    deadline_armed_ = false;
    if (!places_.empty() && places_.front().deadline <= wire_.now()) {
        timed_out_ = true;
        return close("no reply in time");
    }
    watch_deadline();
}

void Connection::on_closed(const std::string& why) noexcept {
    close(why);
}

void Connection::close(std::string why) noexcept {
    open_ = false;
    stream_.close();
    deadline_->cancel();
    deadline_armed_ = false;
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
