#include "store/zone_entries.h"

#include <algorithm>
#include <charconv>

#include "base/guard.h"

namespace clave::zone {
namespace {

std::optional<FoundEntry> read_kind(Slots& slots, const Digest& key, Kind kind, Time now) noexcept {
    FoundEntry found;
    const auto size = slots.read(key, kind, now, found.copy, Touch::if_due);
    if (!size || *size < kEntryHead) {
        return std::nullopt;
    }
    found.size = *size;
    found.number = word(found.copy, 0);
    found.kind = kind;
    return found;
}

bool is_version(const std::optional<FoundEntry>& found, std::string_view version) noexcept {
    if (!found || version.empty()) {
        return !found && version.empty();
    }
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(version.data(), version.data() + version.size(), number);
    return error == std::errc() && end == version.data() + version.size() &&
           number == found->number;
}

}  // namespace

std::optional<FoundEntry> read_entry(Slots& slots, const Digest& key, Time now) noexcept {
    auto even = read_kind(slots, key, Kind::even_entry, now);
    auto odd = read_kind(slots, key, Kind::odd_entry, now);
    const bool odd_is_newer = odd && (!even || odd->number > even->number);
    return odd_is_newer ? odd : even;
}

std::optional<std::uint64_t> swap_entry(Slots& slots, const Digest& key, std::string_view version,
                                        std::span<const std::byte> record, Time until,
                                        Time now) noexcept {
    const auto found = read_entry(slots, key, now);
    if (!guard("entry version", is_version(found, version))) {
        return std::nullopt;
    }
    const std::uint64_t number = found ? found->number + 1 : 1;
    Copy content;  // NOLINT(cppcoreguidelines-pro-type-member-init): written before it is read
    std::memcpy(content.data(), &number, sizeof number);
    std::copy(record.begin(), record.end(), content.begin() + kEntryHead);

    const Kind kind = found && found->kind == Kind::even_entry ? Kind::odd_entry : Kind::even_entry;
    slots.write(key, kind, std::span(content).first(kEntryHead + record.size()),
                {until, Seconds{0}}, now, Owner{});
    if (found) {
        slots.erase(key, found->kind);
    }
    return number;
}

}  // namespace clave::zone
