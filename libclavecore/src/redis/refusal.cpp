#include "redis/refusal.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace clave::redis {
namespace {

constexpr std::array<std::pair<std::string_view, Refusal>, 15> kWords{{
    {"LOADING", Refusal::not_fit},
    {"BUSY", Refusal::not_fit},
    {"UNKILLABLE", Refusal::not_fit},
    {"MASTERDOWN", Refusal::not_fit},
    {"READONLY", Refusal::not_primary},
    {"NOREPLICAS", Refusal::not_now},
    {"NOGOODSLAVE", Refusal::not_now},
    {"MISCONF", Refusal::not_now},
    {"NOAUTH", Refusal::not_allowed},
    {"NOPERM", Refusal::not_allowed},
    {"WRONGPASS", Refusal::not_allowed},
    {"MOVED", Refusal::not_here},
    {"ASK", Refusal::not_here},
    {"TRYAGAIN", Refusal::not_yet},
    {"CLUSTERDOWN", Refusal::not_yet},
}};

}  // namespace

Refusal refusal(const Value& reply) noexcept {
    const auto* const row =
        std::ranges::find(kWords, reply.error_code(), &std::pair<std::string_view, Refusal>::first);
    return row != kWords.end() ? row->second : Refusal::none;
}

std::string refusal_word(const Value& reply) {
    const std::string_view word = reply.error_code();
    const bool plain = !word.empty() && word.size() <= 32 &&
                       std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    return plain ? std::string(word) : "an error";
}

// "NOPERM User clave has no permissions to run the 'scan' command"; of a subcommand
// 'client|tracking', and so from Redis 6.2 on.
std::string missing_right(const Value& reply) {
    constexpr std::string_view kBefore = " run the '";
    const std::string_view text = reply.text;
    const std::size_t at = text.find(kBefore);
    if (reply.error_code() != "NOPERM" || at == std::string_view::npos) {
        return {};
    }
    std::string_view name = text.substr(at + kBefore.size());
    name = name.substr(0, name.find('\''));
    const bool plain = !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || c == '|' || c == '-' || c == '_';
    });
    return plain ? "+" + std::string(name) : std::string();
}

}  // namespace clave::redis
