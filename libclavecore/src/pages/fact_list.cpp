#include "pages/fact_list.h"

#include <array>

#include "pages/madrid_time.h"
#include "pages/visible_text.h"

namespace clave::pages {
namespace {

// The month as the language writes it in a date: its number, or its name where a number could be
// the day's.
std::string_view month_of(const Writer& page, const ClockReading& clock) {
    std::string_view months = page.say("sign.months");
    for (int before = std::stoi(clock.month) - 1; before > 0; --before) {
        months.remove_prefix(months.find(' ') + 1);
    }
    return months.substr(0, months.find(' '));
}

Html day_of(const Writer& page, const ClockReading& clock) {
    const std::string_view month = month_of(page, clock);
    std::string_view day = clock.day;
    if (month != clock.month && day.starts_with('0')) {
        day.remove_prefix(1);
    }
    return phrase(page.say("sign.day"), {{"year", clock.year}, {"month", month}, {"day", day}});
}

}  // namespace

void FactList::add(Key label, std::string_view text) {
    if (!text.empty()) {
        add(label, fill("<bdi>{text}</bdi>", {{"text", visible_text(text)}}));
    }
}

void FactList::add_code(Key label, std::string_view text) {
    if (!text.empty()) {
        add(label, fill("<code>{text}</code>", {{"text", visible_text(text)}}));
    }
}

void FactList::add(Key label, const Html& html) {
    items_ += fill("<div><dt>{label}</dt><dd>{value}</dd></div>\n",
                   {{"label", page_.say(label)}, {"value", html}});
}

Html FactList::html() const {
    if (items_.empty()) {
        return {};
    }
    return fill("<dl class=\"facts\">\n{items}</dl>\n", {{"items", items_}});
}

Html size_in_words(const Writer& page, std::uint64_t bytes) {
    if (bytes < 1000) {
        return phrase(page.say("sign.bytes"), {{"n", std::to_string(bytes)}});
    }
    static constexpr std::array<std::string_view, 6> kUnits = {"kB", "MB", "GB", "TB", "PB", "EB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes / 100;  // of a kB, rounded down as all that follow
    while (tenths >= 10'000 && unit + 1 < kUnits.size()) {
        tenths /= 1000;
        ++unit;
    }
    const std::string number = std::to_string(tenths / 10) +
                               std::string(page.say("sign.decimal_mark")) +
                               std::to_string(tenths % 10);
    return fill("{number} {unit}", {{"number", number}, {"unit", kUnits[unit]}});
}

Html day_in_words(const Writer& page, Time time) {
    return day_of(page, read_clock(time, madrid_offset_hours(time)));
}

Html madrid_time_in_words(const Writer& page, Time time) {
    const int offset = madrid_offset_hours(time);
    const ClockReading clock = read_clock(time, offset);
    return phrase(
        page.say("sign.madrid_time"),
        {{"day", day_of(page, clock)}, {"time", clock.time}, {"offset", std::to_string(offset)}});
}

Html utc_in_words(const Writer& page, Time time) {
    const ClockReading clock = read_clock(time, 0);
    return phrase(page.say("sign.utc"), {{"day", day_of(page, clock)}, {"time", clock.time}});
}

}  // namespace clave::pages
