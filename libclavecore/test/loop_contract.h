// What every Loop must do, whichever host it belongs to: run by poll_loop_test.cpp over poll(2),
// and inside a worker over nginx's events. Needs no test framework: a check that fails says what it
// saw.
#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clave/loop.h"

namespace clave::contract {

// One round of the loop; waits a few milliseconds at most when there is nothing to do.
using Pump = std::function<void()>;

struct Check {
    const char* name;
    std::string (*run)(Loop&, const Pump&);  // empty: passed
};

// Two connected, non-blocking stream sockets.
class Pair {
  public:
    Pair() {
        static_cast<void>(
            ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd_.data()));
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    ~Pair() {
        close_here();
        close_there();
    }
    int here() const noexcept { return fd_[0]; }
    bool send(std::string_view text) const noexcept {
        return ::write(fd_[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    // The number of bytes read here, at most `limit`.
    ssize_t receive(std::size_t limit) const noexcept {
        std::array<char, 64> buffer{};
        return ::read(fd_[0], buffer.data(), std::min(limit, buffer.size()));
    }
    void fill() const noexcept {
        const std::array<char, 4096> block{};
        while (::write(fd_[0], block.data(), block.size()) > 0) {
        }
    }
    void drain_there() const noexcept {
        std::array<char, 4096> block{};
        while (::read(fd_[1], block.data(), block.size()) > 0) {
        }
    }
    void close_here() noexcept { close_one(fd_[0]); }
    void close_there() noexcept { close_one(fd_[1]); }

  private:
    static void close_one(int& fd) noexcept {
        if (fd >= 0) {
            ::close(std::exchange(fd, -1));
        }
    }
    std::array<int, 2> fd_{-1, -1};
};

struct OnReady final : Loop::WatchHandler {
    std::function<void(Loop::Interest)> act = [](Loop::Interest) {};
    int calls = 0;
    int bits = 0;
    void on_ready(Loop::Interest ready) noexcept override {
        ++calls;
        bits |= ready;
        act(ready);
    }
};

struct OnTimer final : Loop::TimerHandler {
    std::function<void()> act = [] {};
    int calls = 0;
    void on_timer() noexcept override {
        ++calls;
        act();
    }
};

struct OnPosted final : Loop::PostHandler {
    std::function<void()> act = [] {};
    int calls = 0;
    void on_posted() noexcept override {
        ++calls;
        act();
    }
};

// Pumps until `met`, for two seconds at most.
template <class Condition>
bool reach(const Pump& pump, Condition met) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    while (!met()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        pump();
    }
    return true;
}

// Rounds in which something that must not happen would have happened.
inline void linger(const Pump& pump) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(30);
    do {
        pump();
    } while (std::chrono::steady_clock::now() < end);
}

#define CLAVE_EXPECT(condition)                         \
    do {                                                \
        if (!(condition)) {                             \
            return std::string("expected " #condition); \
        }                                               \
    } while (false)

using std::chrono::milliseconds;

inline std::string read_is_level_triggered(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady handler;
    handler.act = [&](Loop::Interest) { pair.receive(1); };
    const auto watch = loop.watch(pair.here(), handler);
    CLAVE_EXPECT(watch != nullptr && pair.send("abc"));
    linger(pump);
    CLAVE_EXPECT(handler.calls == 0);  // nothing wanted yet
    watch->want(Loop::in);
    CLAVE_EXPECT(handler.calls == 0);  // never from inside a call to the loop
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 3; }));  // a byte at a time
    linger(pump);
    CLAVE_EXPECT(handler.calls == 3 && handler.bits == Loop::in);
    CLAVE_EXPECT(pair.send("d") && reach(pump, [&] { return handler.calls == 4; }));
    return {};
}

inline std::string unread_bytes_are_told_again_after_a_pause(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady handler;
    const auto watch = loop.watch(pair.here(), handler);
    handler.act = [&](Loop::Interest) { watch->want(Loop::none); };
    watch->want(Loop::in);
    CLAVE_EXPECT(pair.send("a") && reach(pump, [&] { return handler.calls == 1; }));
    linger(pump);
    CLAVE_EXPECT(handler.calls == 1);  // not wanted any more, although still readable
    watch->want(Loop::in);
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 2; }));
    return {};
}

inline std::string write_is_level_triggered(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady handler;
    const auto watch = loop.watch(pair.here(), handler);
    watch->want(Loop::out);
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls >= 3; }));
    CLAVE_EXPECT(handler.bits == Loop::out);
    pair.fill();
    pump();  // a call that was under way before
    handler.calls = 0;
    linger(pump);
    CLAVE_EXPECT(handler.calls == 0);
    pair.drain_there();
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls >= 1; }));
    return {};
}

inline std::string both_directions_at_once(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady handler;
    const auto watch = loop.watch(pair.here(), handler);
    CLAVE_EXPECT(pair.send("a"));
    watch->want(Loop::both);
    CLAVE_EXPECT(reach(pump, [&] { return handler.bits == Loop::both; }));
    return {};
}

inline std::string hang_up_wakes_who_waits(Loop& loop, const Pump& pump) {
    Pair pair;
    OnReady handler;
    const auto watch = loop.watch(pair.here(), handler);
    watch->want(Loop::in);
    pair.close_there();
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls > 0; }));
    CLAVE_EXPECT(handler.bits == Loop::in && pair.receive(1) == 0);
    return {};
}

inline std::string watch_destroyed_in_its_own_handler(Loop& loop, const Pump& pump) {
    Pair pair;
    OnReady handler;
    auto watch = loop.watch(pair.here(), handler);
    handler.act = [&](Loop::Interest) {
        watch.reset();
        pair.close_here();
    };
    CLAVE_EXPECT(pair.send("a"));
    watch->want(Loop::both);
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 1; }));
    linger(pump);
    CLAVE_EXPECT(handler.calls == 1);
    return {};
}

inline std::string watch_destroyed_in_another_handler(Loop& loop, const Pump& pump) {
    const std::array<Pair, 2> pairs;
    std::array<OnReady, 2> handlers;
    std::array<std::unique_ptr<Loop::Watch>, 2> watches;
    for (std::size_t i = 0; i < 2; ++i) {
        watches[i] = loop.watch(pairs[i].here(), handlers[i]);
        handlers[i].act = [&watches, i](Loop::Interest) { watches[1 - i].reset(); };
        CLAVE_EXPECT(pairs[i].send("a"));
        watches[i]->want(Loop::in);
    }
    linger(pump);
    CLAVE_EXPECT((handlers[0].calls == 0) != (handlers[1].calls == 0));
    return {};
}

inline std::string unwatch_then_close_then_same_descriptor(Loop& loop, const Pump& pump) {
    OnReady old_handler;
    OnReady new_handler;
    Pair first;
    const int number = first.here();
    auto watch = loop.watch(number, old_handler);
    watch->want(Loop::both);
    CLAVE_EXPECT(first.send("a") && reach(pump, [&] { return old_handler.calls > 0; }));
    watch.reset();
    first.close_here();
    const int calls = old_handler.calls;
    const Pair second;
    const int same = ::fcntl(second.here(), F_DUPFD_CLOEXEC, number);
    watch = loop.watch(same, new_handler);
    CLAVE_EXPECT(same == number || same >= 0);
    watch->want(Loop::in);
    CLAVE_EXPECT(second.send("b") && reach(pump, [&] { return new_handler.calls > 0; }));
    CLAVE_EXPECT(old_handler.calls == calls);
    watch.reset();
    ::close(same);
    return {};
}

inline std::string unwatch_leaves_the_descriptor_open(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady handler;
    loop.watch(pair.here(), handler)->want(Loop::both);
    linger(pump);
    CLAVE_EXPECT(handler.calls == 0);
    CLAVE_EXPECT(pair.send("a") && pair.receive(1) == 1);
    return {};
}

inline std::string timers_fire_once_in_order(Loop& loop, const Pump& pump) {
    std::vector<int> order;
    std::array<OnTimer, 3> handlers;
    std::array<std::unique_ptr<Loop::Timer>, 3> timers;
    const std::array<milliseconds, 3> after{milliseconds(25), milliseconds(5), milliseconds(15)};
    const auto begin = loop.now();
    for (std::size_t i = 0; i < 3; ++i) {
        handlers[i].act = [&order, i] { order.push_back(static_cast<int>(i)); };
        timers[i] = loop.timer(handlers[i]);
        CLAVE_EXPECT(timers[i] != nullptr);
        timers[i]->arm(after[i]);
    }
    CLAVE_EXPECT(reach(pump, [&] { return order.size() == 3; }));
    // Hosts that cache their time are behind by a round when they arm: a few milliseconds less.
    CLAVE_EXPECT(loop.now() - begin >= milliseconds(20));
    linger(pump);
    CLAVE_EXPECT((order == std::vector<int>{1, 2, 0}));
    return {};
}

inline std::string timer_of_zero_waits_for_the_loop(Loop& loop, const Pump& pump) {
    OnTimer handler;
    const auto timer = loop.timer(handler);
    timer->arm(milliseconds(0));
    CLAVE_EXPECT(handler.calls == 0);
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 1; }));
    return {};
}

inline std::string timer_cancel_is_idempotent(Loop& loop, const Pump& pump) {
    OnTimer handler;
    const auto timer = loop.timer(handler);
    timer->cancel();
    timer->arm(milliseconds(1));
    timer->cancel();
    timer->cancel();
    linger(pump);
    CLAVE_EXPECT(handler.calls == 0);
    timer->arm(milliseconds(1));
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 1; }));
    timer->cancel();
    return {};
}

inline std::string timer_rearmed_before_and_in_its_handler(Loop& loop, const Pump& pump) {
    OnTimer handler;
    const auto timer = loop.timer(handler);
    timer->arm(milliseconds(1));
    timer->arm(std::chrono::hours(1));  // moves it
    linger(pump);
    CLAVE_EXPECT(handler.calls == 0);
    handler.act = [&] {
        if (handler.calls < 3) {
            timer->arm(milliseconds(1));
        }
    };
    timer->arm(milliseconds(1));
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls == 3; }));
    linger(pump);
    CLAVE_EXPECT(handler.calls == 3);
    return {};
}

inline std::string timer_destroyed_in_handlers(Loop& loop, const Pump& pump) {
    std::array<OnTimer, 2> handlers;
    std::array<std::unique_ptr<Loop::Timer>, 2> timers;
    for (std::size_t i = 0; i < 2; ++i) {
        timers[i] = loop.timer(handlers[i]);
        handlers[i].act = [&timers] {
            for (auto& timer : timers) {
                timer.reset();
            }
        };
        timers[i]->arm(milliseconds(1));
    }
    linger(pump);
    CLAVE_EXPECT(handlers[0].calls + handlers[1].calls == 1);
    return {};
}

inline std::string post_is_idempotent_and_later(Loop& loop, const Pump& pump) {
    OnPosted handler;
    const auto post = loop.poster(handler);
    CLAVE_EXPECT(post != nullptr);
    post->post();
    post->post();
    CLAVE_EXPECT(handler.calls == 0);
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls > 0; }));
    linger(pump);
    CLAVE_EXPECT(handler.calls == 1);
    return {};
}

inline std::string post_from_its_own_handler_starves_nobody(Loop& loop, const Pump& pump) {
    const Pair pair;
    OnReady reader;
    const auto watch = loop.watch(pair.here(), reader);
    watch->want(Loop::in);
    CLAVE_EXPECT(pair.send("a"));
    OnPosted handler;
    int depth = 0;
    int deepest = 0;
    const auto post = loop.poster(handler);
    handler.act = [&] {
        deepest = std::max(deepest, ++depth);
        post->post();
        --depth;
    };
    post->post();
    CLAVE_EXPECT(reach(pump, [&] { return handler.calls >= 3 && reader.calls > 0; }));
    CLAVE_EXPECT(deepest == 1);
    return {};
}

inline std::string post_taken_back_by_destruction(Loop& loop, const Pump& pump) {
    std::array<OnPosted, 3> handlers;
    std::array<std::unique_ptr<Loop::Post>, 3> posts;
    for (std::size_t i = 0; i < 3; ++i) {
        posts[i] = loop.poster(handlers[i]);
        posts[i]->post();
    }
    posts[0].reset();
    for (std::size_t i = 1; i < 3; ++i) {  // whichever is first takes the other and itself away
        handlers[i].act = [&posts] {
            posts[1].reset();
            posts[2].reset();
        };
    }
    linger(pump);
    CLAVE_EXPECT(handlers[0].calls == 0 && handlers[1].calls + handlers[2].calls == 1);
    return {};
}

inline std::string posts_keep_their_order(Loop& loop, const Pump& pump) {
    std::vector<int> order;
    std::array<OnPosted, 3> handlers;
    std::array<std::unique_ptr<Loop::Post>, 3> posts;
    for (const std::size_t i : {2U, 0U, 1U}) {
        handlers[i].act = [&order, i] { order.push_back(static_cast<int>(i)); };
        posts[i] = loop.poster(handlers[i]);
        posts[i]->post();
    }
    linger(pump);
    CLAVE_EXPECT((order == std::vector<int>{2, 0, 1}));
    return {};
}

#undef CLAVE_EXPECT

inline constexpr std::array kLoopChecks{
    Check{"read is level-triggered", read_is_level_triggered},
    Check{"unread bytes are told again after a pause", unread_bytes_are_told_again_after_a_pause},
    Check{"write is level-triggered", write_is_level_triggered},
    Check{"both directions at once", both_directions_at_once},
    Check{"hang-up wakes who waits", hang_up_wakes_who_waits},
    Check{"watch destroyed in its own handler", watch_destroyed_in_its_own_handler},
    Check{"watch destroyed in another handler", watch_destroyed_in_another_handler},
    Check{"unwatch, close, same descriptor again", unwatch_then_close_then_same_descriptor},
    Check{"unwatch leaves the descriptor open", unwatch_leaves_the_descriptor_open},
    Check{"timers fire once, in order", timers_fire_once_in_order},
    Check{"timer of zero waits for the loop", timer_of_zero_waits_for_the_loop},
    Check{"timer cancel is idempotent", timer_cancel_is_idempotent},
    Check{"timer re-armed before and in its handler", timer_rearmed_before_and_in_its_handler},
    Check{"timers destroyed in handlers", timer_destroyed_in_handlers},
    Check{"post is idempotent and later", post_is_idempotent_and_later},
    Check{"post from its own handler starves nobody", post_from_its_own_handler_starves_nobody},
    Check{"post taken back by destruction", post_taken_back_by_destruction},
    Check{"posts keep their order", posts_keep_their_order},
};

}  // namespace clave::contract
