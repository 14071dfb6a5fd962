// Whether Redis lets us do what a session store does: each command that it needs, and hearing of
// changes, as the user whom it will be.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "checks.h"
#include "clave/crypto.h"
#include "clave/poll_loop.h"
#include "clave/redis_settings.h"
#include "clave/thread_pool.h"
#include "redis/open.h"

namespace clave::tool {
namespace {

using redis::Command;
using redis::Value;

// The store's own lines say more than that something failed; each is a finding.
class Told final : public Logger {
  public:
    void log(Severity, std::string_view line) noexcept override {
        try {
            last_ = line;
        } catch (const std::bad_alloc&) {
            last_.clear();
        }
    }
    const std::string& last() const noexcept { return last_; }

  private:
    std::string last_;
};

class Listener final : public redis::ChangeListener {
  public:
    void on_changed(std::string_view) noexcept override {}
    void on_deaf() noexcept override { hears_ = false; }
    void on_hearing() noexcept override { hears_ = true; }
    bool hears() const noexcept { return hears_; }

  private:
    bool hears_ = false;
};

template <class Done>
bool turn_until(PollLoop& loop, Done done) {
    const auto end = loop.now() + std::chrono::seconds(5);
    while (!done()) {
        if (loop.now() > end) {
            return false;
        }
        loop.run_once(std::chrono::milliseconds(50));
    }
    return true;
}

struct Step {
    const char* what;
    Command command;
    bool in_transaction = false;
};

std::vector<Step> steps_with(const std::string& key, bool has_replicas) {
    std::vector<Step> steps{
        {"PING", {"PING"}},
        {"SET", {"SET", key, "1", "EX", "10"}},
        {"GET", {"GET", key}},
        {"MGET", {"MGET", key, key}},
        {"GETDEL", {"GETDEL", key}},
        {"RPUSH", {"RPUSH", key, "1"}},
        {"LRANGE", {"LRANGE", key, "0", "-1"}},
        {"LREM", {"LREM", key, "0", "1"}},
        {"EXPIRE", {"EXPIRE", key, "10"}},
        {"TTL", {"TTL", key}},
        {"EXISTS", {"EXISTS", key}},
        {"EVAL", {"EVAL", "return 1", "1", key}},
        {"MULTI, EXEC", {"EXISTS", key}, true},
        {"INFO", {"INFO", "replication"}},
        {"DEL", {"DEL", key}},
    };
    if (has_replicas) {
        steps.push_back({"WAIT", {"WAIT", "0", "1"}});
    }
    return steps;
}

ConfigResult<RedisSettings> settings_of(const Checklist& list) {
    auto url = StoreUrl::parse(list.redis);
    if (!url) {
        return tl::unexpected(url.error());
    }
    RedisSettings settings;
    settings.url = std::move(*url);
    settings.password_file = list.redis_password_file;
    settings.connect_timeout = std::chrono::seconds(2);
    settings.timeout = std::chrono::seconds(3);
    if (settings.url.tls) {
        auto tls = StoreTls::load(list.redis_trusted_certificate, {}, {});
        if (!tls) {
            return tl::unexpected(tls.error());
        }
        settings.tls = std::make_shared<StoreTls>(std::move(*tls));
    }
    return settings;
}

}  // namespace

void check_redis(Checks& checks, const Checklist& list) {
    if (list.redis.empty()) {
        return;
    }
    const auto settings = settings_of(list);
    if (!settings) {
        checks.bad("redis", settings.error());
        return;
    }
    PollLoop loop;
    SystemRandom random;
    Told told;
    Listener listener;
    const auto pool = ThreadPool::create(loop, 1, 16);
    redis::Watching watching;
    watching.listener = &listener;
    watching.prefixes.push_back(list.redis_prefix + "s:");
    const auto commands =
        pool ? redis::open_commands(*settings, {loop, *pool, random, told}, watching) : nullptr;
    if (commands == nullptr) {
        checks.add(State::bad, "redis", "no descriptor or memory is left");
        return;
    }
    // of a kind that no session has, so that nobody takes it for one
    const std::string key = list.redis_prefix + "check:{clavectl}";
    std::string refused;
    for (const Step& step : steps_with(key, settings->url.kind != StoreUrl::Kind::server)) {
        auto asking = step.in_transaction ? commands->transact(key, {step.command})
                                          : commands->run(key, step.command);
        asking.start();
        if (!turn_until(loop, [&] { return asking.done(); })) {
            checks.add(State::bad, "redis", "no answer in time", told.last());
            return;
        }
        const Result<Value> reply = asking.result();
        if (!reply) {
            checks.add(State::bad, "redis", std::string(step.what) + ": " + reply.error().detail,
                       told.last());
            return;
        }
        if (reply->kind == Value::Kind::error) {
            refused += (refused.empty() ? "" : ", ") + std::string(step.what) + " (" +
                       std::string(reply->error_code()) + ")";
        }
    }
    if (refused.empty()) {
        checks.add(State::good, "redis", settings->url.shown() + " does what sessions need");
    } else {
        checks.add(State::bad, "redis", "it refuses " + refused,
                   "the user's ACL needs these commands, and ~" + list.redis_prefix + "*");
    }
    auto scanning = commands->scan({}, list.redis_prefix + "check:*");
    scanning.start();
    if (!turn_until(loop, [&] { return scanning.done(); }) || !scanning.result()) {
        checks.add(State::warning, "redis_scan", "SCAN is refused",
                   "\"clavectl sessions list\" needs +scan; nothing else does");
    }
    const bool hears = turn_until(loop, [&] { return listener.hears(); });
    checks.add(hears ? State::good : State::warning, "redis_changes",
               hears ? "changes are heard of (CLIENT TRACKING)"
                     : "changes are not heard of: sessions are cached for a moment only",
               hears ? "" : "the user's ACL needs +client, +subscribe and &__redis__:invalidate");
}

}  // namespace clave::tool
