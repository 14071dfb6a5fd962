#include "redis/sentinels.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <string_view>

#include "base/guard.h"
#include "redis/replication.h"

namespace clave::redis {

using std::chrono::milliseconds;

namespace {

// How long the sentinels are left alone: while we look for the primary, and otherwise.
constexpr milliseconds kLooking{300};
constexpr milliseconds kQuiet{5000};

template <class Number>
bool read(std::string_view text, Number& number) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// SENTINEL MASTER answers names and values in turn.
std::string_view field(const Value& reply, std::string_view name) noexcept {
    for (std::size_t i = 0; i + 1 < reply.elements.size(); i += 2) {
        if (reply.elements[i].text == name) {
            return reply.elements[i + 1].text;
        }
    }
    return {};
}

// Up enough to become the primary.
bool is_up(const Value& replica) noexcept {
    const std::string_view flags = field(replica, "flags");
    return flags.find("s_down") == flags.npos && flags.find("o_down") == flags.npos &&
           flags.find("disconnected") == flags.npos;
}

}  // namespace

Sentinels::Sentinels(std::unique_ptr<Wire> wire, Watching watching)
    : wire_(std::move(wire)),
      watching_(std::move(watching)),
      pause_(wire_->host.loop, wire_->wakeups),
      keeper_(keep()) {
    Subscription::Handler& here = *this;
    for (const StoreHost& host : wire_->settings.url.hosts) {
        sentinels_.push_back(std::make_unique<Subscription>(
            *wire_, sentinel(host), "+switch-master", std::vector<std::string>{}, here));
    }
    for (const auto& one : sentinels_) {
        one->start();
    }
    keeper_.start();
}

Sentinels::~Sentinels() {
    if (primary_) {
        primary_->retire("closed here");
    }
}

Whom Sentinels::sentinel(const StoreHost& host) const {
    Whom whom;
    whom.host = host;
    whom.shown = "sentinel " + host.shown();
    whom.greeting.password_file = wire_->settings.sentinel_password_file;
    return whom;
}

void Sentinels::doubt() noexcept {
    in_doubt_ = true;
    if (resting_) {
        pause_.cut_short();
    }
}

void Sentinels::on_down() noexcept {
    confirmed_ = false;
    ++downs_;
    doubt();
}

// "NAME OLD-HOST OLD-PORT NEW-HOST NEW-PORT". What it says is asked for, not believed.
void Sentinels::on_message(const Value& payload) noexcept {
    if (payload.text.starts_with(wire_->settings.url.primary + " ")) {
        doubt();
    }
}

Task<void> Sentinels::keep() {
    for (;;) {
        in_doubt_ = false;
        std::optional<Sighting> seen;
        const bool was_up = primary_ && primary_->is_up();
        const unsigned downs = downs_;
        try {
            Task<std::optional<Sighting>> looking = newest_sighting();
            seen = co_await std::move(looking);
            if (seen) {
                follow(seen->host);
                confirmed_ = confirmed_ || (was_up && downs == downs_);
                if (confirmed_) {
                    tell_waiting({});
                }
            } else if (!primary_) {
                tell_waiting("no sentinel knows the primary");
            }
        } catch (const std::bad_alloc&) {
            in_doubt_ = true;
        }
        // While we look, some time passes between two looks, whoever doubts: they are many.
        resting_ = seen && primary_ && primary_->is_up() && confirmed_ && !in_doubt_;
        Sleep& pause = pause_;
        pause.begin(wire_->jittered(resting_ ? kQuiet : kLooking));
        co_await pause;
        resting_ = false;
    }
}

Task<std::optional<Sentinels::Sighting>> Sentinels::newest_sighting() {
    std::vector<Task<std::optional<Sighting>>> asking;
    for (const StoreHost& host : wire_->settings.url.hosts) {
        asking.push_back(ask_one(sentinel(host)));
        asking.back().start();
    }
    std::vector<Sighting> sightings;
    for (Task<std::optional<Sighting>>& one : asking) {
        std::optional<Sighting> seen = co_await std::move(one);
        if (seen) {
            sightings.push_back(std::move(*seen));
        }
    }
    const auto most = [&asking](auto count) {
        return 2 * static_cast<std::size_t>(count) > asking.size();
    };
    // Those who do not answer us may have each other, and a replica.
    should_have_replicas_ =
        std::ranges::any_of(sightings, &Sighting::replicas) || !most(sightings.size());
    const auto newest = std::ranges::max_element(sightings, {}, &Sighting::epoch);
    if (newest == sightings.end()) {
        co_return std::nullopt;
    }
    const auto agreeing = std::ranges::count(sightings, newest->host, &Sighting::host);
    if (!guard("redis epoch", newest->epoch >= epoch_ || most(agreeing))) {
        wire_->warn(Severity::error, "sentinels",
                    "E-REDIS only sentinels that are behind answer: " + newest->host.shown() +
                        " was the primary in epoch " + std::to_string(newest->epoch) + ", not in " +
                        std::to_string(epoch_));
        co_return std::nullopt;
    }
    epoch_ = newest->epoch;
    co_return *newest;
}

Task<std::optional<Sentinels::Sighting>> Sentinels::ask_one(Whom whom) {
    Connection connection(*wire_, nullptr);
    Task<Result<void>> reaching = reach(*wire_, connection, whom);
    const Result<void> reached = co_await std::move(reaching);
    if (!reached) {
        co_return std::nullopt;
    }
    const std::string& name = wire_->settings.url.primary;
    Command command{"SENTINEL", "MASTER", name};
    Task<Result<Value>> asking = redis::ask(*wire_, connection, std::move(command));
    const Result<Value> reply = co_await std::move(asking);
    Sighting seen;
    if (reply && reply->kind == Value::Kind::array &&
        read(field(*reply, "config-epoch"), seen.epoch)) {
        // Who leads a failover has the new epoch and the old address in there until all is done.
        Command where{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", name};
        Task<Result<Value>> looking = redis::ask(*wire_, connection, std::move(where));
        const Result<Value> address = co_await std::move(looking);
        if (address && address->elements.size() == 2 &&
            read(address->elements[1].text, seen.host.port) && !address->elements[0].text.empty()) {
            seen.host.name = address->elements[0].text;
            Command who{"SENTINEL", "SLAVES", name};
            Task<Result<Value>> counting = redis::ask(*wire_, connection, std::move(who));
            const Result<Value> known = co_await std::move(counting);
            seen.replicas = !known || known->kind != Value::Kind::array ||
                            std::ranges::any_of(known->elements, is_up);
            co_return seen;
        }
    }
    if (reply && reply->kind == Value::Kind::error) {
        wire_->warn(
            Severity::error, whom.shown,
            "E-REDIS " + whom.shown + " knows no primary \"" + wire_->settings.url.primary + "\"");
    }
    co_return std::nullopt;
}

void Sentinels::follow(const StoreHost& host) {
    if (!primary_ || primary_->host() != host) {
        Whom whom = Whom::server(wire_->settings, host);
        whom.greeting.want_primary = true;
        Node::Observer* const here = this;
        auto next = std::make_shared<Node>(*wire_, whom, here);
        if (primary_) {
            wire_->host.logger.log(Severity::notice, "redis primary is " + whom.shown +
                                                         " now, was " + primary_->name());
            if (watching_.listener != nullptr) {
                watching_.listener->on_deaf();
            }
            primary_->retire("no longer the primary");
        }
        ear_.reset();
        ear_ = Ear::open(*wire_, whom, watching_);
        primary_ = std::move(next);
        confirmed_ = true;
        primary_->start();
    }
}

// An empty `why`: there is a primary.
void Sentinels::tell_waiting(const std::string& why) {
    why_not_ = why;
    while (!waiting_.empty()) {
        static_cast<Sleep&>(waiting_.front()).cut_short();
    }
}

Task<Result<std::shared_ptr<Node>>> Sentinels::primary(Loop::Monotonic deadline) {
    const bool unnamed = !primary_ && why_not_.empty();
    const bool unconfirmed =
        primary_ && !guard("redis primary confirmed", confirmed_) && !primary_->is_down();
    if (unnamed || unconfirmed) {
        Sleep arrival(wire_->host.loop, wire_->wakeups);
        arrival.begin(std::chrono::ceil<milliseconds>(deadline - wire_->now()));
        waiting_.push_back(arrival);
        co_await arrival;
    }
    if (!primary_) {
        co_return fail(Code::store, why_not_.empty() ? "no primary found in time" : why_not_);
    }
    if (!guard("redis primary confirmed", confirmed_) && !primary_->is_down()) {
        co_return fail(Code::store, primary_->name() + " was away, and may not be the primary");
    }
    co_return primary_;
}

Task<Result<Value>> Sentinels::ask(Request request) {
    const Loop::Monotonic deadline = wire_->now() + wire_->settings.timeout;
    Task<Result<std::shared_ptr<Node>>> finding = primary(deadline);
    const Result<std::shared_ptr<Node>> node = co_await std::move(finding);
    if (!node) {
        co_return fail(Code::store, node.error().detail);
    }
    Task<Result<Value>> asking = (*node)->ask(std::move(request), deadline);
    Result<Value> reply = co_await std::move(asking);
    if (reply && refusal(*reply) == Refusal::not_primary) {
        doubt();
    }
    co_return (*node)->judged(std::move(reply));
}

Task<Result<Value>> Sentinels::run(std::string /*key*/, Command command) {
    return ask(Request::of(std::move(command)));
}

Task<Result<Value>> Sentinels::transact(std::string /*key*/, std::vector<Command> commands) {
    return ask(Request::transaction(commands));
}

Task<Result<Value>> Sentinels::run_for_good(std::string key, Command command) {
    Task<Result<Value>> looking = ask(replication_request());
    const Result<Value> told = co_await std::move(looking);
    const Result<bool> copied = has_replica(told);
    if (!copied) {
        co_return fail(Code::store, copied.error().detail);
    }
    if (!*copied) {
        if (!guard("redis replicas", !should_have_replicas_)) {
            doubt();
            co_return fail(Code::store, "the primary has lost its replicas, and may be replaced");
        }
        Task<Result<Value>> asking = run(std::move(key), std::move(command));
        co_return co_await std::move(asking);
    }
    Task<Result<Value>> asking = ask(Request::to_last(std::move(command)));
    co_return co_await std::move(asking);
}

Task<Result<std::uint64_t>> Sentinels::epoch(std::string /*key*/) {
    Task<Result<Value>> asking = ask(replication_request());
    const Result<Value> reply = co_await std::move(asking);
    co_return epoch_of(reply);
}

}  // namespace clave::redis
