// A Redis whose every step the test takes: commands lie on their way until they are carried out,
// replies until they are delivered, changes until they are told. So a test can try orders that a
// real one shows once in a million.
#pragma once

#include <algorithm>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "redis/commands.h"

namespace clave::test {

using redis::Command;
using redis::Value;

class FakeRedis final : public redis::Commands {
  public:
    std::map<std::string, std::string> values;
    std::map<std::string, std::vector<std::string>> lists;
    std::map<std::string, std::int64_t> expiries;  // seconds, as they were asked for
    std::string refusal;                           // what it answers instead: "OOM …"
    bool down = false;
    bool slow = false;    // else everything happens at once
    bool moving = false;  // the slot, to a node that nobody listens to
    int commands = 0;
    // What the loop does before a command is on its way.
    std::function<void()> departure = [] {};
    // Told of each change, later, in order.
    std::vector<std::deque<std::string>> told;

    Task<Result<Value>> run(std::string, Command command) override {
        Errand errand(*this, {std::move(command)}, false);
        co_return co_await errand;
    }
    Task<Result<Value>> transact(std::string, std::vector<Command> several) override {
        Errand errand(*this, std::move(several), true);
        co_return co_await errand;
    }
    Task<Result<std::uint64_t>> epoch(std::string) override { co_return std::uint64_t{7}; }

    // Steps of those under way; false if there is none.
    bool carry_out(std::size_t number) {
        departure();
        std::vector<Errand*> waiting;
        std::copy_if(errands_.begin(), errands_.end(), std::back_inserter(waiting),
                     [](const Errand* one) { return !one->reply; });
        if (waiting.empty()) {
            return false;
        }
        waiting[number % waiting.size()]->carry_out();
        return true;
    }
    bool deliver(std::size_t number) {
        std::vector<Errand*> done;
        std::copy_if(errands_.begin(), errands_.end(), std::back_inserter(done),
                     [](const Errand* one) { return one->reply.has_value(); });
        if (done.empty()) {
            return false;
        }
        Errand& errand = *done[number % done.size()];
        std::erase(errands_, &errand);
        errand.waiting.resume();
        return true;
    }

  private:
    struct Errand {
        Errand(FakeRedis& to, std::vector<Command> what, bool whole)
            : redis(to), commands(std::move(what)), transaction(whole) {}
        Errand(const Errand&) = delete;
        Errand& operator=(const Errand&) = delete;
        ~Errand() { std::erase(redis.errands_, this); }

        bool await_ready() {
            if (!redis.slow) {
                carry_out();
            }
            return reply.has_value();
        }
        void await_suspend(std::coroutine_handle<> from) {
            waiting = from;
            redis.errands_.push_back(this);
        }
        Result<Value> await_resume() { return std::move(*reply); }

        void carry_out() {
            if (redis.down) {
                reply = fail(Code::store, "down");
                return;
            }
            Value all;
            all.kind = Value::Kind::array;
            for (const Command& command : commands) {
                all.elements.push_back(redis.obey(words_of(command)));
            }
            reply = transaction ? all : all.elements.front();
            (*reply)->unheard = redis.moving;
        }

        FakeRedis& redis;
        std::vector<Command> commands;
        bool transaction;
        std::optional<Result<Value>> reply;
        std::coroutine_handle<> waiting;
    };

    static Value text(std::string what) {
        Value value;
        value.kind = Value::Kind::text;
        value.text = std::move(what);
        return value;
    }
    static Value number(std::int64_t what) {
        Value value;
        value.kind = Value::Kind::integer;
        value.number = what;
        return value;
    }
    static Value error(std::string what) {
        Value value;
        value.kind = Value::Kind::error;
        value.text = std::move(what);
        return value;
    }
    void changed(const std::string& key) {
        for (auto& listener : told) {
            listener.push_back(key);
        }
    }
    using Words = std::vector<std::string>;

    // "*2\r\n$3\r\nGET\r\n$1\r\na\r\n"
    static Words words_of(const Command& command) {
        const std::string& text = command.text();
        std::size_t at = 1;
        const auto count = [&] {
            std::size_t digits = 0;
            const std::size_t number = std::stoull(text.substr(at), &digits);
            at += digits + 2;
            return number;
        };
        Words words(count());
        for (std::string& word : words) {
            ++at;
            const std::size_t size = count();
            word = text.substr(at, size);
            at += size + 2;
        }
        return words;
    }
    static bool has(const Words& command, std::string_view word) {
        return std::find(command.begin() + 3, command.end(), word) != command.end();
    }

    Value set(const Words& command) {
        const bool there = values.contains(command[1]);
        if ((has(command, "XX") && !there) || (has(command, "NX") && there)) {
            return {};
        }
        values[command[1]] = command[2];
        expiries[command[1]] = std::stoll(command.back());
        changed(command[1]);
        return text("OK");
    }

    // Only what the store says; another word is a mistake of the test.
    Value obey(const Words& command) {
        ++commands;
        const std::string& name = command[0];
        const std::string& key = command[1];
        if (!refusal.empty()) {
            return error(refusal);
        }
        if (name == "SET") {
            return set(command);
        }
        if (name == "GET" || name == "GETDEL") {
            if (lists.contains(key)) {
                return error("WRONGTYPE Operation against a key");
            }
            const auto found = values.find(key);
            Value value = found == values.end() ? Value{} : text(found->second);
            if (name == "GETDEL") {
                values.erase(key);
            }
            return value;
        }
        if (name == "MGET") {  // of the wrong type is as good as none
            Value all;
            all.kind = Value::Kind::array;
            for (std::size_t i = 1; i < command.size(); ++i) {
                const auto found = values.find(command[i]);
                all.elements.push_back(found == values.end() || lists.contains(command[i])
                                           ? Value{}
                                           : text(found->second));
            }
            return all;
        }
        if (name == "DEL" || name == "EXISTS") {
            std::int64_t count = 0;
            for (std::size_t i = 1; i < command.size(); ++i) {
                count += values.contains(command[i]) ? 1 : 0;
                if (name == "DEL" && values.erase(command[i]) != 0) {
                    changed(command[i]);
                }
            }
            return number(count);
        }
        if (name == "RPUSH") {
            lists[key].push_back(command[2]);
            return number(static_cast<std::int64_t>(lists[key].size()));
        }
        if (name == "LREM") {
            return number(static_cast<std::int64_t>(std::erase(lists[key], command[3])));
        }
        if (name == "LRANGE") {
            Value all;
            all.kind = Value::Kind::array;
            for (const std::string& one : lists[key]) {
                all.elements.push_back(text(one));
            }
            return all;
        }
        if (name == "TTL") {
            return number(expiries.contains(key) ? expiries[key] : -2);
        }
        if (name == "EXPIRE") {
            expiries[key] = std::stoll(command[2]);
            return number(1);
        }
        return error("ERR unknown command");
    }

    std::vector<Errand*> errands_;
};

}  // namespace clave::test
