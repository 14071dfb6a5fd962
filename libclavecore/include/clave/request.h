// The two plain structs between the host and the core's endpoints.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clave/error.h"
#include "clave/event.h"
#include "clave/host.h"
#include "clave/open_file.h"

namespace clave {

// One request as the host saw it. Views point into memory that the host keeps until the Reply (or
// the destruction of the Task) is back. Nothing here has been decoded but `path`.
struct Request {
    std::string_view method;      // "GET"
    std::string_view path;        // normalised, decoded, without query
    std::string_view raw_target;  // as sent: path and query, for the way back after a login
    std::string_view query;       // raw, without '?'
    std::string_view content_type;
    std::string_view body;  // whole; empty unless an endpoint reads one
    // The body, where an endpoint takes one that is too large for memory. Whoever keeps it longer
    // than the request duplicates it.
    int body_file = -1;
    std::uint64_t body_size = 0;
    std::string_view accept;
    std::string_view accept_language;
    std::string_view requested_with;  // X-Requested-With
    std::string_view upgrade;         // Upgrade
    std::string_view fetch_site;      // Sec-Fetch-Site, -Mode, -Dest
    std::string_view fetch_mode;
    std::string_view fetch_dest;
    std::string_view origin;
    std::vector<std::string_view> cookies;  // each Cookie header value, unparsed
    std::string_view referer;  // where a script's login leads back to; may be left empty
    std::string_view address;  // of the client, in any form: for the fair share of a quota only
    // Of the logouts, and of logins that nobody waits for, which no Reply carries; nullptr: nobody
    // wants to know of them.
    EventWitness* witness = nullptr;
};

// Why the answer is not what was asked for; the host writes it as the one log line.
struct Refusal {
    Error error;
    std::string ref;  // "7F3K-92QD": in the log and on the page
    Concerned who{};
    std::optional<EventKind> instead_of{};  // a login or a step-up that it was the end of
    // It brought what none of our keys has sealed. Anybody can; machines that share an address and
    // not their keys do it to everybody, so it is worth a warning now and then.
    bool sealed_elsewhere = false;
};

// A page that explains and refuses nothing: whoever asks for help with it has a reference, too.
struct ShownPage {
    std::string_view word;  // a literal: "redirect"
    std::string ref;
};

struct Reply {
    int status = 500;
    std::string content_type;  // empty: no body, no Content-Type
    std::string body;
    // Instead of a body: the whole of this file, which is this long.
    std::shared_ptr<const OpenFile> file;
    std::uint64_t file_size = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // Location, Set-Cookie, …
    std::vector<Refusal> refusals;                             // none or one, but for a step-up
    std::vector<Event> events;                                 // what went well
    std::optional<ShownPage> shown;
    // How far the gateway's clock is ahead of ours, by an answer of it that was believed.
    std::optional<Seconds> gateway_ahead;
};

}  // namespace clave
