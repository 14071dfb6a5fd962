#include "login/same_origin.h"

namespace clave {

Sender sender_of(const Site& site, const Request& request) noexcept {
    // No script can set this header, and no Referrer-Policy takes it away. "none" is an act of the
    // person in the browser itself, which for a POST is a page loaded again.
    if (!request.fetch_site.empty()) {
        if (request.fetch_site == "none") {
            return Sender::unknown;
        }
        return request.fetch_site == "same-origin" ? Sender::own : Sender::foreign;
    }
    // "null" is what a page with `Referrer-Policy: no-referrer`, ours among them, says of itself.
    if (request.origin.empty() || request.origin == "null") {
        return Sender::unknown;
    }
    return request.origin == site.origin ? Sender::own : Sender::foreign;
}

}  // namespace clave
