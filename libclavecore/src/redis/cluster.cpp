#include "redis/cluster.h"

#include <algorithm>
#include <charconv>
#include <new>
#include <set>

#include "base/guard.h"
#include "redis/replication.h"
#include "redis/scan.h"

namespace clave::redis {

using std::chrono::milliseconds;

namespace {

// How long the nodes are left alone: while the map is in doubt, and otherwise.
constexpr milliseconds kLooking{250};
constexpr milliseconds kQuiet{5000};
// A node without slots may be about to get some, and be asked already (ASK).
constexpr std::chrono::seconds kIdle{30};
// Of one command, from node to node.
constexpr int kMostRedirections = 5;

}  // namespace

// A node, and what it says of its keys.
class Cluster::Member final : ChangeListener {
  public:
    Member(Cluster& cluster, const Whom& whom)
        : node(*cluster.wire_, whom, &cluster), cluster_(cluster), whom_(whom) {
        node.start();
    }

    // True: what was heard of it is not heard any more.
    bool serve(bool serves) {
        const bool heard = hears_;
        if (serves && !ear_ && cluster_.watching_.listener != nullptr) {
            Watching here;
            here.listener = this;
            here.prefixes = cluster_.watching_.prefixes;
            ear_ = Ear::open(*cluster_.wire_, whom_, here);
        } else if (!serves) {
            ear_.reset();
            hears_ = false;
        }
        return heard && !hears_;
    }
    bool hears() const noexcept { return hears_; }
    void retire(const std::string& why) {
        ear_.reset();
        node.retire(why);
    }

    Node node;
    Loop::Monotonic used;
    // Without one, though there should be, its slots may be another one's soon.
    bool should_have_replicas = true;

  private:
    void on_changed(std::string_view key) noexcept override {
        cluster_.watching_.listener->on_changed(key);
    }
    void on_deaf() noexcept override {
        hears_ = false;
        cluster_.hearing_changed();
    }
    void on_hearing() noexcept override {
        hears_ = true;
        cluster_.hearing_changed();
    }

    Cluster& cluster_;
    const Whom whom_;
    bool hears_ = false;
    std::unique_ptr<Ear> ear_;
};

Cluster::Cluster(std::unique_ptr<Wire> wire, Watching watching)
    : wire_(std::move(wire)),
      watching_(std::move(watching)),
      owners_(kSlots),
      pause_(wire_->host.loop, wire_->wakeups),
      keeper_(keep()) {
    keeper_.start();
}

Cluster::~Cluster() {
    for (const auto& [name, one] : members_) {
        one->retire("closed here");
    }
}

Cluster::MemberPtr Cluster::member(const StoreHost& host) {
    MemberPtr& one = members_[host.shown()];
    if (!one) {
        one = std::make_shared<Member>(*this, Whom::server(wire_->settings, host));
    }
    one->used = wire_->now();
    return one;
}

void Cluster::doubt() noexcept {
    in_doubt_ = true;
    if (resting_) {
        pause_.cut_short();
    }
}

Task<void> Cluster::keep() {
    for (;;) {
        in_doubt_ = false;
        bool learnt = false;
        try {
            Task<bool> learning = learn();
            learnt = co_await std::move(learning);
            if (!learnt && !mapped_) {
                tell_waiting("no node of the cluster tells who has which slots");
            }
        } catch (const std::bad_alloc&) {
            in_doubt_ = true;
        }
        // As long as somebody who has slots is away, his replica may be about to take over.
        const bool whole = std::ranges::all_of(
            owners_, [](const MemberPtr& one) { return one && one->node.is_up(); });
        resting_ = learnt && whole && !in_doubt_;
        Sleep& pause = pause_;
        pause.begin(wire_->jittered(resting_ ? kQuiet : kLooking));
        co_await pause;
        resting_ = false;
    }
}

// Asks those we know, and then those of the settings, until one tells. Each time another one is the
// first: one that has lost sight of the others would tell of the past for ever.
Task<bool> Cluster::learn() {
    std::vector<StoreHost> candidates;
    for (const auto& [name, one] : members_) {
        if (one->node.is_up()) {
            candidates.push_back(one->node.host());
        }
    }
    if (!candidates.empty()) {
        const auto first = static_cast<std::ptrdiff_t>(turn_++ % candidates.size());
        std::rotate(candidates.begin(), candidates.begin() + first, candidates.end());
    }
    const std::vector<StoreHost>& given = wire_->settings.url.hosts;
    candidates.insert(candidates.end(), given.begin(), given.end());
    bool learnt = false;
    for (const StoreHost& host : candidates) {
        const MemberPtr one = member(host);
        Task<Result<Value>> asking = ask_for_slots(one);
        const Result<Value> reply = co_await std::move(asking);
        const auto ranges = reply ? read_slots(*reply, host) : std::nullopt;
        if (ranges && !ranges->empty()) {
            adopt(*ranges);
            learnt = true;
            break;
        }
        if (reply && refusal(*reply) == Refusal::not_allowed) {
            wire_->warn(Severity::error, one->node.name(),
                        "E-REDIS-AUTH " + one->node.name() +
                            " does not tell who has which slots (" + refusal_word(*reply) +
                            "): it takes the right password, and a user with +cluster|slots");
        } else if (reply && reply->kind == Value::Kind::error) {
            wire_->warn(Severity::error, one->node.name(),
                        "E-REDIS " + one->node.name() + " is no node of a cluster (" +
                            refusal_word(*reply) + ")");
        }
    }
    co_return learnt;
}

Task<Result<Value>> Cluster::ask_for_slots(MemberPtr whom) {
    Command command{"CLUSTER", "SLOTS"};
    Task<Result<Value>> asking =
        whom->node.ask(Request::of(std::move(command)), wire_->now() + wire_->settings.timeout);
    co_return co_await std::move(asking);
}

void Cluster::adopt(const std::vector<SlotRange>& ranges) {
    std::vector<MemberPtr> owners(kSlots);
    for (const SlotRange& range : ranges) {
        const MemberPtr one = member(range.primary);
        one->should_have_replicas = range.replicas;
        for (std::size_t slot = range.first; slot <= range.last; ++slot) {
            owners[slot] = one;
        }
    }
    owners_ = std::move(owners);
    mapped_ = true;
    // What it was about to say of a key that has left it is never read.
    if (dismiss_idle() && hears_) {
        hears_ = false;
        watching_.listener->on_deaf();
    }
    hearing_changed();
    tell_waiting({});
}

// Those who have no slots any more are not listened to; and some time later they are let go. True
// if one of them was.
bool Cluster::dismiss_idle() {
    bool deafer = false;
    const std::set<MemberPtr> serving(owners_.begin(), owners_.end());
    for (auto at = members_.begin(); at != members_.end();) {
        const MemberPtr one = at->second;
        const bool serves = serving.contains(one);
        deafer = one->serve(serves) || deafer;
        if (!serves && wire_->now() - one->used > kIdle) {
            one->retire("serves no slots");
            at = members_.erase(at);
        } else {
            ++at;
        }
    }
    return deafer;
}

// Heard is what is heard from everyone.
void Cluster::hearing_changed() noexcept {
    if (watching_.listener == nullptr) {
        return;
    }
    const bool now = mapped_ && std::ranges::all_of(owners_, [](const MemberPtr& one) {
                         return one && one->hears();
                     });
    if (now && !hears_) {
        hears_ = true;
        watching_.listener->on_hearing();
    } else if (!now && hears_) {
        hears_ = false;
        watching_.listener->on_deaf();
    }
}

// An empty `why`: there is a map.
void Cluster::tell_waiting(const std::string& why) {
    why_not_ = why;
    while (!waiting_.empty()) {
        static_cast<Sleep&>(waiting_.front()).cut_short();
    }
}

Task<Result<Cluster::MemberPtr>> Cluster::owner(std::uint16_t slot, Loop::Monotonic deadline) {
    if (!mapped_ && why_not_.empty()) {
        Sleep arrival(wire_->host.loop, wire_->wakeups);
        arrival.begin(std::chrono::ceil<milliseconds>(deadline - wire_->now()));
        waiting_.push_back(arrival);
        co_await arrival;
    }
    if (!mapped_) {
        co_return fail(Code::store, why_not_.empty() ? "no map of the slots in time" : why_not_);
    }
    if (!owners_[slot]) {
        doubt();
        co_return fail(Code::store, "nobody has the slot");
    }
    co_return owners_[slot];
}

Task<void> Cluster::wait_a_little() {
    Sleep pause(wire_->host.loop, wire_->wakeups);
    pause.begin(milliseconds(20));
    co_await pause;
}

Task<Result<Value>> Cluster::ask(std::string key, Request request) {
    const Loop::Monotonic deadline = wire_->now() + wire_->settings.timeout;
    const std::uint16_t slot = slot_of(key);
    Task<Result<MemberPtr>> finding = owner(slot, deadline);
    Result<MemberPtr> target = co_await std::move(finding);
    bool asking_first = false;
    for (int redirections = 0; target && wire_->now() < deadline;) {
        Node& node = (*target)->node;
        Task<Result<Value>> trying =
            node.ask(asking_first ? request.after_asking() : request, deadline);
        Result<Value> reply = co_await std::move(trying);
        const Refusal verdict = reply ? refusal(*reply) : Refusal::none;
        if (verdict == Refusal::not_here) {
            const auto where = read_redirection(*reply, slot, node.host());
            if (!where || ++redirections > kMostRedirections) {
                co_return fail(Code::store, node.name() + ": " + refusal_word(*reply));
            }
            target = member(*where);
            asking_first = reply->error_code() == "ASK";
            if (!asking_first) {
                owners_[slot] = *target;
                (*target)->serve(true);
                hearing_changed();
                doubt();
            }
        } else if (verdict == Refusal::not_yet && reply->error_code() == "TRYAGAIN") {
            Task<void> waiting = wait_a_little();
            co_await std::move(waiting);
        } else {
            if (verdict != Refusal::none) {
                doubt();
            }
            if (reply) {
                reply->unheard = asking_first;
            }
            co_return node.judged(std::move(reply));
        }
    }
    co_return fail(Code::store,
                   target ? "redirected until the time was over" : target.error().detail);
}

Task<Result<Value>> Cluster::run(std::string key, Command command) {
    return ask(std::move(key), Request::of(std::move(command)));
}

Task<Result<Value>> Cluster::transact(std::string key, std::vector<Command> commands) {
    return ask(std::move(key), Request::transaction(commands));
}

// The first slot of the next node whose first slot is behind this one; empty if there is none.
std::string Cluster::next_node(std::uint16_t slot) const {
    std::set<const Member*> before;
    for (std::size_t other = 0; other < owners_.size(); ++other) {
        const bool is_new = owners_[other] && before.insert(owners_[other].get()).second;
        if (is_new && other > slot) {
            return std::to_string(other);
        }
    }
    return {};
}

// A cursor is that of a node, behind the first slot of the node: "5461.128". When slots move, a
// walk may miss keys: it is for people.
Task<Result<KeyPage>> Cluster::scan(std::string cursor, std::string pattern) {
    const std::size_t dot = cursor.find('.');
    const std::string rest = dot == std::string::npos ? std::string() : cursor.substr(dot + 1);
    std::uint16_t slot = 0;
    const char* end = cursor.data() + std::min(dot, cursor.size());
    const auto [stop, wrong] = std::from_chars(cursor.data(), end, slot);
    if (!cursor.empty() &&
        (wrong != std::errc() || stop != end || slot >= kSlots || !is_scan_cursor(rest))) {
        co_return fail(Code::format, "not a cursor of this store");
    }
    const Loop::Monotonic deadline = wire_->now() + wire_->settings.timeout;
    Task<Result<MemberPtr>> finding = owner(slot, deadline);
    const Result<MemberPtr> target = co_await std::move(finding);
    if (!target) {
        co_return fail(Code::store, target.error().detail);
    }
    Task<Result<Value>> asking =
        (*target)->node.ask(Request::of(scan_command(rest, pattern)), deadline);
    Result<Value> reply = co_await std::move(asking);
    reply = (*target)->node.judged(std::move(reply));
    Result<KeyPage> page = read_scan(reply);
    if (page) {
        page->next = page->next.empty() ? next_node(slot) : std::to_string(slot) + "." + page->next;
    }
    co_return page;
}

Task<Result<Value>> Cluster::ask_of_replication(MemberPtr whom) {
    Task<Result<Value>> asking =
        whom->node.ask(replication_request(), wire_->now() + wire_->settings.timeout);
    co_return co_await std::move(asking);
}

Task<Result<Value>> Cluster::run_for_good(std::string key, Command command) {
    Task<Result<MemberPtr>> finding = owner(slot_of(key), wire_->now() + wire_->settings.timeout);
    const Result<MemberPtr> target = co_await std::move(finding);
    if (!target) {
        co_return fail(Code::store, target.error().detail);
    }
    Task<Result<Value>> looking = ask_of_replication(*target);
    const Result<Value> told = co_await std::move(looking);
    const Result<bool> copied = has_replica(told);
    if (!copied) {
        co_return fail(Code::store, copied.error().detail);
    }
    if (!*copied) {
        if (!guard("redis replicas", !(*target)->should_have_replicas)) {
            doubt();
            co_return fail(Code::store,
                           (*target)->node.name() + " has lost its replicas, and may be replaced");
        }
        Task<Result<Value>> asking = run(std::move(key), std::move(command));
        co_return co_await std::move(asking);
    }
    Task<Result<Value>> asking = ask(std::move(key), Request::to_last(std::move(command)));
    co_return co_await std::move(asking);
}

// Machines learn of a slot that has moved at different times. A command with the key goes before,
// as it finds the node (MOVED): otherwise a login begun here would be refused by one that knows
// already.
Task<Result<std::uint64_t>> Cluster::epoch(std::string key) {
    const std::uint16_t slot = slot_of(key);
    Command look{"EXISTS", key};
    Task<Result<Value>> finding_node = run(std::move(key), std::move(look));
    const Result<Value> there = co_await std::move(finding_node);
    if (!there) {
        co_return tl::unexpected(there.error());
    }
    Task<Result<MemberPtr>> finding = owner(slot, wire_->now() + wire_->settings.timeout);
    const Result<MemberPtr> target = co_await std::move(finding);
    if (!target) {
        co_return fail(Code::store, target.error().detail);
    }
    Task<Result<Value>> asking = ask_of_replication(*target);
    const Result<Value> reply = co_await std::move(asking);
    co_return epoch_of(reply);
}

}  // namespace clave::redis
