#include "clave/expiry.h"

#include <array>
#include <chrono>

#include "clave/iso_time.h"

namespace clave {
namespace {

using std::chrono::days;

constexpr std::array kDaysBefore{days(60), days(30), days(14), days(7), days(3), days(1)};

// The moments at which there is something to say: these days before the end, the end, and every
// whole day after it.
std::optional<Time> latest_moment(Time not_after, Time now) noexcept {
    if (now >= not_after) {
        return not_after + std::chrono::floor<days>(now - not_after);
    }
    std::optional<Time> latest;
    for (const days before : kDaysBefore) {
        if (not_after - before <= now) {
            latest = not_after - before;
        }
    }
    return latest;
}

std::string days_text(long count) {
    return std::to_string(count) + (count == 1 ? " day" : " days");
}

}  // namespace

std::optional<EndNotice> end_notice_at_start(Time not_after, Time now) noexcept {
    if (!latest_moment(not_after, now)) {
        return std::nullopt;
    }
    if (now >= not_after) {
        return EndNotice{Severity::error, std::chrono::floor<days>(now - not_after).count(), true};
    }
    return EndNotice{Severity::warn, std::chrono::ceil<days>(not_after - now).count(), false};
}

std::optional<EndNotice> end_notice(Time not_after, Time last, Time now) noexcept {
    const auto moment = latest_moment(not_after, now);
    return moment && *moment > last ? end_notice_at_start(not_after, now) : std::nullopt;
}

Time next_end_notice(Time not_after, Time now) noexcept {
    for (const days before : kDaysBefore) {
        if (not_after - before > now) {
            return not_after - before;
        }
    }
    return now < not_after ? not_after
                           : not_after + std::chrono::floor<days>(now - not_after) + days(1);
}

std::string end_notice_text(const EndNotice& notice, std::string_view role,
                            const Certificate& certificate) {
    std::string text = "certificate \"" + certificate.subject() + "\" ";
    if (!notice.ended) {
        text += "ends in " + days_text(notice.days);
    } else if (notice.days == 0) {
        text += "has ended";
    } else {
        text += "has ended " + days_text(notice.days) + " ago";
    }
    text += " (" + std::string(role) + ", " + format_utc(certificate.not_after()) + ")";
    if (notice.ended) {
        text += "; logins go on, but the other side may refuse it";
    }
    return text;
}

std::optional<std::string> begin_notice(std::string_view role, const Certificate& certificate,
                                        Time now) {
    if (now >= certificate.not_before()) {
        return std::nullopt;
    }
    return "certificate \"" + certificate.subject() + "\" is not valid before " +
           format_utc(certificate.not_before()) + " (" + std::string(role) +
           "); logins go on, but the other side may refuse it";
}

}  // namespace clave
