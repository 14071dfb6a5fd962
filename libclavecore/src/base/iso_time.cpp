#include "clave/iso_time.h"

#include <cstddef>
#include <cstdio>

#include "base/guard.h"

namespace clave {
namespace {

constexpr std::size_t kWholeSeconds = 19;  // "2026-11-21T10:00:00"
constexpr std::size_t kMostFraction = 9;

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// `pattern`: 'd' stands for a digit, anything else for itself.
constexpr bool has_form(std::string_view text, std::string_view pattern) noexcept {
    if (text.size() != pattern.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (pattern[i] == 'd' ? !is_digit(text[i]) : text[i] != pattern[i]) {
            return false;
        }
    }
    return true;
}

constexpr unsigned number(std::string_view digits) noexcept {
    unsigned value = 0;
    for (const char c : digits) {
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return value;
}

// What may follow the seconds: "Z", or a fraction and "Z".
constexpr bool is_utc_ending(std::string_view text) noexcept {
    if (text.empty() || text.back() != 'Z') {
        return false;
    }
    text.remove_suffix(1);
    if (text.empty()) {
        return true;
    }
    if (text.front() != '.' || text.size() < 2 || text.size() > 1 + kMostFraction) {
        return false;
    }
    for (const char c : text.substr(1)) {
        if (!is_digit(c)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<Time> parse_utc(std::string_view text) noexcept {
    using namespace std::chrono;
    const std::string_view whole = text.substr(0, kWholeSeconds);
    if (!has_form(whole, "dddd-dd-ddTdd:dd:dd") || !is_utc_ending(text.substr(whole.size()))) {
        return std::nullopt;
    }
    const unsigned calendar_year = number(whole.substr(0, 4));
    const year_month_day date{year{static_cast<int>(calendar_year)},
                              month{number(whole.substr(5, 2))}, day{number(whole.substr(8, 2))}};
    const unsigned hour = number(whole.substr(11, 2));
    const unsigned minute = number(whole.substr(14, 2));
    const unsigned second = number(whole.substr(17, 2));
    if (calendar_year < 1970 || calendar_year > 9998 || !guard("calendar date", date.ok()) ||
        hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

std::string format_utc(Time time) {
    using namespace std::chrono;
    const auto midnight = floor<days>(time);
    const year_month_day date{midnight};
    const hh_mm_ss clock{time - midnight};
    char text[40];
    const int length = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text, static_cast<std::size_t>(length)};
}

}  // namespace clave
