// What the tests of the Redis client stand on: a loop in real time, threads for names and
// passwords, and what was logged.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "clave/poll_loop.h"
#include "clave/thread_pool.h"
#include "redis/open.h"

namespace clave::test {

class WireBench {
  public:
    redis::Host host() noexcept { return {loop, *pool_, dice_, log_}; }

    // Runs the loop until `met`, or for `most`.
    template <class Condition>
    bool until(Condition met, std::chrono::milliseconds most = std::chrono::seconds(5)) {
        const auto end = std::chrono::steady_clock::now() + most;
        while (!met()) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            loop.run_once(std::chrono::milliseconds(5));
        }
        return true;
    }
    void linger(std::chrono::milliseconds time) {
        until([] { return false; }, time);
    }

    template <class T>
    T finish(Task<T> task, std::chrono::milliseconds most = std::chrono::seconds(5)) {
        task.start();
        until([&task] { return task.done(); }, most);
        if (!task.done()) {
            return fail(Code::internal, "it never ended");
        }
        return task.result();
    }

    bool logged(std::string_view part) const { return count_logged(part) > 0; }
    int count_logged(std::string_view part) const {
        int count = 0;
        for (const std::string& line : log_.lines) {
            count += line.find(part) != std::string::npos ? 1 : 0;
        }
        return count;
    }

    PollLoop loop;

  private:
    struct Dice final : Random {
        bool fill(std::span<std::byte> out) noexcept override {
            for (std::byte& one : out) {
                one = static_cast<std::byte>(engine());
            }
            return true;
        }
        std::mt19937 engine{20261121};
    };
    struct Lines final : Logger {
        void log(Severity /*severity*/, std::string_view line) noexcept override {
            lines.emplace_back(line);
        }
        std::vector<std::string> lines;
    };

    std::unique_ptr<ThreadPool> pool_ = ThreadPool::create(loop, 2, 64);
    Dice dice_;
    Lines log_;
};

// A reply in a line: `text`, (7), (nil), [a b], !ERROR, and what went wrong in front of a colon.
inline std::string shown(const redis::Value& value) {
    switch (value.kind) {
        case redis::Value::Kind::nil:
            return "(nil)";
        case redis::Value::Kind::integer:
            return "(" + std::to_string(value.number) + ")";
        case redis::Value::Kind::text:
            return value.text;
        case redis::Value::Kind::error:
            return "!" + std::string(value.error_code());
        case redis::Value::Kind::array:
            break;
    }
    std::string text = "[";
    for (const redis::Value& one : value.elements) {
        text += (text.size() > 1 ? " " : "") + shown(one);
    }
    return text + "]";
}
inline std::string shown(const Result<redis::Value>& reply) {
    return reply ? shown(*reply)
                 : std::string(info(reply.error().code).word) + ": " + reply.error().detail;
}

}  // namespace clave::test
