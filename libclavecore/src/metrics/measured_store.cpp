#include "clave/measured_store.h"

#include <utility>

namespace clave {

template <class T>
Task<Result<T>> MeasuredStore::timed(Task<Result<T>> question) {
    const Loop::Monotonic asked = loop_.now();
    Result<T> answer = co_await std::move(question);
    if (answer) {
        metrics_.count_store_answer(
            std::chrono::duration_cast<std::chrono::microseconds>(loop_.now() - asked));
    } else {
        metrics_.count_store_error();
    }
    co_return answer;
}

Lookup MeasuredStore::find(const Digest& key, Time now, RecordBytes& out, Touch touch) noexcept {
    return store_.find(key, now, out, touch);
}

Task<Result<Lookup>> MeasuredStore::load(const Digest& key, Time now, RecordBytes& out,
                                         Touch touch) {
    return timed(store_.load(key, now, out, touch));
}

Task<Result<void>> MeasuredStore::put(const Digest& key, std::span<const std::byte> record,
                                      SessionTimes times, Time now, const Digest* replaces,
                                      const SessionOwner* owner) {
    return timed(store_.put(key, record, times, now, replaces, owner));
}

Task<Result<void>> MeasuredStore::erase(const Digest& key) {
    return timed(store_.erase(key));
}

Task<Result<std::optional<TimeLeft>>> MeasuredStore::time_left(const Digest& key, Time now) {
    return timed(store_.time_left(key, now));
}

Task<Result<std::optional<TimeLeft>>> MeasuredStore::touch(const Digest& key, Time now) {
    return timed(store_.touch(key, now));
}

Task<Result<std::vector<Digest>>> MeasuredStore::sessions_of(const Digest& person, Time now) {
    return timed(store_.sessions_of(person, now));
}

Task<Result<std::size_t>> MeasuredStore::end_all(const Digest& person, Time now) {
    return timed(store_.end_all(person, now));
}

Task<Result<SessionPage>> MeasuredStore::list(std::string cursor, Time now) {
    return timed(store_.list(std::move(cursor), now));
}

Task<Result<void>> MeasuredStore::keep(const Digest& key, std::span<const std::byte> outcome,
                                       Time until, Time now) {
    return timed(store_.keep(key, outcome, until, now));
}

Task<Result<std::optional<std::vector<std::byte>>>> MeasuredStore::take(const Digest& key,
                                                                        Time now) {
    return timed(store_.take(key, now));
}

Task<Result<bool>> MeasuredStore::mark(const Digest& key, Time until, Time now) {
    return timed(store_.mark(key, until, now));
}

Task<Result<std::optional<Entry>>> MeasuredStore::read(const Digest& key, Time now) {
    return timed(store_.read(key, now));
}

Task<Result<std::optional<std::string>>> MeasuredStore::swap(const Digest& key, std::string version,
                                                             std::span<const std::byte> record,
                                                             Time until, Time now) {
    return timed(store_.swap(key, std::move(version), record, until, now));
}

Task<Result<std::uint64_t>> MeasuredStore::epoch(const Digest& key) {
    return timed(store_.epoch(key));
}

Task<bool> store_answers(Store& store, Time now) {
    static constexpr Digest kNobody{};
    auto asking = store.time_left(kNobody, now);
    const auto answer = co_await std::move(asking);
    co_return answer.has_value();
}

}  // namespace clave
