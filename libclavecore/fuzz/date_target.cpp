// xs:dateTime against the C library (S-56).
#include <cstdio>
#include <ctime>
#include <string>

#include "clave/iso_time.h"
#include "target.h"

namespace clave::fuzz {

bool run(std::string_view input) {
    const auto time = parse_utc(input);
    if (!time) {
        return false;
    }
    const std::string canonical = format_utc(*time);
    const std::size_t fraction = input.find('.');
    const std::string without = fraction == std::string_view::npos
                                    ? std::string(input)
                                    : std::string(input.substr(0, fraction)) + "Z";
    require(canonical == without, "a time is written as it was read");

    std::tm parts{};
    char zone = 0;
    const int fields =
        std::sscanf(canonical.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%c", &parts.tm_year, &parts.tm_mon,
                    &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &zone);
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    require(fields == 7 && zone == 'Z', "the form is that of xs:dateTime");
    require(timegm(&parts) == time->time_since_epoch().count(), "the C library agrees");
    return true;
}

}  // namespace clave::fuzz
