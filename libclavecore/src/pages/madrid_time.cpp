#include "pages/madrid_time.h"

#include <chrono>

namespace clave::pages {
namespace {

Time last_sunday_at_one(std::chrono::year year, std::chrono::month month) noexcept {
    using namespace std::chrono;
    return sys_days(year / month / Sunday[last]) + hours(1);
}

std::string two_digits(std::int64_t number) {
    return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

int madrid_offset_hours(Time time) noexcept {
    using namespace std::chrono;
    const year_month_day day(floor<days>(time));
    const bool summer = time >= last_sunday_at_one(day.year(), March) &&
                        time < last_sunday_at_one(day.year(), October);
    return summer ? 2 : 1;
}

ClockReading read_clock(Time time, int offset_hours) {
    using namespace std::chrono;
    const Time there = time + hours(offset_hours);
    const sys_days midnight = floor<days>(there);
    const year_month_day day(midnight);
    const hh_mm_ss clock(there - midnight);
    return {std::to_string(static_cast<int>(day.year())),
            two_digits(static_cast<unsigned>(day.month())),
            two_digits(static_cast<unsigned>(day.day())),
            two_digits(clock.hours().count()) + ":" + two_digits(clock.minutes().count()) + ":" +
                two_digits(clock.seconds().count())};
}

}  // namespace clave::pages
