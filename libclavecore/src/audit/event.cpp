#include "clave/event.h"

namespace clave {

std::string_view name(EventKind kind) noexcept {
    switch (kind) {
        case EventKind::login:
            return "login";
        case EventKind::step_up:
            return "step_up";
        case EventKind::logout:
            return "logout";
        case EventKind::logout_confirmed:
            return "logout_confirmed";
        case EventKind::session_end:
            return "session_end";
        case EventKind::signature:
            return "signature";
        case EventKind::operator_end:
            return "operator_end";
    }
    return {};
}

std::string_view word(EndReason reason) noexcept {
    switch (reason) {
        case EndReason::login:
            return "login";
        case EndReason::step_up:
            return "step_up";
        case EndReason::idle:
            return "idle";
        case EndReason::absolute:
            return "absolute";
        case EndReason::limit:
            return "limit";
        case EndReason::evicted:
            return "evicted";
    }
    return {};
}

std::string event_line(const Event& event) {
    if (event.kind == EventKind::logout_confirmed) {
        return "logout confirmed by the gateway";
    }
    if (event.signature) {
        return "signature " + std::string(word(event.signature->state)) +
               " ref=" + event.signature->number;
    }
    const Concerned& who = event.who;
    if (event.kind == EventKind::operator_end) {
        return "session ended by the operator session=" + who.session;
    }
    if (event.kind == EventKind::logout) {
        return "logout session=" + who.session;
    }
    if (event.kind == EventKind::session_end) {
        return "session ended session=" + who.session + " reason=" + std::string(word(event.end));
    }
    // The same words for a step-up: it is a login that replaces a session.
    std::string line = "login level=" + who.level;
    if (who.method) {
        line += " method=" + std::string(name(*who.method));
    }
    if (who.loa) {
        line += " loa=" + std::string(name(*who.loa));
    }
    return line + " session=" + who.session;
}

}  // namespace clave
