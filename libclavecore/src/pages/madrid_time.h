// The legal time of mainland Spain, without the machine's tables of time zones: the rule is
// Directive 2000/84/EC's, the same in the whole Union since 2002.
#pragma once

#include <string>

#include "clave/host.h"

namespace clave::pages {

// Two hours ahead of UTC from the last Sunday of March, 01:00 UTC, to the last Sunday of October,
// 01:00 UTC; one hour ahead otherwise.
int madrid_offset_hours(Time time) noexcept;

// As read on a clock; texts for the catalogue's patterns.
struct ClockReading {
    std::string year, month, day;  // "2026", "03", "29"
    std::string time;              // "02:05:09"
};
// `offset_hours` ahead of UTC. For years of four digits.
ClockReading read_clock(Time time, int offset_hours);

}  // namespace clave::pages
