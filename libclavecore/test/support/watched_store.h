// A store before another one: somebody looks, or is killed, just before a change is made.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clave/store.h"

namespace clave::test {

class WatchedStore final : public Store {
  public:
    explicit WatchedStore(Store& store) noexcept : store_(store) {}

    // What it throws, ends whoever wanted the change.
    std::function<void(const Digest& key)> before_swap;
    // Just after one, and before whoever wanted it knows.
    std::function<void(const Digest& key)> after_swap;
    bool takes_changes = true;   // otherwise it answers that it does not
    bool lists_sessions = true;  // the same

    Lookup find(const Digest& key, Time now, RecordBytes& out, Touch touch) noexcept override {
        return store_.find(key, now, out, touch);
    }
    Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out, Touch touch) override {
        return store_.load(key, now, out, touch);
    }
    Task<Result<void>> put(const Digest& key, std::span<const std::byte> record, SessionTimes times,
                           Time now, const Digest* replaces, const SessionOwner* owner) override {
        return store_.put(key, record, times, now, replaces, owner);
    }
    Task<Result<void>> erase(const Digest& key) override { return store_.erase(key); }
    Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) override {
        return store_.time_left(key, now);
    }
    Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) override {
        return store_.touch(key, now);
    }
    Task<Result<std::vector<Digest>>> sessions_of(const Digest& person, Time now) override {
        return lists_sessions ? store_.sessions_of(person, now) : list_nothing();
    }
    Task<Result<std::size_t>> end_all(const Digest& person, Time now) override {
        return store_.end_all(person, now);
    }
    Task<Result<SessionPage>> list(std::string cursor, Time now) override {
        return store_.list(std::move(cursor), now);
    }
    Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome, Time until,
                            Time now) override {
        return store_.keep(key, outcome, until, now);
    }
    Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key, Time now) override {
        return store_.take(key, now);
    }
    Task<Result<bool>> mark(const Digest& key, Time until, Time now) override {
        return store_.mark(key, until, now);
    }
    Task<Result<std::optional<Entry>>> read(const Digest& key, Time now) override {
        return store_.read(key, now);
    }
    Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                  std::span<const std::byte> record, Time until,
                                                  Time now) override {
        if (before_swap) {
            before_swap(key);
        }
        if (!takes_changes) {
            return refuse();
        }
        auto swapping = store_.swap(key, std::move(version), record, until, now);
        return after_swap ? swap_and_tell(std::move(swapping), key) : std::move(swapping);
    }
    Task<Result<std::uint64_t>> epoch(const Digest& key) override { return store_.epoch(key); }

  private:
    Task<Result<std::optional<std::string>>> swap_and_tell(
        Task<Result<std::optional<std::string>>> swapping, Digest key) {
        auto swapped = co_await std::move(swapping);
        after_swap(key);
        co_return swapped;
    }
    static Task<Result<std::vector<Digest>>> list_nothing() {
        co_return fail(Code::store, "does not answer");
    }
    static Task<Result<std::optional<std::string>>> refuse() {
        co_return fail(Code::store, "takes no changes");
    }

    Store& store_;
};

}  // namespace clave::test
