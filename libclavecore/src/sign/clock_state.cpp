#include "sign/clock_state.h"

#include <sys/timex.h>

namespace clave {

std::string_view clock_state() noexcept {
    timex asked{};  // no modes: nothing is set, and no right is needed (adjtimex(2))
    const int state = ::adjtimex(&asked);
    // A service that may not touch the clock (ProtectClock= of systemd) may not ask either.
    if (state < 0) {
        return "unknown";
    }
    return state == TIME_ERROR || (asked.status & STA_UNSYNC) != 0 ? "unsynchronised"
                                                                   : "synchronised";
}

}  // namespace clave
