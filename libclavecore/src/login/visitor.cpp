#include "login/visitor.h"

#include <algorithm>

namespace clave {
namespace {

bool contains(std::string_view text, std::string_view part) noexcept {
    return text.find(part) != std::string_view::npos;
}

// The handshake of a WebSocket (RFC 6455 section 4.1); no browser shows its answer to anybody. The
// other protocols that are upgraded to, h2c above all, come with page loads.
bool asks_for_socket(std::string_view upgrade) noexcept {
    constexpr std::string_view kSocket = "websocket";
    return upgrade.size() == kSocket.size() &&
           std::equal(upgrade.begin(), upgrade.end(), kSocket.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
           });
}

// Fetch Metadata where the browser sends it; else the two older habits of scripts. No Accept at
// all, or "*/*", is a person with curl or an old browser.
bool is_script(const Request& request) noexcept {
    if (!request.requested_with.empty() || asks_for_socket(request.upgrade)) {
        return true;
    }
    if (!request.fetch_mode.empty() && request.fetch_mode != "navigate") {
        return true;
    }
    // A login inside a frame ends at the gateway's refusal to be framed.
    if (!request.fetch_dest.empty() && request.fetch_dest != "document") {
        return true;
    }
    if (contains(request.accept, "text/event-stream") ||
        request.content_type.starts_with("application/grpc")) {
        return true;
    }
    return contains(request.accept, "application/json") && !contains(request.accept, "text/html");
}

}  // namespace

Visitor visitor(const Request& request, Unauthenticated mode) noexcept {
    if (mode == Unauthenticated::status_401 || request.method == "OPTIONS") {
        return Visitor::script;
    }
    if (mode == Unauthenticated::automatic && is_script(request)) {
        return Visitor::script;
    }
    return request.method == "GET" || request.method == "HEAD" ? Visitor::page : Visitor::form;
}

}  // namespace clave
