// A host for tests of the login: a clock and randomness that obey, a store that can fail, and a
// browser's view of a Reply.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clave/gate.h"

namespace clave::test {

struct FixedClock final : Clock {
    Time time{Seconds{1'800'000'000}};
    Time now() const noexcept override { return time; }
};

// Deterministic, never twice the same; none at all when broken.
struct CountingRandom final : Random {
    bool broken = false;
    std::uint64_t state = 1;
    [[nodiscard]] bool fill(std::span<std::byte> out) noexcept override {
        for (std::byte& byte : out) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            byte = static_cast<std::byte>(state >> 56U);
        }
        return !broken;
    }
};

// Nobody works here: for tests that never get as far as the pool.
struct NoPool final : WorkerPool {
    [[nodiscard]] bool submit(std::unique_ptr<Job>) noexcept override { return false; }
};

// What the zone does, in a map, and with switches: all of it fails; sessions are elsewhere, so that
// they have to be asked for; writes may have been lost; what is asked for is done, and not
// answered.
class MapStore final : public Store {
  public:
    bool down = false;
    bool elsewhere = false;
    bool clings = false;           // to what should be erased
    std::string_view silent_at{};  // "put", "erase", "take", "mark"
    bool is_silent = false;        // somebody has asked that
    std::uint64_t history = 0;
    int loads = 0;
    std::map<Digest, std::vector<std::byte>> sessions;
    std::map<Digest, SessionTimes> times;
    std::map<Digest, std::vector<std::byte>> outcomes;
    std::map<Digest, Time> marks;
    std::map<Digest, Entry> entries;
    int changes = 0;

    Lookup find(const Digest& key, Time now, RecordBytes& out, Touch) noexcept override {
        if (elsewhere) {
            return Lookup::unread;
        }
        return read(key, now, out);
    }
    Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out, Touch) override {
        ++loads;
        const Lookup found = read(key, now, out);
        if (found == Lookup::error) {
            co_return clave::fail(Code::store, "down");
        }
        co_return found;
    }
    Lookup read(const Digest& key, Time now, RecordBytes& out) {
        if (down) {
            return Lookup::error;
        }
        const auto found = sessions.find(key);
        if (found == sessions.end() || times[key].expires <= now) {
            return Lookup::miss;
        }
        out.assign(found->second);
        return Lookup::hit;
    }
    Task<Result<void>> put(const Digest& key, std::span<const std::byte> record, SessionTimes ends,
                           Time, const Digest* replaces, const SessionOwner*) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        if (replaces != nullptr) {
            sessions.erase(*replaces);
        }
        sessions[key].assign(record.begin(), record.end());
        times[key] = ends;
        auto answer = answered("put");
        co_await answer;
        co_return Result<void>{};
    }
    Task<Result<void>> erase(const Digest& key) override {
        if (down || clings) {
            co_return clave::fail(Code::store);
        }
        sessions.erase(key);
        auto answer = answered("erase");
        co_await answer;
        co_return Result<void>{};
    }
    Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        std::optional<TimeLeft> left;
        if (const auto found = times.find(key);
            found != times.end() && found->second.expires > now) {
            left = TimeLeft{found->second.idle, found->second.expires - now};
        }
        co_return left;
    }
    Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) override {
        return time_left(key, now);
    }
    Task<Result<std::vector<Digest>>> sessions_of(const Digest&, Time) override {
        co_return clave::fail(Code::store);
    }
    Task<Result<std::size_t>> end_all(const Digest&, Time) override {
        co_return clave::fail(Code::store);
    }
    Task<Result<SessionPage>> list(std::string, Time) override {
        co_return clave::fail(Code::store);
    }
    Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome, Time,
                            Time) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        outcomes[key].assign(outcome.begin(), outcome.end());
        co_return Result<void>{};
    }
    Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key, Time) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        std::optional<std::vector<std::byte>> taken;
        if (auto node = outcomes.extract(key)) {
            taken = std::move(node.mapped());
        }
        auto answer = answered("take");
        co_await answer;
        co_return taken;
    }
    Task<Result<bool>> mark(const Digest& key, Time until, Time) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        auto answer = answered("mark");
        co_await answer;
        co_return marks.emplace(key, until).second;
    }
    Task<Result<std::optional<Entry>>> read(const Digest& key, Time) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        const auto found = entries.find(key);
        co_return found == entries.end() ? std::nullopt : std::optional(found->second);
    }
    Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                  std::span<const std::byte> record, Time,
                                                  Time) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        Entry& entry = entries[key];
        if (entry.version != version) {
            co_return std::optional<std::string>();
        }
        entry.record.assign(record.begin(), record.end());
        entry.version = std::to_string(++changes);
        co_return std::optional<std::string>(entry.version);
    }
    Task<Result<std::uint64_t>> epoch(const Digest&) override {
        if (down) {
            co_return clave::fail(Code::store);
        }
        co_return history;
    }

  private:
    // Never comes, where the store is silent.
    struct Answer {
        bool comes;
        bool await_ready() const noexcept { return comes; }
        void await_suspend(std::coroutine_handle<>) const noexcept {}
        void await_resume() const noexcept {}
    };
    Answer answered(std::string_view what) noexcept {
        is_silent = is_silent || silent_at == what;
        return {silent_at != what};
    }
};

inline Site test_site() {
    Site site;
    site.origin = "https://sede.example.gob.es";
    site.provider_name = "E00000000X_E04975701;Sede";
    site.gateway_url = "https://pasarela.example.gob.es/Proxy2/ServiceProvider";
    return site;
}

inline MasterKey test_key(unsigned char fill = 7) {
    MasterKey key;
    std::fill(key.fill().begin(), key.fill().end(), std::byte{fill});
    return key;
}

inline Requirement requirement(std::string_view level) {
    Requirement asked;
    for (const Level& known : builtin_levels()) {
        if (known.name == level) {
            asked.level = known.name;
            asked.ask = known.ask;
            asked.offer = known.offer;
            asked.accept = known.accept;
        }
    }
    return asked;
}

inline Request page_load(std::string_view target) {
    Request request;
    request.method = "GET";
    request.raw_target = target;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string_view::npos
                        ? std::string_view{}
                        : target.substr(target.find('?') + 1);
    request.accept = "text/html,application/xhtml+xml,*/*;q=0.8";
    request.fetch_mode = "navigate";
    request.fetch_dest = "document";
    return request;
}

inline std::string header(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.headers) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

inline std::string code_of(const Reply& reply) {
    return reply.refusals.empty() ? std::string()
                                  : std::string(info(reply.refusals[0].error.code).word);
}

// Keeps cookies as a browser does, as far as the login needs it.
class Browser {
  public:
    void receive(const Reply& reply) {
        for (const auto& [name, value] : reply.headers) {
            if (name == "Set-Cookie") {
                store(value);
            }
        }
    }
    std::string cookie_header() const {
        std::string header;
        for (const auto& [name, value] : cookies) {
            header += (header.empty() ? "" : "; ") + name + "=" + value;
        }
        return header;
    }
    std::size_t count(std::string_view prefix) const {
        return static_cast<std::size_t>(
            std::count_if(cookies.begin(), cookies.end(),
                          [&](const auto& one) { return one.first.starts_with(prefix); }));
    }

    std::map<std::string, std::string> cookies;

  private:
    void store(const std::string& line) {
        const std::string pair = line.substr(0, line.find(';'));
        const std::size_t equals = pair.find('=');
        const std::string name = pair.substr(0, equals);
        if (line.find("Max-Age=0") != std::string::npos) {
            cookies.erase(name);
        } else {
            cookies[name] = pair.substr(equals + 1);
        }
    }
};

// For tasks that only wait for a store that is always ready.
template <class T>
T run_now(Task<T> task) {
    task.start();
    return task.result();
}

}  // namespace clave::test
