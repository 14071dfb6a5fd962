#include "redis/slot_map.h"

#include <charconv>

namespace clave::redis {
namespace {

template <class Number>
bool read(std::string_view text, Number& number) noexcept {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

bool read_slot(const Value& value, std::uint16_t& slot) noexcept {
    slot = static_cast<std::uint16_t>(value.number);
    return value.kind == Value::Kind::integer && value.number >= 0 && value.number < kSlots;
}

std::optional<SlotRange> read_range(const Value& entry, const StoreHost& asked) {
    SlotRange range;
    if (entry.elements.size() < 3 || !read_slot(entry.elements[0], range.first) ||
        !read_slot(entry.elements[1], range.last) || range.last < range.first) {
        return std::nullopt;
    }
    const Value& node = entry.elements[2];  // the primary; its replicas follow
    if (node.elements.size() < 2 || node.elements[1].number < 1 ||
        node.elements[1].number > 65535) {
        return std::nullopt;
    }
    range.primary.name = node.elements[0].text;
    range.primary.port = static_cast<std::uint16_t>(node.elements[1].number);
    if (range.primary.name.empty() || range.primary.name == "?") {
        range.primary.name = asked.name;
    }
    range.replicas = entry.elements.size() > 3;
    return range;
}

}  // namespace

std::optional<std::vector<SlotRange>> read_slots(const Value& reply, const StoreHost& asked) {
    if (reply.kind != Value::Kind::array) {
        return std::nullopt;
    }
    std::vector<SlotRange> ranges;
    for (const Value& entry : reply.elements) {
        auto range = read_range(entry, asked);
        if (!range) {
            return std::nullopt;
        }
        ranges.push_back(std::move(*range));
    }
    return ranges;
}

std::optional<StoreHost> read_redirection(const Value& error, std::uint16_t slot,
                                          const StoreHost& asked) {
    const std::string_view text = error.text;
    const std::size_t before_slot = text.find(' ');
    const std::size_t before_host = text.find(' ', before_slot + 1);
    const std::size_t before_port = text.rfind(':');
    if (before_slot == text.npos || before_host == text.npos || before_port == text.npos ||
        before_port < before_host) {
        return std::nullopt;
    }
    std::uint16_t named = 0;
    StoreHost host;
    if (!read(text.substr(before_slot + 1, before_host - before_slot - 1), named) ||
        named != slot || !read(text.substr(before_port + 1), host.port) || host.port == 0) {
        return std::nullopt;
    }
    host.name = text.substr(before_host + 1, before_port - before_host - 1);
    if (host.name.empty() || host.name == "?") {
        host.name = asked.name;
    }
    return host;
}

}  // namespace clave::redis
