// When to speak of a certificate that ends: 60, 30, 14, 7, 3 and 1 days before, and every day once
// it has ended. That it has ended is no reason to refuse it (product.md section 4, checklist S-28).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "clave/error.h"
#include "clave/host.h"
#include "clave/pki.h"

namespace clave {

struct EndNotice {
    Severity severity;  // warn before the end, error after it
    long days;          // whole days that are left, or that have passed since
    bool ended;
};

// On a start or a new configuration: of everything that ends within 60 days or has ended.
std::optional<EndNotice> end_notice_at_start(Time not_after, Time now) noexcept;

// While running: if one of the moments lies after `last`, when this was last asked, up to and
// including `now`. However seldom one asks, and whatever the clock did, none is missed or told
// twice.
std::optional<EndNotice> end_notice(Time not_after, Time last, Time now) noexcept;

// The first of the moments after `now`.
Time next_end_notice(Time not_after, Time now) noexcept;

// `certificate "CN=SEDE" (clave_certificate) ends in 14 days, on 2026-12-05T10:00:00Z`
std::string end_notice_text(const EndNotice& notice, std::string_view role,
                            const Certificate& certificate);

// Of a certificate that has not begun at `now`; nothing to say of any other.
std::optional<std::string> begin_notice(std::string_view role, const Certificate& certificate,
                                        Time now);

}  // namespace clave
