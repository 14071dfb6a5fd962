// What is counted, and how it is told: Prometheus' text format, and JSON of the same content.
//
// Counts live in memory that the host provides and all its workers share. Counting takes no lock
// and never fails. No label names a person, and all labels together are bounded by the
// configuration: codes, levels, methods, certificates.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clave/pki.h"
#include "clave/request.h"
#include "clave/zone.h"

namespace clave {

namespace metrics {
struct Cells;

// How a login or step-up ended that came back to the browser which began it.
enum class LoginResult { ok, cancelled, refused, failed };

// Upper bounds of the buckets, in microseconds; one more bucket has none. Redis answers within the
// first two in a machine room, and within the third through a bad moment; its timeouts are beyond.
inline constexpr std::array<std::int64_t, 6> kLatencyBounds = {1'000,   5'000,   25'000,
                                                               100'000, 500'000, 2'000'000};
}  // namespace metrics

class Metrics {
  public:
    // Bytes of memory wanted, aligned as malloc aligns; and the number of its layout: memory of
    // another layout cannot be used.
    static std::size_t size() noexcept;
    static std::uint64_t layout() noexcept;
    // Sets everything to zero. False if it is too small or not aligned.
    static bool format(std::span<std::byte> memory) noexcept;
    static bool is_formatted(std::span<std::byte> memory) noexcept;
    // Names of levels to count by. Names are only ever added; of more than 32 in one memory, the
    // later ones are counted as "other". One caller at a time, and before those who count.
    static void learn_levels(std::span<std::byte> memory,
                             std::span<const std::string_view> names) noexcept;

    // `memory` is formatted and outlives the object.
    explicit Metrics(std::span<std::byte> memory) noexcept;

    // All that `reply` says. Once per reply, where its lines are written to the log.
    void count(const Reply& reply) noexcept;
    // What no reply tells.
    void count(const Event& event) noexcept;
    // A refusal that has no Reply: of the host's own.
    void count_refusal(Code code) noexcept;

    void count_store_answer(std::chrono::microseconds took) noexcept;
    void count_store_error() noexcept;

    void count_audit_suppressed(std::uint64_t lines) noexcept;
    void count_audit_failed() noexcept;

    metrics::Cells& cells() const noexcept { return cells_; }  // src/metrics

  private:
    void count_login(const Concerned& who, EventKind kind, metrics::LoginResult result) noexcept;

    metrics::Cells& cells_;
};

// What is not counted, but looked at when somebody asks.
struct StatusFacts {
    struct ZoneFacts {
        ZoneCensus sessions;
        ZoneCapacity capacity;
        ZoneCounters counters;
    };
    struct CertificateFacts {
        std::string_view role;  // the directive
        const Certificate* certificate = nullptr;
    };

    Time now{};
    std::string_view host;          // "nginx/1.22.1"
    std::string_view store;         // "shared" or "redis"
    std::optional<ZoneFacts> zone;  // nullopt: the sessions are elsewhere
    // Of a store elsewhere, in this machine's cache; nullopt: it has none.
    std::optional<ZoneCensus> cached;
    std::vector<CertificateFacts> certificates;
};

// Version 0.0.4 of the text format (prometheus.io/docs/instrumenting/exposition_formats).
std::string metrics_text(const Metrics& metrics, const StatusFacts& facts);
// {"metrics":[{"name":…,"type":…,"help":…,"samples":[{"name":…,"labels":{…},"value":…}]}]}
std::string metrics_json(const Metrics& metrics, const StatusFacts& facts);

// The answers of a status page: 200 in the form that `request` accepts.
Reply metrics_answer(const Metrics& metrics, const StatusFacts& facts, const Request& request);
// Of one that asks whether we are well: 200 {"status":"ok"}, or 503 {"status":"down","store":…}.
Reply health_answer(bool well, const Request& request);

// True if the store answers a question about a session that there is not. May suspend; the store
// outlives the Task.
Task<bool> store_answers(Store& store, Time now);

}  // namespace clave
