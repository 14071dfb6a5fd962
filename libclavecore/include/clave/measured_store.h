// A store whose answers are timed and counted: for one that has to be asked over a network.
#pragma once

#include <cstdint>

#include "clave/loop.h"
#include "clave/metrics.h"
#include "clave/store.h"

namespace clave {

class MeasuredStore final : public Store {
  public:
    // All outlive the object.
    MeasuredStore(Store& store, const Loop& loop, Metrics& metrics) noexcept
        : store_(store), loop_(loop), metrics_(metrics) {}

    // Not timed: what it knows, it knows without asking.
    Lookup find(const Digest& key, Time now, RecordBytes& out, Touch touch) noexcept override;
    Task<Result<Lookup>> load(const Digest& key, Time now, RecordBytes& out, Touch touch) override;
    Task<Result<void>> put(const Digest& key, std::span<const std::byte> record, SessionTimes times,
                           Time now, const Digest* replaces, const SessionOwner* owner) override;
    Task<Result<void>> erase(const Digest& key) override;
    Task<Result<std::optional<TimeLeft>>> time_left(const Digest& key, Time now) override;
    Task<Result<std::optional<TimeLeft>>> touch(const Digest& key, Time now) override;
    Task<Result<std::vector<Digest>>> sessions_of(const Digest& person, Time now) override;
    Task<Result<std::size_t>> end_all(const Digest& person, Time now) override;
    Task<Result<SessionPage>> list(std::string cursor, Time now) override;
    Task<Result<void>> keep(const Digest& key, std::span<const std::byte> outcome, Time until,
                            Time now) override;
    Task<Result<std::optional<std::vector<std::byte>>>> take(const Digest& key, Time now) override;
    Task<Result<bool>> mark(const Digest& key, Time until, Time now) override;
    Task<Result<std::optional<Entry>>> read(const Digest& key, Time now) override;
    Task<Result<std::optional<std::string>>> swap(const Digest& key, std::string version,
                                                  std::span<const std::byte> record, Time until,
                                                  Time now) override;
    Task<Result<std::uint64_t>> epoch(const Digest& key) override;

  private:
    // A question whose Task is destroyed has not been answered, and is not counted.
    template <class T>
    Task<Result<T>> timed(Task<Result<T>> question);

    Store& store_;
    const Loop& loop_;
    Metrics& metrics_;
};

}  // namespace clave
