// The client under test, told to talk to somebody.
#pragma once

#include <string>

#include "support/wire_bench.h"

namespace clave::test {

inline RedisSettings settings_of(const std::string& url) {
    RedisSettings settings;
    settings.url = *StoreUrl::parse(url);
    return settings;
}

// What was heard of changes.
struct Hearsay final : redis::ChangeListener {
    void on_changed(std::string_view key) noexcept override { said += std::string(key) + " "; }
    void on_deaf() noexcept override {
        hears = false;
        said += "deaf ";
    }
    void on_hearing() noexcept override {
        hears = true;
        said += "hearing ";
    }
    std::string said;
    bool hears = false;
};

struct RedisClient {
    explicit RedisClient(const RedisSettings& settings)
        : commands(redis::open_commands(settings, bench.host(), {})) {}
    RedisClient(const RedisSettings& settings, std::vector<std::string> prefixes)
        : commands(redis::open_commands(settings, bench.host(), {&hearsay, std::move(prefixes)})) {}

    Result<redis::Value> run(redis::Command command, const std::string& key = "k") {
        return bench.finish(commands->run(key, std::move(command)));
    }
    std::string say(redis::Command command, const std::string& key = "k") {
        return shown(run(std::move(command), key));
    }
    // Until the server answers; false if it does not.
    bool until_answered(std::chrono::milliseconds most = std::chrono::seconds(5)) {
        return bench.until([&] { return say({"PING"}) == "PONG"; }, most);
    }

    WireBench bench;
    Hearsay hearsay;
    std::unique_ptr<redis::Commands> commands;
};

// How long something takes.
template <class Act>
std::chrono::milliseconds time_of(Act act) {
    const auto begin = std::chrono::steady_clock::now();
    act();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
}

}  // namespace clave::test
