#include "clave/metrics.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "metrics/cells.h"

namespace clave {

using metrics::Cells;
using metrics::LoginResult;

namespace {

// One more whenever cells.h changes in any way that its size does not show.
constexpr std::uint64_t kVersion = 1;

Cells* cells_in(std::span<std::byte> memory) noexcept {
    void* start = memory.data();
    std::size_t space = memory.size();
    if (std::align(alignof(Cells), sizeof(Cells), start, space) != memory.data()) {
        return nullptr;
    }
    // Memory of ours, aligned and large enough, and in no other type's use; shared memory has no
    // other way to become an object in C++20.
    return reinterpret_cast<Cells*>(memory.data());
}

// What is wrong with us or with what we depend on is a failure; all else was for the person's sake.
LoginResult result_of(Code code) noexcept {
    if (code == Code::cancelled || code == Code::left) {
        return LoginResult::cancelled;
    }
    return info(code).status >= 500 ? LoginResult::failed : LoginResult::refused;
}

}  // namespace

namespace metrics {

std::size_t known_levels(Cells& cells) noexcept {
    // Acquire: what the name consists of was written before it was counted.
    return std::min<std::size_t>(std::atomic_ref(cells.levels).load(std::memory_order_acquire),
                                 kLevels);
}

std::string_view level_name(Cells& cells, std::size_t index) noexcept {
    if (index >= kLevels) {
        return "other";
    }
    const LevelName& name = cells.level[index];
    return {name.text.data(), std::min<std::size_t>(name.length, kLongestLevel)};
}

std::size_t level_index(Cells& cells, std::string_view name) noexcept {
    const std::size_t known = known_levels(cells);
    for (std::size_t i = 0; i < known; ++i) {
        if (level_name(cells, i) == name) {
            return i;
        }
    }
    return kLevels;
}

}  // namespace metrics

std::size_t Metrics::size() noexcept {
    return sizeof(Cells);
}

std::uint64_t Metrics::layout() noexcept {
    return kVersion * 1'000'000 + sizeof(Cells);
}

bool Metrics::format(std::span<std::byte> memory) noexcept {
    Cells* cells = cells_in(memory);
    if (cells == nullptr) {
        return false;
    }
    std::memset(cells, 0, sizeof(Cells));
    std::atomic_ref(cells->layout).store(layout(), std::memory_order_release);
    return true;
}

bool Metrics::is_formatted(std::span<std::byte> memory) noexcept {
    Cells* cells = cells_in(memory);
    return cells != nullptr && cells->layout == layout();
}

void Metrics::learn_levels(std::span<std::byte> memory,
                           std::span<const std::string_view> names) noexcept {
    Cells* cells = cells_in(memory);
    if (cells == nullptr) {
        return;
    }
    for (const std::string_view name : names) {
        const std::size_t known = metrics::known_levels(*cells);
        const bool fits = known < metrics::kLevels && name.size() <= metrics::kLongestLevel;
        if (!fits || metrics::level_index(*cells, name) != metrics::kLevels) {
            continue;
        }
        metrics::LevelName& place = cells->level[known];
        std::copy(name.begin(), name.end(), place.text.begin());
        place.length = name.size();
        std::atomic_ref(cells->levels).store(known + 1, std::memory_order_release);
    }
}

Metrics::Metrics(std::span<std::byte> memory) noexcept : cells_(*cells_in(memory)) {}

void Metrics::count(const Reply& reply) noexcept {
    for (const Refusal& refusal : reply.refusals) {
        count_refusal(refusal.error.code);
        if (refusal.instead_of) {
            count_login(refusal.who, *refusal.instead_of, result_of(refusal.error.code));
        }
    }
    for (const Event& event : reply.events) {
        count(event);
    }
    if (reply.gateway_ahead) {
        std::atomic_ref(cells_.gateway_ahead)
            .store(reply.gateway_ahead->count(), std::memory_order_relaxed);
        metrics::add(cells_.gateway_answers);
    }
}

void Metrics::count(const Event& event) noexcept {
    metrics::add(cells_.events[static_cast<std::size_t>(event.kind)]);
    if (event.kind == EventKind::session_end) {
        metrics::add(cells_.session_ends[static_cast<std::size_t>(event.end)]);
    }
    if (event.kind == EventKind::login || event.kind == EventKind::step_up) {
        count_login(event.who, event.kind, LoginResult::ok);
    }
    if (event.signature) {
        const auto format = static_cast<std::size_t>(event.signature->format);
        metrics::add(cells_.signatures[format][static_cast<std::size_t>(event.signature->state)]);
        if (event.signature->state == SignState::failed) {
            metrics::add(
                cells_.signature_failures[static_cast<std::size_t>(event.signature->reason)]);
        }
    }
}

void Metrics::count_refusal(Code code) noexcept {
    metrics::add(cells_.refusals[static_cast<std::size_t>(code)]);
}

// A step-up is a login, too.
void Metrics::count_login(const Concerned& who, EventKind kind, LoginResult result) noexcept {
    const std::size_t level = metrics::level_index(cells_, who.level);
    const std::size_t method =
        who.method ? static_cast<std::size_t>(*who.method) : metrics::kNoMethod;
    metrics::add(cells_.logins[level][method][static_cast<std::size_t>(result)]);
    if (kind == EventKind::step_up) {
        metrics::add(cells_.step_ups[static_cast<std::size_t>(result)]);
    }
}

void Metrics::count_store_answer(std::chrono::microseconds took) noexcept {
    const auto& bounds = metrics::kLatencyBounds;
    const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), took.count());
    metrics::add(cells_.store_latency[static_cast<std::size_t>(bucket - bounds.begin())]);
    metrics::add(cells_.store_microseconds,
                 static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)));
}

void Metrics::count_store_error() noexcept {
    metrics::add(cells_.store_errors);
}

void Metrics::count_audit_suppressed(std::uint64_t lines) noexcept {
    metrics::add(cells_.audit_suppressed, lines);
}

void Metrics::count_audit_failed() noexcept {
    metrics::add(cells_.audit_failed);
}

}  // namespace clave
