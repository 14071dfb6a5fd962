#include "redis/node.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/guard.h"
#include "redis/eviction.h"

namespace clave::redis {

using std::chrono::milliseconds;

// One connection, and who sees to it that there is one.
class Node::Link {
  public:
    Link(Node& node) : node_(node), connection_(node.wire_, &node), keeper_(keep()) {}

    void start() { keeper_.start(); }
    Connection& connection() noexcept { return connection_; }
    bool is_ready() const noexcept { return greeted_ && connection_.is_open(); }
    bool has_room() const noexcept { return greeted_ && connection_.has_room(); }

  private:
    Task<void> keep() {
        Backoff backoff;
        Sleep pause(node_.wire_.host.loop, node_.wire_.wakeups);
        for (;;) {
            Task<Result<void>> making = reach(node_.wire_, connection_, node_.whom_);
            Result<void> made = co_await std::move(making);
            if (made && !std::exchange(node_.reviewed_, true)) {
                Task<Result<void>> reviewing =
                    review_eviction(node_.wire_, connection_, node_.whom_);
                made = co_await std::move(reviewing);
            }
            if (made) {
                backoff.reset();
                greeted_ = true;
                node_.link_up();
                Awaited<std::string>& lost = connection_.lost();
                const std::string why = co_await lost;
                greeted_ = false;
                if (connection_.timed_out()) {
                    node_.doubt_idle_links(why);
                }
                node_.link_down(why, connection_.timed_out() ? Health::down : Health::trying);
            } else {
                connection_.close(made.error().detail);
                node_.link_down(made.error().detail, Health::down);
            }
            pause.begin(backoff.next(node_.wire_));
            co_await pause;
        }
    }

    Node& node_;
    Connection connection_;
    bool greeted_ = false;
    Task<void> keeper_;  // ends before what it works with
};

Node::Node(Wire& wire, Whom whom, Observer* observer)
    : wire_(wire),
      whom_(std::move(whom)),
      observer_(observer),
      queue_timer_(wire.host.loop.timer(*this)) {
    if (!queue_timer_) {
        throw std::bad_alloc();
    }
    for (std::size_t i = 0; i < wire.settings.connections; ++i) {
        links_.push_back(std::make_unique<Link>(*this));
    }
}

Node::~Node() {
    observer_ = nullptr;
    fail_queue("closed here");
}

void Node::start() {
    for (const auto& link : links_) {
        link->start();
    }
}

void Node::retire(const std::string& why) {
    observer_ = nullptr;
    links_.clear();
    copier_.reset();
    health_ = Health::down;
    why_ = why;
    fail_queue(why);
}

Task<Result<Value>> Node::ask(Request request, Loop::Monotonic deadline) {
    Exchange exchange(std::move(request), deadline);
    submit(exchange);
    co_return co_await exchange;
}

void Node::submit(Exchange& exchange) {
    if (!guard("redis circuit", health_ != Health::down)) {
        return exchange.fail_with(whom_.shown + " is down: " + why_, wire_.wakeups);
    }
    if (!guard("redis queue", under_way() < wire_.settings.queue)) {
        return exchange.fail_with(whom_.shown + ": too many commands under way", wire_.wakeups);
    }
    if (exchange.request().for_good) {
        return submit_for_good(exchange);
    }
    queue_.push_back(exchange);
    hand_out();
    watch_queue();
}

void Node::submit_for_good(Exchange& exchange) {
    if (!copier_) {
        copier_ = std::make_unique<Copier>(wire_, whom_);
    }
    copier_->submit(exchange);
}

std::size_t Node::under_way() const noexcept {
    std::size_t sum = queue_.size() + (copier_ ? copier_->under_way() : 0);
    for (const auto& link : links_) {
        sum += link->connection().under_way();
    }
    return sum;
}

Node::Link* Node::best() const noexcept {
    Link* best = nullptr;
    for (const auto& link : links_) {
        if (link->has_room() &&
            (best == nullptr || link->connection().under_way() < best->connection().under_way())) {
            best = link.get();
        }
    }
    return best;
}

void Node::hand_out() noexcept {
    while (!queue_.empty()) {
        Link* const link = best();
        if (link == nullptr) {
            return;
        }
        link->connection().send(static_cast<Exchange&>(queue_.front()));
    }
}

void Node::watch_queue() noexcept {
    if (!queue_timer_armed_ && !queue_.empty()) {
        const auto left = static_cast<Exchange&>(queue_.front()).deadline() - wire_.now();
        queue_timer_->arm(std::max(milliseconds(0), std::chrono::ceil<milliseconds>(left)));
        queue_timer_armed_ = true;
    }
}

void Node::on_timer() noexcept {
    queue_timer_armed_ = false;
    while (!queue_.empty()) {
        auto& oldest = static_cast<Exchange&>(queue_.front());
        if (oldest.deadline() > wire_.now()) {
            break;
        }
        oldest.fail_with(whom_.shown + ": no connection in time: " + why_, wire_.wakeups);
    }
    watch_queue();
}

void Node::fail_queue(const std::string& why) noexcept {
    while (!queue_.empty()) {
        static_cast<Exchange&>(queue_.front()).fail_with(whom_.shown + ": " + why, wire_.wakeups);
    }
}

void Node::link_up() {
    if (health_ == Health::down) {
        wire_.host.logger.log(Severity::notice, "redis " + whom_.shown + " is back");
    }
    health_ = Health::up;
    hand_out();
}

void Node::link_down(const std::string& why, Health next) {
    const bool others =
        std::ranges::any_of(links_, [](const auto& link) { return link->is_ready(); });
    if (others) {
        return;
    }
    why_ = why;
    if (health_ == Health::down) {
        return;
    }
    const bool was_up = health_ == Health::up;
    health_ = next;
    if (health_ == Health::down) {
        fail_queue(why);
        wire_.host.logger.log(Severity::error, "E-REDIS " + whom_.shown + " is down: " + why);
    }
    if (observer_ != nullptr && (was_up || next == Health::down)) {
        observer_->on_down();
    }
}

// A server that does not answer one does not answer the next one either.
void Node::doubt_idle_links(const std::string& why) {
    for (const auto& link : links_) {
        if (link->connection().under_way() == 0) {
            link->connection().close(why);
        }
    }
}

void Node::begin_anew(const std::string& why) {
    for (const auto& link : links_) {
        link->connection().close(why);
    }
    if (copier_) {
        copier_->begin_anew(why);
    }
}

Result<Value> Node::judged(Result<Value> reply) {
    if (!reply) {
        return reply;
    }
    const Refusal verdict = refusal(*reply);
    if (verdict == Refusal::none) {
        return reply;
    }
    const std::string right = missing_right(*reply);
    const std::string word =
        refusal_word(*reply) +
        (right.empty() ? "" : "; its user needs " + right + ": ACL SETUSER NAME " + right);
    switch (verdict) {
        case Refusal::not_fit:
        case Refusal::not_primary:
            begin_anew(word);
            break;
        case Refusal::not_allowed:
            wire_.warn(Severity::error, "E-REDIS-AUTH",
                       "E-REDIS-AUTH " + whom_.shown + " refuses a command (" + word + ")");
            if (reply->error_code() == "NOAUTH") {
                begin_anew(word);
            }
            break;
        case Refusal::not_here:
            wire_.warn(Severity::error, "cluster",
                       "E-REDIS " + whom_.shown + " is a node of a cluster; use redis+cluster://");
            break;
        default:
            break;
    }
    return fail(Code::store, whom_.shown + ": " + word);
}

}  // namespace clave::redis
