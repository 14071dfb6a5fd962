#include "clave/poll_loop.h"

#include <poll.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace clave {

using std::chrono::milliseconds;
using Monotonic = Loop::Monotonic;

namespace {

// Entries in order of their key, each called at most once. A map node travels between the queue and
// its owner, so that queueing allocates nothing and cannot fail, and an owner that is destroyed
// takes its entry with it, whichever handler is running.
template <class Key, class Owner>
class Agenda {
  public:
    using Map = std::map<Key, Owner*>;

    class Entry {
      public:
        Entry(Agenda& agenda, Owner* owner) : map_(agenda.map_) {
            Map one;
            one.emplace(Key{}, owner);
            node_ = one.extract(one.begin());
        }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        ~Entry() { withdraw(); }

        bool queued() const noexcept { return node_.empty(); }
        void queue(const Key& key) noexcept {
            withdraw();
            node_.key() = key;
            place_ = map_.insert(std::move(node_)).position;
        }
        void withdraw() noexcept {
            if (queued()) {
                node_ = map_.extract(place_);
            }
        }

      private:
        Map& map_;
        typename Map::node_type node_;
        typename Map::iterator place_;
    };

    bool empty() const noexcept { return map_.empty(); }
    const Key& first() const noexcept { return map_.begin()->first; }
    Owner& front() const noexcept { return *map_.begin()->second; }

  private:
    Map map_;
};

}  // namespace

struct PollLoop::State {
    class PollTimer;
    class PollPost;
    class PollWatch;
    using Due = std::pair<Monotonic, std::uint64_t>;  // equal times: in the order of arm()

    std::optional<Monotonic> frozen;
    std::uint64_t sequence = 0;
    Agenda<std::uint64_t, PollPost> posts;
    Agenda<Due, PollTimer> timers;
    std::vector<PollWatch*> watches;
    std::vector<std::pair<PollWatch*, Interest>> round;  // what poll said; null: gone meanwhile

    Monotonic now() const noexcept { return frozen ? *frozen : std::chrono::steady_clock::now(); }
    bool run_posts();
    bool run_timers();
    bool run_watches(milliseconds limit);
    milliseconds patience(milliseconds limit) const noexcept;
};

class PollLoop::State::PollTimer final : public Timer {
  public:
    PollTimer(State& state, TimerHandler& handler)
        : state_(state), handler_(handler), entry_(state.timers, this) {}
    void arm(milliseconds after) noexcept override {
        entry_.queue({state_.now() + after, ++state_.sequence});
    }
    void cancel() noexcept override { entry_.withdraw(); }
    void fire() noexcept {
        entry_.withdraw();
        handler_.on_timer();
    }

  private:
    State& state_;
    TimerHandler& handler_;
    Agenda<Due, PollTimer>::Entry entry_;
};

class PollLoop::State::PollPost final : public Post {
  public:
    PollPost(State& state, PostHandler& handler)
        : state_(state), handler_(handler), entry_(state.posts, this) {}
    void post() noexcept override {
        if (!entry_.queued()) {
            entry_.queue(++state_.sequence);
        }
    }
    void fire() noexcept {
        entry_.withdraw();
        handler_.on_posted();
    }

  private:
    State& state_;
    PostHandler& handler_;
    Agenda<std::uint64_t, PollPost>::Entry entry_;
};

class PollLoop::State::PollWatch final : public Watch {
  public:
    PollWatch(State& state, int fd, WatchHandler& handler)
        : state_(state), handler_(handler), fd_(fd) {
        state_.watches.push_back(this);
    }
    PollWatch(const PollWatch&) = delete;
    PollWatch& operator=(const PollWatch&) = delete;
    ~PollWatch() override {
        std::erase(state_.watches, this);
        for (auto& [watch, interest] : state_.round) {
            if (watch == this) {
                watch = nullptr;
            }
        }
    }
    void want(Interest interest) noexcept override { wanted_ = interest; }

    pollfd question() const noexcept {
        int events = 0;
        if ((wanted_ & in) != 0) {
            events |= POLLIN;
        }
        if ((wanted_ & out) != 0) {
            events |= POLLOUT;
        }
        // A negative descriptor is passed over: unlike no events, that also silences POLLHUP.
        return {wanted_ == none ? -1 : fd_, static_cast<short>(events), 0};
    }
    static Interest answer(short revents) noexcept {
        if ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
            return both;
        }
        const int bits = ((revents & POLLIN) != 0 ? in : 0) | ((revents & POLLOUT) != 0 ? out : 0);
        return static_cast<Interest>(bits);
    }
    // An earlier handler of the same round may have changed what we want.
    bool fire(Interest ready) noexcept {
        const auto bits = static_cast<Interest>(ready & wanted_);
        if (bits == none) {
            return false;
        }
        handler_.on_ready(bits);
        return true;
    }

  private:
    State& state_;
    WatchHandler& handler_;
    int fd_;
    Interest wanted_ = none;
};

// What a handler posts or arms has a later sequence number and waits for the next round, so that a
// handler that posts itself does not starve the descriptors.
bool PollLoop::State::run_posts() {
    const std::uint64_t last = sequence;
    bool any = false;
    while (!posts.empty() && posts.first() <= last) {
        posts.front().fire();
        any = true;
    }
    return any;
}

bool PollLoop::State::run_timers() {
    const Due last{now(), sequence};
    bool any = false;
    while (!timers.empty() && timers.first() <= last) {
        timers.front().fire();
        any = true;
    }
    return any;
}

milliseconds PollLoop::State::patience(milliseconds limit) const noexcept {
    if (!posts.empty()) {
        return milliseconds{0};
    }
    if (frozen || timers.empty()) {  // no timer gets due by waiting
        return limit;
    }
    const auto left = std::chrono::ceil<milliseconds>(timers.first().first - now());
    return std::clamp(left, milliseconds{0}, limit);
}

bool PollLoop::State::run_watches(milliseconds limit) {
    std::vector<pollfd> questions;
    questions.reserve(watches.size());
    for (const PollWatch* watch : watches) {
        questions.push_back(watch->question());
    }
    const bool wanted = std::any_of(questions.begin(), questions.end(),
                                    [](const pollfd& question) { return question.fd >= 0; });
    if (!wanted && (frozen || timers.empty())) {
        return false;  // nothing could end the wait
    }
    if (::poll(questions.data(), questions.size(), static_cast<int>(limit.count())) <= 0) {
        return false;
    }
    round.clear();
    for (std::size_t i = 0; i < questions.size(); ++i) {
        round.emplace_back(watches[i], PollWatch::answer(questions[i].revents));
    }
    bool any = false;
    for (const auto& [watch, interest] : round) {
        any = (watch != nullptr && watch->fire(interest)) || any;
    }
    round.clear();
    return any;
}

PollLoop::PollLoop() : state_(std::make_unique<State>()) {}
PollLoop::~PollLoop() = default;

std::unique_ptr<Loop::Watch> PollLoop::watch(int fd, WatchHandler& handler) noexcept try {
    return std::make_unique<State::PollWatch>(*state_, fd, handler);
} catch (const std::bad_alloc&) {
    return nullptr;
}

std::unique_ptr<Loop::Timer> PollLoop::timer(TimerHandler& handler) noexcept try {
    return std::make_unique<State::PollTimer>(*state_, handler);
} catch (const std::bad_alloc&) {
    return nullptr;
}

std::unique_ptr<Loop::Post> PollLoop::poster(PostHandler& handler) noexcept try {
    return std::make_unique<State::PollPost>(*state_, handler);
} catch (const std::bad_alloc&) {
    return nullptr;
}

Monotonic PollLoop::now() const noexcept {
    return state_->now();
}

bool PollLoop::run_once(milliseconds limit) {
    bool any = state_->run_posts();
    any = state_->run_timers() || any;
    any = state_->run_watches(any ? milliseconds{0} : state_->patience(limit)) || any;
    return any || state_->run_timers();  // those that got due during the wait
}

void PollLoop::advance(milliseconds by) noexcept {
    state_->frozen = now() + by;
}

}  // namespace clave
